import { sqlState } from './to-tool-error.ts';

/** Connection failures, and an end by an administrator, a crash, a restart or for idleness. */
const states = /^(?:08|57P0[1235]$)/u;
/** Not ETIMEDOUT and the like: there the server may be at work, and cannot say so. */
const codes: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);
const words = /terminated unexpectedly|not queryable/u;

/** Whether a statement failed because its connection ended, at the server's end or on the way. */
export function isConnectionEnd(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return states.test(state);
  if (!(error instanceof Error)) return false;
  return ('code' in error && codes.has(String(error.code))) || words.test(error.message);
}
