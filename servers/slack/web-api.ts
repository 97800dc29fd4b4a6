import { WebClient, type Logger, LogLevel } from '@slack/web-api';
import { createOutbound } from '../contract/network/outbound.ts';
import { ToolError } from '../kit/errors.ts';
import type { Log } from '../kit/log.ts';
import { retryAfterMs } from '../contract/retry-after.ts';
import { askUpstream, httpAttributes } from '../kit/telemetry/telemetry.ts';
import { breakerFor } from '../kit/upstream/breaker.ts';
import { requireReadable } from '../kit/file-text.ts';
import type { CallOptions, ClientSettings, Download } from './client-settings.ts';
import { type Answered, failureOf } from './to-tool-error.ts';

const outbound = createOutbound(process.env);
const timeoutMs = 15_000;
/** A page of people or messages is some 500 KB. */
const longestAnswer = 20 * 1024 * 1024;

interface Call {
  readonly method: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly options: CallOptions;
  readonly settings: ClientSettings;
  readonly log: Log;
}

/** One request to one method, never retried. @throws ToolError */
export async function callOnce({ method, input, options, settings, log }: Call): Promise<unknown> {
  const token = options.as === 'person' ? settings.userToken : settings.botToken;
  if (token === undefined)
    throw new ToolError('not_configured', 'Slack lets only users search, and SLACK_USER_TOKEN is not set.', {
      hint: 'Read the channel with read_slack_channel instead.',
    });
  requireEncodable(input, method);
  let answered: Answered | undefined;
  // One client per call: the library accepts no abort signal, but it accepts the function that sends.
  const client = new WebClient(token, {
    slackApiUrl: settings.apiUrl,
    timeout: timeoutMs,
    retryConfig: { retries: 0 }, // its retries could post twice
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false, // could send the token anywhere
    logger: quietLogger(log),
    fetch: async (url, init) => {
      const limit = init?.signal ?? undefined;
      // A write that has started is awaited even after a cancellation, because its outcome must be known.
      const signals = [limit, options.write === true ? undefined : options.signal].filter((one) => one !== undefined);
      const signal = AbortSignal.any(signals);
      const response = await askUpstream(
        settings.telemetry,
        {
          upstream: 'slack',
          name: `POST ${method}`,
          attributes: httpAttributes('POST', new URL(settings.apiUrl)),
        },
        (trace) => {
          const headers = new Headers(init?.headers);
          for (const [name, value] of Object.entries(trace)) headers.set(name, value);
          return outbound.fetch(url, { ...init, headers, signal });
        },
        ({ status }) => status,
      );
      answered = { status: response.status, retryAfterMs: retryAfterMs(response.headers.get('retry-after')) };
      return await readWhole(response, method, options);
    },
  });
  const { write = false, as = 'bot', signal } = options;
  const ask = async (): Promise<unknown> => {
    try {
      return await client.apiCall(method, input);
    } catch (error) {
      throw failureOf(error, { method, write, answered, signal, as });
    }
  };
  return breakerFor(`Slack at ${new URL(settings.apiUrl).host}`).run(ask, (outcome) => {
    if (answered !== undefined) return [502, 503, 504].includes(answered.status) ? 'down' : 'up';
    if (outcome.kind === 'returned') return 'up';
    return outcome.error instanceof ToolError && outcome.error.code === 'unreachable' ? 'down' : 'unclear';
  });
}

/** The library rejects half a surrogate pair only while sending, which looks like a lost response. */
function requireEncodable(input: unknown, method: string): void {
  if (typeof input === 'string' && !input.isWellFormed())
    throw new ToolError(
      'invalid_arguments',
      `The text contains half a surrogate pair, which cannot be encoded; ${method} was not sent.`,
    );
  if (typeof input === 'object' && input !== null)
    for (const [name, value] of Object.entries(input)) {
      requireEncodable(name, method);
      requireEncodable(value, method);
    }
}

/** Limits what the library would otherwise buffer without bound, including decompressed responses. */
async function readWhole(response: Response, method: string, { write }: CallOptions): Promise<Response> {
  if (response.body === null) return response;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length <= longestAnswer) continue;
    throw new ToolError(
      write === true ? 'outcome_unknown' : 'too_large',
      `Slack's response to ${method} is longer than ${longestAnswer / 1024 / 1024} MB.`,
    );
  }
  const { status, statusText, headers } = response;
  return new Response(Buffer.concat(chunks), { status, statusText, headers });
}

/** Files come from and go to Slack's own hosts, or the stand-in of the API address. */
function isSlacks(target: URL, apiUrl: string): boolean {
  const own = target.protocol === 'https:' && /(?:^|\.)slack(?:-files|-gov)?\.com$/.test(target.hostname);
  return own || target.origin === new URL(apiUrl).origin;
}

/** The request carries the token, so redirects are not followed. */
export async function download(url: string, settings: ClientSettings, { signal }: CallOptions): Promise<Download> {
  if (!URL.canParse(url) || !isSlacks(new URL(url), settings.apiUrl))
    throw new ToolError('upstream_error', 'Slack named a file address outside Slack. It was not fetched.');
  const method = 'the file';
  const failed = (error: unknown) => failureOf(error, { method, write: false, answered: undefined, as: 'bot', signal });
  let response: Response;
  try {
    response = await outbound.fetch(url, {
      headers: { authorization: `Bearer ${settings.botToken}` },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs * 4)]),
    });
  } catch (error) {
    throw failed(error);
  }
  if (!response.ok) {
    await response.body?.cancel();
    const code = response.status === 404 ? 'not_found' : response.status < 500 ? 'forbidden' : 'upstream_error';
    throw new ToolError(code, `Slack returned ${response.status} to the request for the file.`, {
      hint: "Give the app the scope files:read, and invite it to the file's channel.",
    });
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      length += chunk.length;
      requireReadable('The file', length);
    }
  } catch (error) {
    throw failed(error);
  }
  return { bytes: Buffer.concat(chunks), contentType: response.headers.get('content-type') ?? '' };
}

/** The request does not carry the token. */
export async function upload(url: string, content: Buffer, apiUrl: string, options: CallOptions): Promise<void> {
  const target = new URL(url);
  if (!isSlacks(target, apiUrl))
    throw new ToolError(
      'upstream_error',
      `Slack named an upload address of another host (${target.host}); nothing was sent.`,
    );
  const limit = AbortSignal.timeout(timeoutMs * 4);
  const signal = options.write === true ? limit : AbortSignal.any([limit, options.signal]);
  let response: Response;
  try {
    response = await outbound.fetch(target, {
      method: 'POST',
      body: new Uint8Array(content),
      headers: { 'content-type': 'application/octet-stream' },
      redirect: 'error',
      signal,
    });
  } catch (error) {
    throw failureOf(error, {
      method: 'the file upload',
      write: options.write === true,
      answered: undefined,
      as: 'bot',
      signal: options.signal,
    });
  }
  await response.body?.cancel();
  if (!response.ok)
    throw new ToolError(
      options.write === true && (response.status >= 500 || response.status === 408)
        ? 'outcome_unknown'
        : 'upstream_error',
      `Slack returned ${response.status} to the file upload.`,
    );
}

/** The library's own logger writes to stdout, which is reserved for the protocol. */
function quietLogger(log: Log): Logger {
  const write = (...message: unknown[]): void => log('debug', 'web-api', { text: message.map(String).join(' ') });
  return {
    debug: () => undefined, // could contain message text
    info: write,
    warn: write,
    error: write,
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}
