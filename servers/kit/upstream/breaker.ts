import { ToolError } from '../errors.ts';

/** Stops asking an upstream that cannot be reached, so that calls are answered at once instead of waiting for it. */
export interface Breaker {
  /**
   * @param isDown whether the outcome shows that the upstream cannot be reached. Anything else, an error of the caller
   * or a slow answer, shows that it can.
   * @throws ToolError `unreachable` without calling `work`, and whatever `work` throws.
   */
  readonly run: <Result>(work: () => Promise<Result>, isDown: Verdict<Result>) => Promise<Result>;
}

export type Outcome<Result> =
  | { readonly kind: 'returned'; readonly value: Result }
  | { readonly kind: 'threw'; readonly error: unknown };

/** `unclear`: the caller gave up before anything was known. */
export type Verdict<Result> = (outcome: Outcome<Result>) => 'down' | 'up' | 'unclear';

/** Failures in a row before the upstream counts as down. */
const mostFailures = 3;
const firstPauseMs = 1_000;
const longestPauseMs = 15_000;

interface Clock {
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  readonly time: () => Date;
}

const systemClock: Clock = { now: () => performance.now(), time: () => new Date() };

/** @param upstream subject of a sentence: "The database at db:5432/shop". */
export function createBreaker(upstream: string, clock: Clock = systemClock): Breaker {
  let failures = 0;
  let since = clock.time();
  let nextAt = 0;
  let isProbing = false;

  const refuse = (): ToolError => {
    const waitMs = Math.max(0, Math.ceil(nextAt - clock.now()));
    const next = isProbing
      ? 'It is being tried again now.'
      : `The first call after ${Math.ceil(waitMs / 1000)} s tries again.`;
    return new ToolError('unreachable', `${upstream} has been unreachable since ${since.toISOString()}. ${next}`, {
      hint: 'Nothing was sent. Continue without it, or tell the user.',
      retryAfterMs: Math.max(waitMs, firstPauseMs),
    });
  };

  const learn = (verdict: 'down' | 'up' | 'unclear'): void => {
    if (verdict === 'up') failures = 0;
    if (verdict !== 'down') return;
    if (failures === 0) since = clock.time();
    failures += 1;
    const pauses = failures - mostFailures;
    if (pauses >= 0) nextAt = clock.now() + Math.min(longestPauseMs, firstPauseMs * 2 ** pauses);
  };

  return {
    run: async (work, isDown) => {
      const isOpen = failures >= mostFailures;
      if (isOpen && (isProbing || clock.now() < nextAt)) throw refuse();
      if (isOpen) isProbing = true;
      try {
        const value = await work();
        learn(isDown({ kind: 'returned', value }));
        return value;
      } catch (error) {
        learn(isDown({ kind: 'threw', error }));
        throw error;
      } finally {
        if (isOpen) isProbing = false;
      }
    },
  };
}

const breakers = new Map<string, Breaker>();

/** Shared by every connection to the same upstream, whoever calls. */
export function breakerFor(upstream: string): Breaker {
  const known = breakers.get(upstream) ?? createBreaker(upstream);
  breakers.set(upstream, known);
  return known;
}
