import { setTimeout as wait } from 'node:timers/promises';
import type { Client, SendRequestOptions } from 'jira.js/core';
import * as z from 'zod';
import type { Renewable } from '../../contract/secrets/renewable.ts';
import { createOutbound } from '../../contract/network/outbound.ts';
import type { Outbound } from '../../contract/network/route.ts';
import { ToolError } from '../../kit/errors.ts';
import type { Pauses } from '../../kit/pauses.ts';
import { breakerFor, type Outcome, type Verdict } from '../../kit/upstream/breaker.ts';
import { askUpstream, httpAttributes, type Telemetry } from '../../kit/telemetry/telemetry.ts';
import { retryAfterMs } from '../../contract/retry-after.ts';
import { heedPauses, longestWaitMs, startPause } from './heed-pauses.ts';
import { send, type Answer, type Request } from './send.ts';
import { failureOf, notJson } from './to-tool-error.ts';

export interface TransportSettings {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly authorization: Renewable<string>;
  readonly pauses: Pauses;
  readonly telemetry: Telemetry;
  /** How long a response may take, up to its last byte. The default is 30 s. */
  readonly deadlineMs?: number;
}

/** The context of one tool call. */
export interface TransportCall {
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

/** A jira.js client that can also download files. */
export interface JiraClient extends Client {
  readonly download: (path: string, searchParams?: Record<string, unknown>) => Promise<Buffer>;
  /** The target of Jira's redirect, without following it; undefined if there is none. */
  readonly locate: (path: string) => Promise<URL | undefined>;
}

const usualDeadlineMs = 30_000;
const readAttempts = 3;
/** Reads that use POST only to send a long query. */
const readingPosts = /\/search(?:\/jql)?$/;

/** Connections are shared by the clients of all callers. */
let outbound: Outbound | undefined;

/**
 * A jira.js client over our own HTTP. It follows no redirects, retries a write only if Jira rejected it, and gives
 * every request a deadline that also ends with the call. Fails only with ToolError.
 */
export function createTransport(settings: TransportSettings): (call: TransportCall) => JiraClient {
  outbound ??= createOutbound(process.env);
  const way = { outbound, pauses: settings.pauses, telemetry: settings.telemetry };
  const breaker = breakerFor(`Jira at ${new URL(settings.baseUrl).origin}`);
  const sendIfUp = (request: Request, call: TransportCall): Promise<Answer> =>
    breaker.run(
      () => sendPatiently(request, call, way),
      (outcome) => verdictOf(outcome, call.signal),
    );
  /** A rejected login changed nothing, so even a write may be sent again with a secret that was rotated. */
  const sendAuthorized = async (request: Request, call: TransportCall): Promise<Answer> => {
    const used = settings.authorization.current();
    const answer = await sendIfUp(request, call);
    if (answer.status !== 401 || !(await settings.authorization.renew(used))) return answer;
    const headers = { ...request.headers, authorization: settings.authorization.current() };
    return sendIfUp({ ...request, headers }, call);
  };
  const ask = async (request: Request, call: TransportCall): Promise<Answer> => {
    const answer = await sendAuthorized(request, call);
    const failure = failureOf(answer, request);
    if (failure !== undefined) throw failure;
    return answer;
  };
  return (call) => ({
    download: async (url, searchParams = {}) => {
      const request = await prepare({ url, searchParams, headers: { accept: '*/*' } }, settings);
      return (await ask(request, call)).bytes;
    },
    locate: async (url) => {
      const request = await prepare({ url }, settings);
      const { status, headers } = await sendAuthorized(request, call);
      const location = headers.location ?? '';
      return status >= 300 && status < 400 && URL.canParse(location) ? new URL(location) : undefined;
    },
    sendRequest: async <T>(options: SendRequestOptions<T>): Promise<T> => {
      const request = await prepare(options, settings);
      const answer = await ask(request, call);
      // Skips the library's schemas, which are stricter than Jira: a created issue must not become an error because the
      // response has a new field. Our own schemas validate what we need.
      return z.custom<T>().parse(answer.body === '' ? undefined : parseJson(answer, request));
    },
  });
}

async function prepare<T>(options: SendRequestOptions<T>, settings: TransportSettings): Promise<Request> {
  const method = options.method ?? 'GET';
  const url = addressOf(options.url, settings.baseUrl);
  for (const [name, value] of Object.entries(options.searchParams ?? {}))
    if (value !== undefined && value !== null) url.searchParams.set(name, queryText(value));
  const content = options.body === undefined ? undefined : await encodeBody(options.body);
  const headers = {
    accept: 'application/json',
    authorization: settings.authorization.current(),
    ...options.headers,
    ...content?.headers,
  };
  const isWrite = !['GET', 'HEAD'].includes(method) && !readingPosts.test(url.pathname);
  const deadlineMs = settings.deadlineMs ?? usualDeadlineMs;
  return { method, url, headers, body: content?.bytes, isWrite, deadlineMs };
}

/** jira.js inserts path parameters unescaped, so a path that changes when parsed is rejected. */
function addressOf(path: string, baseUrl: string): URL {
  const url = new URL(`${baseUrl}${path}`);
  const isKnown = /^\/(?:rest\/(?:api\/[23]|agile\/1\.0)|secure\/attachment\/\d+)\/[\w/.~%!'()*-]+$/.test(path);
  const isPlain = isKnown && !/\.\.|%2e|%2f|%5c/i.test(path);
  if (isPlain && url.origin === new URL(baseUrl).origin && url.href === `${baseUrl}${path}`) return url;
  throw new ToolError('invalid_arguments', 'A key or id in the request is invalid: it would change the address.');
}

function queryText(value: unknown): string {
  if (Array.isArray(value)) return value.map(queryText).join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function encodeBody(body: unknown): Promise<{ bytes: Buffer; headers: Record<string, string> }> {
  if (body instanceof FormData) {
    const encoded = new Response(body);
    const type = encoded.headers.get('content-type') ?? 'multipart/form-data';
    return { bytes: Buffer.from(await encoded.arrayBuffer()), headers: { 'content-type': type } };
  }
  return { bytes: Buffer.from(JSON.stringify(body)), headers: { 'content-type': 'application/json' } };
}

/** Waits out a short 429, which Jira sends before doing anything, and retries reads without a response. */
async function sendPatiently(
  request: Request,
  call: TransportCall,
  { outbound: out, pauses, telemetry }: { outbound: Outbound; pauses: Pauses; telemetry: Telemetry },
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const isLast = attempt === readAttempts;
    try {
      await heedPauses(pauses, request, call);
      const { method, url, headers } = request;
      const answer = await askUpstream(
        telemetry,
        { upstream: 'jira', name: method, attributes: httpAttributes(method, url) },
        (trace) => send({ ...request, headers: { ...headers, ...trace } }, call.signal, out),
        ({ status }) => status,
      );
      startPause(pauses, request, answer);
      const pause = pauseAfter(request, answer, attempt);
      if (isLast || pause === undefined) return answer;
      call.progress(`Jira asks to wait ${Math.ceil(pause / 1000)} s`);
      await wait(pause, undefined, { signal: call.signal });
    } catch (error) {
      if (call.signal.aborted && !isSentWrite(error))
        throw new ToolError('cancelled', 'The call was cancelled.', {}, { cause: error });
      if (isLast || request.isWrite || !(error instanceof ToolError) || error.code !== 'unreachable') throw error;
    }
  }
}

/** Whatever Jira says about a request, it is up. A proxy answers for a Jira that is not, and a silent one may only be slow. */
function verdictOf(outcome: Outcome<Answer>, signal: AbortSignal): ReturnType<Verdict<Answer>> {
  if (outcome.kind === 'returned') return [502, 503, 504].includes(outcome.value.status) ? 'down' : 'up';
  const { error } = outcome;
  if (signal.aborted || !(error instanceof ToolError)) return 'unclear';
  const isNever = error.code === 'timeout' && error.details?.['connected'] === false;
  if (error.code === 'unreachable' || isNever) return 'down';
  return error.code === 'timeout' || error.code === 'outcome_unknown' ? 'unclear' : 'up';
}

function isSentWrite(error: unknown): boolean {
  return error instanceof ToolError && error.code === 'outcome_unknown';
}

function pauseAfter(request: Request, answer: Answer, attempt: number): number | undefined {
  if (answer.status === 429) {
    const pause = retryAfterMs(answer.headers['retry-after']) ?? 1000 * attempt;
    return pause <= longestWaitMs ? pause : undefined;
  }
  return !request.isWrite && [408, 502, 503, 504].includes(answer.status) ? 300 * attempt : undefined;
}

function parseJson(answer: Answer, request: Request): unknown {
  try {
    return JSON.parse(answer.body);
  } catch (error) {
    throw notJson(answer, request, error);
  }
}
