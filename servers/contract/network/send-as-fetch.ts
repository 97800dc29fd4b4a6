import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Outbound } from './route.ts';

const maxRedirects = 5;
const redirects = new Set([301, 302, 303, 307, 308]);
const withoutBody = new Set([204, 205, 304]);

/**
 * One request over `node:http(s)` that behaves like `fetch`. Redirects are followed only for reads, without credentials
 * for another origin.
 * @throws TypeError like fetch, with the fault as its cause.
 */
export async function sendAsFetch(request: Request, route: Outbound['route'], hops = 0): Promise<Response> {
  const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
  const answer = await send(request, body, route);
  const { statusCode = 0, headers } = answer;
  const target = headers.location;
  if (!redirects.has(statusCode) || target === undefined || request.redirect === 'manual') return toResponse(answer);
  const isRead = ['GET', 'HEAD'].includes(request.method);
  if (request.redirect === 'error' || !isRead || hops >= maxRedirects) {
    answer.destroy();
    throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') });
  }
  answer.resume();
  const next = new URL(target, request.url);
  const kept = new Headers(request.headers);
  if (next.origin !== new URL(request.url).origin) for (const name of ['authorization', 'cookie']) kept.delete(name);
  const { method, signal } = request;
  return sendAsFetch(new Request(next, { method, headers: kept, signal }), route, hops + 1);
}

function send(request: Request, body: Buffer | undefined, route: Outbound['route']): Promise<IncomingMessage> {
  const url = new URL(request.url);
  const { signal, method } = request;
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(signal.aborted ? signal.reason : new TypeError('fetch failed', { cause }));
    try {
      const { agent, watch } = route(url, { keepAlive: true });
      const headers = Object.fromEntries(request.headers);
      const length = body === undefined ? {} : { 'content-length': String(body.length) };
      const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
        method,
        agent,
        headers: { ...headers, ...length },
        signal,
      });
      watch(outgoing);
      outgoing.on('error', fail);
      outgoing.on('response', resolve);
      outgoing.end(body);
    } catch (error) {
      fail(error);
    }
  });
}

function toResponse(answer: IncomingMessage): Response {
  const { statusCode = 0, statusMessage = '', rawHeaders } = answer;
  const headers = new Headers();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  if (withoutBody.has(statusCode)) {
    answer.resume();
    return new Response(null, { status: statusCode, statusText: statusMessage, headers });
  }
  const unpack = unpackerOf(headers.get('content-encoding') ?? '');
  const bytes = unpack === undefined ? answer : answer.pipe(unpack);
  if (unpack !== undefined) {
    answer.on('error', (error) => unpack.destroy(error));
    unpack.on('close', () => answer.destroy());
    headers.delete('content-encoding');
    headers.delete('content-length');
  }
  return new Response(streamOf(bytes), { status: statusCode, statusText: statusMessage, headers });
}

function streamOf(bytes: Readable): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks: AsyncIterator<unknown> = bytes[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: async (controller) => {
      const next = await chunks.next();
      const chunk: unknown = next.value;
      if (next.done === true) controller.close();
      else if (Buffer.isBuffer(chunk)) controller.enqueue(new Uint8Array(chunk));
    },
    cancel: () => void bytes.destroy(),
  });
}

function unpackerOf(encoding: string) {
  switch (encoding.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      return undefined;
  }
}
