import type { AuditSink } from '../audit.ts';
import type { Limiter, Rate } from '../rate-limit.ts';
import type { LedgerStore } from './ledger-store.ts';

/** What a server remembers: in files of this machine, or in a database that all replicas of the service share. */
export interface State {
  readonly ledger: LedgerStore;
  readonly audit: AuditSink;
  /** @param name what is limited; the same name in another replica is the same limit. */
  readonly limiter: MakeLimiter;
  /** Ends a call that runs in another replica; see CallSignals. */
  readonly publishStop: (name: string) => void;
  readonly onStop: (stop: (name: string) => void) => void;
  /** Writes what is pending. */
  readonly close: () => Promise<void>;
}

export type MakeLimiter = (name: string, rate: Rate) => Limiter;
