/** What to do about one failed attempt. */
export type RetryDecision = { readonly kind: 'retry'; readonly delayMs: number } | { readonly kind: 'give-up' };

export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** A server that asks for a longer wait than this is told to the person instead of being waited for. */
  readonly longestRequestedMs: number;
}

export const modelRetryPolicy: RetryPolicy = {
  maxAttempts: 6,
  firstDelayMs: 500,
  longestDelayMs: 30_000,
  longestRequestedMs: 120_000,
};

/**
 * Exponential backoff with jitter over the upper half; a server's own Retry-After wins over it.
 * @param attempt how many attempts have failed, from 1
 * @param random 0 <= random < 1
 */
export function decideRetry(
  policy: RetryPolicy,
  attempt: number,
  retryAfterMs: number | undefined,
  random: number,
): RetryDecision {
  if (attempt >= policy.maxAttempts) return { kind: 'give-up' };
  if (retryAfterMs !== undefined) {
    return retryAfterMs > policy.longestRequestedMs ? { kind: 'give-up' } : { kind: 'retry', delayMs: retryAfterMs };
  }
  const ceiling = Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** (attempt - 1));
  return { kind: 'retry', delayMs: Math.round(ceiling * (0.5 + random / 2)) };
}

/** `retry-after-ms`, or `retry-after` in seconds or as an HTTP date; undefined where absent or senseless. */
export function readRetryAfter(get: (header: string) => string | null, now: number): number | undefined {
  const milliseconds = Number(get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(milliseconds) && milliseconds >= 0) return milliseconds;
  const header = get('retry-after');
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1000 : undefined;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
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
