import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** Where the secrets of one system may appear: only in these headers of requests to it. */
export interface TrafficOptions {
  /** "Slack", for messages. */
  readonly system: string;
  /** Secrets by name that belong to this system. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Lower case. */
  readonly headers: readonly string[];
}

/** One request, as far as it was received. */
export interface RecordedTraffic {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Chunks are added as they arrive. */
  readonly body: Buffer[];
}

export interface Traffic {
  /** Call it before responding. The body is added as it is read. */
  readonly record: (request: IncomingMessage) => RecordedTraffic;
  /** @throws with each place that contains a secret of another system */
  readonly check: () => void;
}

/** All secrets that this process knows, of any system: a Jira token in a message to Slack is found, too. */
const known = new Map<string, string>();

/** From now on, no stand-in may receive this value. For secrets of no stand-in: the database password, canaries. */
export function guardSecret(name: string, value: string): void {
  if (value.length < 8) throw new Error(`${name} is too short to be told from other text`);
  known.set(value, name);
}

export function recordTraffic({ system, secrets, headers }: TrafficOptions): Traffic {
  const recorded: RecordedTraffic[] = [];
  for (const [name, value] of Object.entries(secrets)) guardSecret(name, value);
  const own = new Set(Object.values(secrets));
  return {
    record: (request) => {
      const entry = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: [],
      };
      recorded.push(entry);
      return entry;
    },
    check: () => {
      const needles = [...known].map(([value, name]) => ({ value, name, forms: formsOf(value) }));
      const found = recorded.flatMap((entry) =>
        partsOf(entry).flatMap(({ part, text }) => {
          const readings = readingsOf(text);
          return needles
            .filter(({ value }) => !(own.has(value) && headers.includes(part)))
            .filter(({ forms }) => forms.some((form) => readings.some((reading) => reading.includes(form))))
            .map(({ name }) => `${name} in ${part} of ${entry.method} ${entry.url.split('?')[0]}`);
        }),
      );
      if (found.length > 0) throw new Error(`${system} was sent secrets: ${[...new Set(found)].join('; ')}`);
    },
  };
}

function partsOf({ method, url, headers, body }: RecordedTraffic): { part: string; text: string }[] {
  return [
    { part: 'the address', text: `${method} ${url}` },
    ...Object.entries(headers).map(([name, value]) => ({ part: name, text: `${name}: ${[value].flat().join('\n')}` })),
    { part: 'the body', text: Buffer.concat(body).toString('utf8') },
  ];
}

/** The forms of a secret in a text: plain, hex, and base64 at each byte offset. */
function formsOf(secret: string): string[] {
  const encoded = [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    // The first and last characters also encode neighbouring bits.
    const from = Math.ceil((before * 8) / 6);
    return bytes.toString('base64').slice(from, Math.floor((bytes.length * 8) / 6));
  });
  const forURLs = encoded.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  return [...new Set([secret, Buffer.from(secret).toString('hex'), ...encoded, ...forURLs])];
}

/** A text and its unescaped forms, however deeply nested: a form that contains JSON that contains JSON. */
function readingsOf(text: string): string[] {
  const readings = new Set([text]);
  // Also visits what it adds. Each form is shorter than its source.
  for (const reading of readings) {
    readings.add(unescapeUrl(reading));
    readings.add(unescapeJson(reading));
  }
  return [...readings];
}

/** Byte by byte, so that an invalid escape hides nothing. */
function unescapeUrl(text: string): string {
  if (!text.includes('%')) return text;
  return text.replaceAll(/%([\da-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

const short: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

function unescapeJson(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\(?:u([\da-f]{4})|(.))/gis, (_, code: string | undefined, one: string) =>
    code === undefined ? (short[one] ?? one) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
