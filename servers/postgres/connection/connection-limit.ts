import { sqlState } from './to-tool-error.ts';

/** Poolers have their own messages: Supabase's Supavisor, PgBouncer, RDS Proxy. */
const inWords =
  /max clients reached|MaxClientsInSessionMode|EMAXCONN|no more connections allowed|too many (?:clients|connections)|connection slots are reserved|exceeds? the maximum number of connections/i;

/** Whether the server, the role, the database or a pooler has no connection left for us. */
export function noConnectionLeft(error: unknown): boolean {
  return sqlState(error) === '53300' || (error instanceof Error && inWords.test(error.message));
}

/** What a pool does when no more connections can be opened. */
export interface Shortage {
  readonly isShortage: (error: unknown) => boolean;
  /** Closes an idle connection. @returns false if there is none. */
  readonly makeRoom: () => Promise<boolean>;
}
