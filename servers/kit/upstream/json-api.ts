import type * as z from 'zod';
import { networkFault, type NetworkFault } from '../../contract/network/faults.ts';
import { createOutbound } from '../../contract/network/outbound.ts';
import { retryAfterMs } from '../../contract/retry-after.ts';
import type { Renewable } from '../../contract/secrets/renewable.ts';
import { ToolError } from '../errors.ts';
import type { Pauses } from '../pauses.ts';
import { breakerFor, type Outcome } from './breaker.ts';

/** A system with a JSON API over HTTP and a token, for servers that need no client library. */
export interface JsonApiSettings {
  /** For messages: "Status Page". */
  readonly system: string;
  /** As `baseUrl` reads it. */
  readonly baseUrl: string;
  /** The variable to check when the token is rejected. */
  readonly tokenVariable: string;
  /** @throws ToolError for a caller who has none. */
  readonly token: () => Promise<Renewable<string>>;
  readonly pauses: Pauses;
}

export interface JsonRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Starts with a slash. What comes from a caller goes through `encodeURIComponent`, or into `query`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
}

export interface JsonApi {
  /**
   * Sends one request; redirects are not followed. Anything but GET counts as a write: it is not aborted once it is on
   * its way, and a lost response is `outcome_unknown`.
   * @throws ToolError
   */
  readonly send: <Schema extends z.ZodType>(
    request: JsonRequest,
    schema: Schema,
    signal: AbortSignal,
  ) => Promise<z.infer<Schema>>;
}

interface Answer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly body: string;
}

interface Circumstances {
  readonly settings: JsonApiSettings;
  readonly isWrite: boolean;
  readonly signal: AbortSignal;
}

const deadlineMs = 30_000;
const longestAnswer = 10 * 1024 * 1024;
/** Failures before any byte of the request left this machine. */
const neverSent: readonly NetworkFault['kind'][] = ['certificate', 'name', 'refused', 'proxy', 'address'];

