import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from './listen.ts';
import { recordTraffic } from './traffic.ts';

/** One request, its body as text. */
export interface UpstreamRequest {
  /** "POST /api/chat.postMessage", without the query. */
  readonly line: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An object is sent as JSON; a function handles the response itself. */
export type UpstreamAnswer =
  | Readonly<Record<string, unknown>>
  | readonly unknown[]
  | ((request: UpstreamRequest, response: ServerResponse) => unknown);

/**
 * A generic upstream: it answers each request as told, byte by byte if needed. For responses that the
 * Jira and Slack stand-ins, which only answer correctly, never send.
 */
export interface Upstream {
  readonly url: string;
  readonly requests: readonly UpstreamRequest[];
  /** @param line as in UpstreamRequest; the last answer given for it applies */
  readonly on: (line: string, answer: UpstreamAnswer) => void;
  readonly stop: () => Promise<void>;
}

/** A response with these bytes. Default content type: JSON. */
export function raw(status: number, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) {
  return (_: UpstreamRequest, response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };
}

/** A response that continues for as long as it is read. */
export function endless(_: UpstreamRequest, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const chunk = ' '.repeat(1 << 20);
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}

/** Peak memory of a process, in kilobytes. */
export function peakMemory(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

export async function startUpstream(system: string, secrets: Readonly<Record<string, string>>): Promise<Upstream> {
  const answers = new Map<string, UpstreamAnswer>();
  const requests: UpstreamRequest[] = [];
  const traffic = recordTraffic({ system, secrets, headers: ['authorization'] });
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const record = traffic.record(incoming);
    for await (const chunk of incoming as AsyncIterable<Buffer>) record.body.push(chunk);
    const address = new URL(record.url, 'http://upstream');
    const request = {
      line: `${record.method} ${address.pathname}`,
      query: address.searchParams,
      headers: record.headers,
      body: Buffer.concat(record.body).toString('utf8'),
    };
    requests.push(request);
    const told = answers.get(request.line) ?? { ok: false, error: 'unknown_method', errorMessages: ['no such method'] };
    const answer: unknown = typeof told === 'function' ? told(request, response) : told;
    if (answer === undefined || response.writableEnded) return;
    const status = answers.has(request.line) ? 200 : 404;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  };
  const server = createServer((incoming, response) => {
    response.on('error', () => response.destroy());
    serve(incoming, response).catch(() => response.destroy());
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  return {
    url,
    requests,
    on: (line, answer) => void answers.set(line, answer),
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      traffic.check();
    },
  };
}
