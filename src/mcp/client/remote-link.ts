import type { Transport } from '@modelcontextprotocol/client';
import { NotSentError, type Link, type LinkEnd } from './link.ts';

/** Failures before the connection is established: nothing was sent. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Must be kept when a response to one of several requests is read in part. */
const sessionGone = 404;

/**
 * The lifetime of an HTTP connection, where no process exits. It ends when it is closed or when the server no longer
 * knows the session.
 */
export class RemoteLink implements Link {
  readonly pid = undefined;
  readonly #transport: Transport;
  readonly #exit: Promise<LinkEnd>;
  #reportExit: (end: LinkEnd) => void = () => {};
  #ended = false;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.#exit = new Promise((resolve) => {
      this.#reportExit = (end) => {
        this.#ended = true;
        resolve(end);
      };
    });
  }

  get running(): boolean {
    return !this.#ended;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get exited(): Promise<LinkEnd> {
    return this.#exit;
  }

  /** The server no longer knows this connection. The next call needs a new one. */
  lose(reason: string): void {
    this.#reportExit({ code: null, signal: null, violation: reason });
  }

  readonly close = async (): Promise<void> => {
    this.lose('closed the connection');
    await this.#transport.close();
  };
}

/**
 * A `fetch` that distinguishes requests that were never sent.
 * @param onLost called with the reason when the next call needs a new connection: the session has expired, or the
 * server went away.
 */
export function watchedFetch(inner: typeof fetch, onLost: (reason: string) => void): typeof fetch {
  return async (input, init) => {
    try {
      const response = await inner(input, init);
      if (response.status === sessionGone && new Headers(init?.headers).has('mcp-session-id'))
        onLost('no longer knows the session');
      return response;
    } catch (error) {
      const code = codeOf(error);
      if (code === undefined || !neverSent.has(code)) throw error;
      onLost(`cannot be reached (${code})`);
      throw new NotSentError(code, { cause: error });
    }
  };
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause);
}
