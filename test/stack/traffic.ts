import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** Where the secrets of one system may stand: in these headers of requests to it, and nowhere else. */
export interface TrafficOptions {
  /** "Slack", for messages. */
  readonly system: string;
  /** Secrets by name that belong to this system. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Lower case. */
  readonly headers: readonly string[];
}

/** One request as it came, as far as it came. */
export interface RecordedTraffic {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Chunks are pushed as they come. */
  readonly body: Buffer[];
}

export interface Traffic {
  /** To be called before anything is answered; the body is added as it is read. */
  readonly record: (request: IncomingMessage) => RecordedTraffic;
  /** @throws naming each place where a secret stands that it does not belong to. */
  readonly check: () => void;
}

/** Every secret that this process knows of, whoever's it is: a token of Jira in a message to Slack is found too. */
const known = new Map<string, string>();

/** From now on no stand-in may be sent this value. For what belongs to no stand-in: the database's password, canaries. */
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

/** A secret as it stands in a text: as it is, in hex, and in base64 at whichever byte it begins there. */
function formsOf(secret: string): string[] {
  const encoded = [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    // The first and last characters also hold bits of what stands beside it.
    const from = Math.ceil((before * 8) / 6);
    return bytes.toString('base64').slice(from, Math.floor((bytes.length * 8) / 6));
  });
  const forURLs = encoded.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  return [...new Set([secret, Buffer.from(secret).toString('hex'), ...encoded, ...forURLs])];
}

/** A text as it is, and as its escapes would be read, however deep: a form that holds JSON that holds JSON. */
function readingsOf(text: string): string[] {
  const readings = new Set([text]);
  // Goes on over what it adds; each is shorter than what it came from.
  for (const reading of readings) {
    readings.add(unescapeUrl(reading));
    readings.add(unescapeJson(reading));
  }
  return [...readings];
}

/** Byte by byte, so that one wrong escape hides nothing. */
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
