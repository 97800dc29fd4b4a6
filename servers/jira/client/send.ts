import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { networkFault } from '../../contract/network/faults.ts';
import type { Outbound, Route } from '../../contract/network/route.ts';
import { ToolError } from '../../kit/errors.ts';
import { tooLong } from './to-tool-error.ts';

export interface Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** Changes data, so a lost response leaves the outcome unknown. */
  readonly isWrite: boolean;
  readonly deadlineMs: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly body: string;
}

const longestAnswer = 20 * 1024 * 1024;

/**
 * Sends one request. A write uses its own connection, so that a connection closed while idle is never mistaken for a
 * lost response, and it is not aborted once it is on its way.
 */
export function send(request: Request, signal: AbortSignal, outbound: Outbound): Promise<Answer> {
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
