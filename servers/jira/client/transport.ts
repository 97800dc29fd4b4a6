import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import type { Client, SendRequestOptions } from 'jira.js/core';
import * as z from 'zod';
import { networkFault } from '../../contract/network/faults.ts';
import type { Renewable } from '../../contract/secrets/renewable.ts';
import { createOutbound } from '../../contract/network/outbound.ts';
import type { Outbound, Route } from '../../contract/network/route.ts';
import { ToolError } from '../../kit/errors.ts';
import type { Pauses } from '../../kit/pauses.ts';
import { breakerFor, type Outcome, type Verdict } from '../../kit/upstream/breaker.ts';
import { retryAfterMs } from '../../contract/retry-after.ts';
import { heedPauses, longestWaitMs, startPause } from './heed-pauses.ts';
import { failureOf, notJson, tooLong } from './to-tool-error.ts';

export interface TransportSettings {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly authorization: Renewable<string>;
  readonly pauses: Pauses;
  /** How long a response may take, up to its last byte. The default is 30 s. */
  readonly deadlineMs?: number;
}

/** The context of one tool call. */
export interface TransportCall {
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

interface Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** Changes data, so a lost response leaves the outcome unknown. */
  readonly isWrite: boolean;
  readonly deadlineMs: number;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly body: string;
}

/** A jira.js client that can also download files. */
export interface JiraClient extends Client {
  readonly download: (path: string, searchParams?: Record<string, unknown>) => Promise<Buffer>;
  /** The target of Jira's redirect, without following it; undefined if there is none. */
  readonly locate: (path: string) => Promise<URL | undefined>;
}

const usualDeadlineMs = 30_000;
const longestAnswer = 20 * 1024 * 1024;
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
  const way = { outbound, pauses: settings.pauses };
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
  { outbound: out, pauses }: { outbound: Outbound; pauses: Pauses },
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const isLast = attempt === readAttempts;
    try {
      await heedPauses(pauses, request, call);
      const answer = await send(request, call.signal, out);
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

/**
 * Sends one request. A write uses its own connection, so that a connection closed while idle is never mistaken for a
 * lost response, and it is not aborted once it is on its way.
 */
function send(request: Request, signal: AbortSignal, outbound: Outbound): Promise<Answer> {
  const { method, url, headers, body, isWrite, deadlineMs } = request;
  return new Promise<Answer>((resolve, reject) => {
    let isConnected = false;
    let isLate = false;
    const isSecure = url.protocol === 'https:';
    const fail = (error: unknown): void => reject(lostAnswer(error, { isConnected, isLate }, request));
    let way: Route;
    try {
      way = outbound.route(url, { keepAlive: !isWrite });
    } catch (error) {
      fail(error);
      return;
    }
    const length = body === undefined ? {} : { 'content-length': String(body.length) };
    const outgoing = (isSecure ? httpsRequest : httpRequest)(url, {
      method,
      agent: way.agent,
      headers: { ...headers, ...length },
    });
    way.watch(outgoing);
    const cancel = (): void => {
      if (!isWrite || !isConnected) outgoing.destroy(new Error('cancelled'));
    };
    const deadline = setTimeout(() => {
      isLate = true;
      outgoing.destroy(new Error('deadline'));
    }, deadlineMs);
    outgoing.on('socket', (socket) => {
      // Through a proxy, the socket exists before TLS does. A write always gets a new one.
      if (isSecure && (isWrite || socket.connecting)) socket.once('secureConnect', () => (isConnected = true));
      else if (socket.connecting) socket.once('connect', () => (isConnected = true));
      else isConnected = true;
    });
    outgoing.on('error', fail);
    outgoing.on('response', (response) => void readBody(response, isWrite).then(resolve, fail));
    outgoing.on('close', () => {
      clearTimeout(deadline);
      signal.removeEventListener('abort', cancel);
    });
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    else outgoing.end(body);
  });
}

async function readBody(response: IncomingMessage, isWrite: boolean): Promise<Answer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    length += bytes.length;
    if (length > longestAnswer) throw tooLong(longestAnswer, isWrite);
    chunks.push(bytes);
  }
  const bytes = Buffer.concat(chunks);
  return { status: response.statusCode ?? 0, headers: response.headers, bytes, body: bytes.toString('utf8') };
}

/** No response arrived. Whether anything can have happened depends on whether a connection was established. */
function lostAnswer(
  error: unknown,
  { isConnected, isLate }: { isConnected: boolean; isLate: boolean },
  { url, isWrite, deadlineMs }: Request,
): ToolError {
  if (error instanceof ToolError) return error;
  const reason = reasonOf(error);
  const late = `Jira did not respond within ${deadlineMs / 1000} s.`;
  const cause = { cause: error };
  if (isWrite && isConnected) {
    const broken = `The connection to Jira broke before it responded (${reason}).`;
    return new ToolError('outcome_unknown', isLate ? late : broken, {}, cause);
  }
  if (isLate) return new ToolError('timeout', late, { details: { connected: isConnected } }, cause);
  const fault = networkFault(error, url.host);
  const hint = fault?.message ?? "Check JIRA_URL, the network and, behind a proxy, the proxy's certificate.";
  return new ToolError('unreachable', `Jira at ${url.origin} cannot be reached (${reason}).`, { hint }, cause);
}

/** The code of a system error, such as ECONNREFUSED, or else its message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error) return String(error.code);
  return error.name === 'ProxySettingError' ? 'proxy' : error.message;
}

function parseJson(answer: Answer, request: Request): unknown {
  try {
    return JSON.parse(answer.body);
  } catch (error) {
    throw notJson(answer, request, error);
  }
}
