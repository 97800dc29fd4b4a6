import { retryAfterMs } from '../../../servers/contract/retry-after.ts';

/** What to do after a failed attempt. */
export type RetryDecision = { readonly kind: 'retry'; readonly delayMs: number } | { readonly kind: 'give-up' };

export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** Maximum total wait for a busy server. If it asks for more, the run fails and tells the person. */
  readonly patienceMs: number;
}

export const defaultPatienceMs = 600_000;

export const modelRetryPolicy: RetryPolicy = {
  maxAttempts: 6,
  firstDelayMs: 500,
  longestDelayMs: 30_000,
  patienceMs: defaultPatienceMs,
};

/** A failed attempt. */
export interface FailedAttempt {
  /** Number of failed attempts, from 1. */
  readonly attempt: number;
  /** Total wait so far. */
  readonly waitedMs: number;
  /** Overloaded or rate limiting: waiting helps, however many attempts it takes. */
  readonly isBusy: boolean;
  readonly retryAfterMs: number | undefined;
  readonly mostAttempts?: number | undefined;
}

/**
 * Exponential backoff with jitter over the upper half. A server's Retry-After takes precedence.
 * @param random 0 <= random < 1
 */
export function decideRetry(policy: RetryPolicy, failed: FailedAttempt, random: number): RetryDecision {
  const { attempt, waitedMs, isBusy, retryAfterMs } = failed;
  const ceiling = Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** (attempt - 1));
  const delayMs = retryAfterMs ?? Math.round(ceiling * (0.5 + random / 2));
  const isSpent = isBusy
    ? waitedMs + delayMs > policy.patienceMs
    : attempt >= Math.min(policy.maxAttempts, failed.mostAttempts ?? Infinity) || delayMs > policy.patienceMs;
  return isSpent ? { kind: 'give-up' } : { kind: 'retry', delayMs };
}

/** `retry-after-ms`, or else `retry-after`. Undefined if absent or invalid. */
export function readRetryAfter(get: (header: string) => string | null, now: number): number | undefined {
  const milliseconds = Number(get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(milliseconds) && milliseconds >= 0) return milliseconds;
  return retryAfterMs(get('retry-after'), now);
}

/** Resolves after `ms`, or at once when the signal aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
