import type { IncomingMessage } from 'node:http';

/** One request that a route answers. */
export interface Call {
  readonly request: IncomingMessage;
  readonly url: URL;
  /** The body as it was sent, for signatures. Empty for GET. */
  readonly body: Buffer;
  /** The values of the path's `:names`, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Nothing stands before a route: it checks signatures and logins itself. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** `/runs/:id`. A name matches one segment that is not empty. */
  readonly path: string;
  readonly handle: (call: Call) => Promise<Answer>;
}

/** The routes of one feature. */
export interface RouteModule {
  readonly routes: readonly Route[];
  /** Resolves when work that goes on after its answers is done. Awaited before the process ends. */
  readonly drain?: () => Promise<void>;
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, body: JSON.stringify(value), headers: { 'content-type': 'application/json', ...headers } };
}

export function text(status: number, value: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, body: `${value}\n`, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } };
}
