import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigurationError } from '../errors.ts';
import type { Address } from './option.ts';

export interface Listening {
  /** "http://127.0.0.1:8080" */
  readonly origin: string;
  /** Accepts no more requests and gives running ones time to finish. */
  readonly drain: (options: { readonly mayBeBalanced: boolean }) => Promise<void>;
}

const limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 32 * 1024,
} as const;
/** By Node's code; the rest are 400. */
const malformed: Readonly<Record<string, { readonly status: number; readonly text: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, text: 'Request Timeout' },
  HPE_HEADER_OVERFLOW: { status: 431, text: 'Request Header Fields Too Large' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, text: 'Payload Too Large' },
};
const maxHeaders = 100;
const maxConnections = 1_000;
/** How long a load balancer may take to notice that this replica is not ready. */
const unreadyMs = 3_000;
const drainLimitMs = 10_000;

/** A request that Node refuses before anybody sees it: malformed, too slow, with headers too large. */
export type OnMalformed = (refused: { status: number; why: string; from: string | undefined }) => void;

/** @throws ConfigurationError for an address that cannot be used. */
export async function listen(
  address: Address,
  listener: RequestListener,
  onMalformed: OnMalformed,
): Promise<Listening> {
  let inFlight = 0;
  let isDraining = false;
  let onIdle: () => void = () => undefined;
  const server = createServer(limits, (request, response) => {
    inFlight += 1;
    // A load balancer that keeps connections would lose what it sends on one that is just being closed.
    if (isDraining) response.setHeader('connection', 'close');
    response.on('close', () => {
      inFlight -= 1;
      if (inFlight === 0) onIdle();
    });
    listener(request, response);
  });
  server.on('clientError', (error, socket) => {
    const code = 'code' in error ? String(error.code) : '';
    // Whoever leaves in the middle of a request is not refused.
    if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const { status, text } = malformed[code] ?? { status: 400, text: 'Bad Request' };
    onMalformed({ status, why: code, from: socket instanceof Socket ? socket.remoteAddress : undefined });
    // An answer that has begun cannot become another one.
    if (socket instanceof Socket && socket.bytesWritten > 0 && inFlight > 0) return void socket.destroy();
    socket.end(`HTTP/1.1 ${status} ${text}\r\nConnection: close\r\n\r\n`);
  });
  server.maxHeadersCount = maxHeaders;
  server.maxConnections = maxConnections;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  server.listen(address.port, address.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new ConfigurationError(`cannot listen on ${host}:${address.port} (${reason})`);
  }
  const bound = server.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : address.port;
  return {
    origin: `http://${host}:${port}`,
    drain: async ({ mayBeBalanced }) => {
      isDraining = true;
      if (mayBeBalanced) await delay(unreadyMs);
      server.close();
      server.closeIdleConnections();
      if (inFlight === 0) return;
      const idle = new Promise<void>((resolve) => {
        onIdle = resolve;
      });
      await Promise.race([idle, delay(drainLimitMs, undefined, { ref: false })]);
    },
  };
}
