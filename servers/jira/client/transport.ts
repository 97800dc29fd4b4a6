import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import type { Client, SendRequestOptions } from 'jira.js/core';
import * as z from 'zod';
import { networkFault } from '../../contract/network/faults.ts';
import { createOutbound } from '../../contract/network/outbound.ts';
import type { Outbound, Route } from '../../contract/network/route.ts';
import { ToolError } from '../../kit/errors.ts';
import { retryAfterMs } from '../../contract/retry-after.ts';
import { failureOf, notJson, tooLong } from './to-tool-error.ts';

export interface TransportSettings {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly authorization: string;
  /** How long an answer may take, to its last byte; half a minute unless given. */
  readonly deadlineMs?: number;
}

/** What one tool call brings along. */
export interface TransportCall {
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

interface Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** Changes something upstream: a lost answer then leaves the outcome unknown. */
  readonly isWrite: boolean;
  readonly deadlineMs: number;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly body: string;
}

/** A client of jira.js that also fetches files as they are. */
export interface JiraClient extends Client {
  readonly download: (path: string, searchParams?: Record<string, unknown>) => Promise<Buffer>;
  /** Where Jira would send to, without going there; undefined where it does not. */
  readonly locate: (path: string) => Promise<URL | undefined>;
}

const usualDeadlineMs = 30_000;
const longestAnswer = 20 * 1024 * 1024;
/** A longer wait is the caller's to decide about. */
const longestPauseMs = 5000;
const readAttempts = 3;
/** POST only to carry a long query. */
const readingPosts = /\/search(?:\/jql)?$/;

/**
 * A jira.js client over our own HTTP: nothing is followed to another place, nothing that writes is repeated unless Jira
 * refused it, every request has a deadline and ends with the call. Fails with ToolError only.
 */
export function createTransport(settings: TransportSettings): (call: TransportCall) => JiraClient {
  const outbound = createOutbound(process.env);
  const ask = async (request: Request, call: TransportCall): Promise<Answer> => {
    const answer = await sendPatiently(request, call, outbound);
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
      const { status, headers } = await sendPatiently(request, call, outbound);
      const location = headers.location ?? '';
      return status >= 300 && status < 400 && URL.canParse(location) ? new URL(location) : undefined;
    },
    sendRequest: async <T>(options: SendRequestOptions<T>): Promise<T> => {
      const request = await prepare(options, settings);
      const answer = await ask(request, call);
      // Not through the library's schema: it is stricter than Jira's word, and an issue that was created must not become
      // an error because a field of the answer is new. What we need of an answer is checked by our own, in api.ts.
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
    authorization: settings.authorization,
    ...options.headers,
    ...content?.headers,
  };
  const isWrite = !['GET', 'HEAD'].includes(method) && !readingPosts.test(url.pathname);
  const deadlineMs = settings.deadlineMs ?? usualDeadlineMs;
  return { method, url, headers, body: content?.bytes, isWrite, deadlineMs };
}

/** jira.js puts path parameters in as they are: an address that does not stay as written is refused. */
function addressOf(path: string, baseUrl: string): URL {
  const url = new URL(`${baseUrl}${path}`);
  const isKnown = /^\/(?:rest\/(?:api\/[23]|agile\/1\.0)|secure\/attachment\/\d+)\/[\w/.~%!'()*-]+$/.test(path);
  const isPlain = isKnown && !/\.\.|%2e|%2f|%5c/i.test(path);
  if (isPlain && url.origin === new URL(baseUrl).origin && url.href === `${baseUrl}${path}`) return url;
  throw new ToolError('invalid_arguments', 'A key or id in the request is not one: it would lead to another address.');
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

/** Waits out a short 429, which Jira gives before it does anything, and repeats reads that got no answer. */
async function sendPatiently(request: Request, call: TransportCall, outbound: Outbound): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const isLast = attempt === readAttempts;
    try {
      const answer = await send(request, call.signal, outbound);
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

function isSentWrite(error: unknown): boolean {
  return error instanceof ToolError && error.code === 'outcome_unknown';
}

function pauseAfter(request: Request, answer: Answer, attempt: number): number | undefined {
  if (answer.status === 429) {
    const pause = retryAfterMs(answer.headers['retry-after']) ?? 1000 * attempt;
    return pause <= longestPauseMs ? pause : undefined;
  }
  return !request.isWrite && [408, 502, 503, 504].includes(answer.status) ? 300 * attempt : undefined;
}

/**
 * One request, one answer. A write uses a connection of its own, so that a connection closed while idle is never taken
 * for a lost answer, and is not given up once it is on its way.
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
      // Through a proxy the socket is there before TLS is; a write always has a new one.
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

/** No answer came. Whether anything can have happened depends on whether a connection stood. */
function lostAnswer(
  error: unknown,
  { isConnected, isLate }: { isConnected: boolean; isLate: boolean },
  { url, isWrite, deadlineMs }: Request,
): ToolError {
  if (error instanceof ToolError) return error;
  const reason = reasonOf(error);
  const late = `Jira did not answer within ${deadlineMs / 1000} s.`;
  const cause = { cause: error };
  if (isWrite && isConnected) {
    const broken = `The connection to Jira broke before its answer came (${reason}).`;
    return new ToolError('outcome_unknown', isLate ? late : broken, {}, cause);
  }
  if (isLate) return new ToolError('timeout', late, {}, cause);
  const fault = networkFault(error, url.host);
  const hint = fault?.message ?? 'Check JIRA_URL, the network and, behind a proxy, its certificate.';
  return new ToolError('unreachable', `Jira at ${url.origin} cannot be reached (${reason}).`, { hint }, cause);
}

/** The code of a system error, such as ECONNREFUSED; else its message. */
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