export function createJsonApi(settings: JsonApiSettings): JsonApi {
  const outbound = createOutbound(process.env);
  const breaker = breakerFor(`${settings.system} at ${new URL(settings.baseUrl).host}`);

  const sendOnce = async (request: JsonRequest, token: string, about: Circumstances): Promise<Answer> => {
    const { isWrite, signal } = about;
    if (signal.aborted) throw new ToolError('cancelled', 'The call was cancelled; nothing was sent.');
    const limit = AbortSignal.timeout(deadlineMs);
    try {
      const response = await outbound.fetch(addressOf(request, settings.baseUrl), {
        method: request.method,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${token}`,
          ...(request.body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
        redirect: 'manual',
        signal: isWrite ? limit : AbortSignal.any([limit, signal]),
      });
      const body = await readBody(response, about);
      return { status: response.status, retryAfterMs: retryAfterMs(response.headers.get('retry-after')), body };
    } catch (error) {
      throw lostAnswer(error, about);
    }
  };

  const sendIfUp = async (request: JsonRequest, token: string, about: Circumstances): Promise<Answer> => {
    const bucket = `${settings.baseUrl}\n${token}`;
    const left = settings.pauses.left(bucket);
    if (left > 0) throw limited(settings.system, left);
    const answer = await breaker.run(() => sendOnce(request, token, about), verdictOf);
    if (answer.status === 429 && answer.retryAfterMs !== undefined) settings.pauses.start(bucket, answer.retryAfterMs);
    return answer;
  };

  return {
    send: async (request, schema, signal) => {
      const about = { settings, isWrite: request.method !== 'GET', signal };
      const token = await settings.token();
      const used = token.current();
      const first = await sendIfUp(request, used, about);
      // A rejected token changed nothing, so even a write may be sent again with one that was rotated.
      const renewed = first.status === 401 && (await token.renew(used));
      const answer = renewed ? await sendIfUp(request, token.current(), about) : first;
      const failure = failureOf(answer, about);
      if (failure !== undefined) throw failure;
      const parsed = schema.safeParse(parseJson(answer.body));
      if (parsed.success) return parsed.data;
      const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'a JSON body').join(', ');
      throw new ToolError(
        about.isWrite ? 'outcome_unknown' : 'upstream_error',
        `The response of ${settings.system} is missing a required field: ${fields}.`,
      );
    },
  };
}

function addressOf({ path, query = {} }: JsonRequest, baseUrl: string): URL {
  const url = new URL(`${baseUrl}${path}`);
  // A path that changes when it is parsed leads elsewhere.
  if (url.href !== `${baseUrl}${path}` || /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i.test(path))
    throw new ToolError('invalid_arguments', 'An id in the request is invalid: it would change the address.');
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
  return url;
}

async function readBody(response: Response, { settings, isWrite }: Circumstances): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > longestAnswer)
      throw new ToolError(
        isWrite ? 'outcome_unknown' : 'too_large',
        `The response of ${settings.system} is longer than ${longestAnswer / 1024 / 1024} MB.`,
      );
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A DELETE may answer with nothing. */
function parseJson(body: string): unknown {
  if (body.trim() === '') return {};
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function failureOf({ status, body, ...answer }: Answer, { settings, isWrite }: Circumstances): ToolError | undefined {
  const { system, tokenVariable } = settings;
  if (status >= 200 && status < 300) return undefined;
  // What the system says is quoted in the details, never passed through as ours.
  const extra = { details: { status, said: body.slice(0, 500) } };
  switch (status) {
    case 400:
    case 422:
      return new ToolError('invalid_arguments', `${system} rejected the request.`, extra);
    case 401:
      return new ToolError('unauthorized', `${system} rejected the token.`, { hint: `Check ${tokenVariable}.` });
    case 403:
      return new ToolError('forbidden', `The ${system} account is not allowed to do this.`, extra);
    case 404:
    case 410:
      return new ToolError('not_found', `It does not exist in ${system}, or the account cannot see it.`, extra);
    case 409:
    case 412:
      return new ToolError('conflict', `Someone else changed it in ${system} at the same time.`, extra);
    case 413:
      return new ToolError('too_large', `The request is larger than ${system} accepts.`, extra);
    case 429:
      return limited(system, answer.retryAfterMs);
    default:
      // After a 5xx, part of a write may have been done.
      return isWrite && (status >= 500 || status === 408)
        ? new ToolError('outcome_unknown', `${system} failed while processing the request (${status}).`, extra)
        : new ToolError('upstream_error', `${system} responded with status ${status}.`, extra);
  }
}

function limited(system: string, wait: number | undefined): ToolError {
  return new ToolError('rate_limited', `${system} applied a rate limit.`, {
    ...(wait !== undefined && { retryAfterMs: wait }),
  });
}

/** No whole response arrived. */
function lostAnswer(error: unknown, { settings, isWrite, signal }: Circumstances): ToolError {
  if (error instanceof ToolError) return error;
  const { system, baseUrl } = settings;
  const cause = { cause: error };
  const fault = networkFault(error, new URL(baseUrl).host);
  if (fault !== undefined && neverSent.includes(fault.kind))
    return new ToolError(
      'unreachable',
      `${system} cannot be reached; nothing was sent.`,
      { hint: fault.message },
      cause,
    );
  if (!isWrite && signal.aborted) return new ToolError('cancelled', 'The call was cancelled.', {}, cause);
  const isLate = error instanceof Error && error.name === 'TimeoutError';
  const what = isLate
    ? `${system} did not respond within ${deadlineMs / 1000} s.`
    : `The connection to ${system} broke before the whole response arrived.`;
  if (isWrite) return new ToolError('outcome_unknown', what, {}, cause);
  return new ToolError(isLate ? 'timeout' : 'unreachable', what, {}, cause);
}

/** Whatever it says about a request, it is up; a proxy answers for one that is not. */
function verdictOf(outcome: Outcome<Answer>): 'down' | 'up' | 'unclear' {
  if (outcome.kind === 'returned') return [502, 503, 504].includes(outcome.value.status) ? 'down' : 'up';
  return outcome.error instanceof ToolError && outcome.error.code === 'unreachable' ? 'down' : 'unclear';
}
