import type { Verdict } from './run-audit.ts';
import type { Arguments } from '../tools.ts';

/** An allowed write, as stored before it is sent. */
export interface ClearedCall {
  readonly callId: string;
  /** `ToolSpec.name`. */
  readonly tool: string;
  readonly plainName: string;
  /** The exact arguments that were allowed, after expansion and revision, so that the idempotency key stays the same. */
  readonly arguments: Arguments;
  readonly verdict: Pick<Verdict, 'decision' | 'by' | 'rule' | 'reasons' | 'approval'>;
  /** Id of the grant that allowed it, for its limit. */
  readonly grantId: string | undefined;
}

/**
 * Permissions that outlive the process. A resumed run sends an allowed write again unchanged, and the server's ledger
 * knows its outcome: no one is asked twice, and nothing is done twice.
 */
export interface ClearedCalls {
  readonly find: (callId: string) => ClearedCall | undefined;
  /** Resolves once it is stored durably. */
  readonly keep: (call: ClearedCall) => Promise<void>;
}

/** How often each grant and tool has been used: a run's limits apply across interruptions. */
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
