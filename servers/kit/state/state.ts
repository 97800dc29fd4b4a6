import type { AuditSink } from '../audit.ts';
import type { Pauses } from '../pauses.ts';
import type { Limiter, Rate } from '../rate-limit.ts';
import type { PoolLoad, StateHealth } from '../telemetry/metrics.ts';
import type { LedgerStore } from './ledger-store.ts';

/** A server's state: in local files, or in a database shared by all replicas. */
export interface State {
  readonly ledger: LedgerStore;
  readonly audit: AuditSink;
  /** @param name what is limited. Replicas share the limit of a name. */
  readonly limiter: MakeLimiter;
  /** How long upstream asked to wait. Replicas share it. */
  readonly pauses: Pauses;
  /** Ends a call that runs in another replica; see CallSignals. */
  readonly publishStop: (name: string) => void;
  readonly onStop: (stop: (name: string) => void) => void;
  readonly health: StateHealth;
  /** The connections to the database, if there is one. */
  readonly load?: () => PoolLoad;
  /** Writes what is pending. */
  readonly close: () => Promise<void>;
}

export type MakeLimiter = (name: string, rate: Rate) => Limiter;
