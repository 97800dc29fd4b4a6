import { readFileSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { listen } from '../listen.ts';

const part = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The proxy's own certificate authority. Clients that do not trust it cannot connect. */
export const authorityFile = part('authority.pem');

export interface ProxyOptions {
  /** The real address of each host: `jira.corp.invalid` to `http://127.0.0.1:4711`. Others get 502. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly password?: string;
}

export interface ProxyStandIn {
  /** Its address, without credentials. */
  readonly host: string;
  /** For HTTPS_PROXY, with credentials if it requires them. */
  readonly url: string;
  /** Hosts and ports that it was asked to connect to, in order. */
  readonly connects: () => readonly string[];
  /** Plain HTTP requests, with their full URL. */
  readonly plain: () => readonly string[];
  /** Requests that it read inside TLS: `POST jira.corp.invalid/rest/...`. */
  readonly inside: () => readonly string[];
  readonly stop: () => Promise<void>;
}

/** A company's proxy on loopback: CONNECT, Basic credentials, and TLS that it intercepts with its own certificate. */
export async function startProxy({ hosts, user, password = '' }: ProxyOptions): Promise<ProxyStandIn> {
  const [connects, plain, inside]: string[][] = [[], [], []];
  const wanted = user === undefined ? undefined : `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const isAllowed = (request: IncomingMessage): boolean =>
    wanted === undefined || request.headers['proxy-authorization'] === wanted;
  const sockets = new Set<Duplex>();

  const forward = (request: IncomingMessage, response: ServerResponse, base: string, path: string): void => {
    const {
      host: _,
      connection: __,
      'proxy-authorization': ___,
      'proxy-connection': ____,
      ...headers
    } = request.headers;
    const onward = httpRequest(new URL(path, base), { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  };

  const interceptor = createServer((request, response) => {
    const host = request.headers.host?.split(':')[0] ?? '';
    inside?.push(`${request.method} ${host}${request.url}`);
    forward(request, response, hosts[host] ?? '', request.url ?? '/');
  });

  const server = createServer((request, response) => {
    plain?.push(request.url ?? '');
    const target = new URL(request.url ?? '/', 'http://nowhere.invalid');
    const base = hosts[target.hostname] ?? hosts[target.host];
    if (!isAllowed(request)) response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end();
    else if (base === undefined) response.writeHead(502).end();
    else forward(request, response, base, `${target.pathname}${target.search}`);
  });
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    const [host = ''] = (request.url ?? '').split(':');
    connects?.push(request.url ?? '');
    if (!isAllowed(request))
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n');
    else if (hosts[host] === undefined) socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    else {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      const secure = new TLSSocket(socket, {
        isServer: true,
        key: readFileSync(part('server.key')),
        cert: readFileSync(part('server.pem')),
      });
      secure.on('error', () => socket.destroy());
      interceptor.emit('connection', secure);
    }
  });
  const host = `127.0.0.1:${await listen(server)}`;

  return {
    host,
    url: user === undefined ? `http://${host}` : `http://${user}:${encodeURIComponent(password)}@${host}`,
    connects: () => connects ?? [],
    plain: () => plain ?? [],
    inside: () => inside ?? [],
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      interceptor.closeAllConnections();
      await closed;
    },
  };
}
