import type { Verdict } from './run-audit.ts';
import type { Arguments } from '../tools.ts';

/** A write that was let go, as it is kept before it is sent. */
export interface ClearedCall {
  readonly callId: string;
  /** `ToolSpec.name`. */
  readonly tool: string;
  readonly plainName: string;
  /** Exactly what was allowed, after expansion and revision: with it the idempotency key stays the same. */
  readonly arguments: Arguments;
  readonly verdict: Pick<Verdict, 'decision' | 'by' | 'rule' | 'reasons' | 'approval'>;
  /** Of the grant that allowed it, for its limit. */
  readonly grantId: string | undefined;
}

/**
 * Permissions that outlive the process: a resumed run sends again what was allowed, as it was allowed, and the ledger
 * of the server says what became of it. It does not ask twice, and it does not do it twice.
 */
export interface ClearedCalls {
  readonly find: (callId: string) => ClearedCall | undefined;
  /** Resolves once it is kept for good. */
  readonly keep: (call: ClearedCall) => Promise<void>;
}

/** How often each grant and each tool was used by then: limits of a run hold across its interruption. */
export function countCleared(calls: readonly ClearedCall[]): {
  readonly granted: Readonly<Record<string, number>>;
  readonly writes: Readonly<Record<string, number>>;
} {
  const granted = new Map<string, number>();
  const writes = new Map<string, number>();
  for (const { grantId, plainName } of calls) {
    if (grantId !== undefined) granted.set(grantId, (granted.get(grantId) ?? 0) + 1);
    writes.set(plainName, (writes.get(plainName) ?? 0) + 1);
  }
  return { granted: Object.fromEntries(granted), writes: Object.fromEntries(writes) };
}
