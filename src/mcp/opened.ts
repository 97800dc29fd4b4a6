import type { McpClient } from './client/mcp-client.ts';
import { RefusedServerError, type Connection } from './connection.ts';
import type { NotOpen } from './server-state.ts';

/** The outcome of an attempt to connect to a server. */
export type Opened = { readonly kind: 'open'; readonly connection: Connection } | NotOpen;

interface Attempt {
  readonly client: McpClient;
  readonly connection: Connection;
  readonly signal: AbortSignal;
  readonly startMs: number;
  /** Ends what was begun, when it fails. */
  readonly close: () => Promise<void>;
}

/** What went wrong, where the caller has to say why. */
interface Fault {
  readonly kind: 'fault';
  readonly error: unknown;
  /** The server did not respond in time. */
  readonly isLate: boolean;
}

/** Shakes hands and reads the tools. Contract: never rejects, unless `close` does. */
export async function establish(attempt: Attempt): Promise<Opened | Fault> {
  const { client, connection, signal, startMs, close } = attempt;
  const late = AbortSignal.timeout(startMs);
  const starting = AbortSignal.any([signal, late]);
  try {
    await client.connect({ signal: starting, timeoutMs: startMs * 2 });
    await connection.refreshTools(starting);
    return { kind: 'open', connection };
  } catch (error) {
    const isLate = late.aborted;
    await close();
    if (signal.aborted) return { kind: 'not-open', cause: 'cancelled', reason: 'cancelled' };
    if (error instanceof RefusedServerError) return { kind: 'not-open', cause: 'start', reason: error.message };
    return { kind: 'fault', error, isLate };
  }
}
