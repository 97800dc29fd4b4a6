import type { ErrorCode } from '../../contract/errors.ts';

export type Outcome = 'ok' | 'replayed' | 'preview' | 'denied' | 'failed' | 'cancelled' | 'unknown';
/** Who may call: which check said no. */
export type AuthRefusal = 'host' | 'origin' | 'no_token' | 'invalid_token' | 'cannot_verify' | 'scope' | 'caller';

export interface CountedCall {
  readonly tool: string;
  readonly outcome: Outcome;
  readonly code: ErrorCode | undefined;
  /** Undefined for a call that was refused before it ran. */
  readonly seconds: number | undefined;
}

export interface PoolLoad {
  readonly used: number;
  readonly waiting: number;
}

export interface StateHealth {
  /** Audit records that are not written yet. */
  readonly waiting: () => number;
  /** Never rejects. */
  readonly isUp: () => Promise<boolean>;
}

/**
 * What a server counts for a scraper. Contract: nothing throws, and nothing that callers choose freely becomes a label,
 * or they could fill the memory of whoever stores it.
 */
export interface Metrics {
  readonly toolCalled: (call: CountedCall) => void;
  readonly upstreamAnswered: (upstream: string, status: string, seconds: number) => void;
  readonly ledgerWaited: (seconds: number) => void;
  readonly quotaRefused: (tool: string) => void;
  readonly authRefused: (reason: AuthRefusal) => void;
  /** Read when scraped. */
  readonly watchPool: (pool: string, load: () => PoolLoad) => void;
  readonly watchState: (state: StateHealth) => void;
}

/** Over stdio, no one asks. */
export const noMetrics: Metrics = {
  toolCalled: () => undefined,
  upstreamAnswered: () => undefined,
  ledgerWaited: () => undefined,
  quotaRefused: () => undefined,
  authRefused: () => undefined,
  watchPool: () => undefined,
  watchState: () => undefined,
};
