import { sqlState } from './to-tool-error.ts';

/** Poolers say it in words of their own: Supabase's Supavisor, PgBouncer, RDS Proxy. */
const inWords =
  /max clients reached|MaxClientsInSessionMode|EMAXCONN|no more connections allowed|too many (?:clients|connections)|connection slots are reserved|exceeds? the maximum number of connections/i;

/** Whether the server, the role, the database or a pooler in between has no further connection for us. */
export function noConnectionLeft(error: unknown): boolean {
  return sqlState(error) === '53300' || (error instanceof Error && inWords.test(error.message));
}

/** How a pool goes on when no further connection can be opened. */
export interface Shortage {
  readonly isShortage: (error: unknown) => boolean;
  /** Gives up a connection that nobody works with. @returns false when there is none. */
  readonly makeRoom: () => Promise<boolean>;
}
