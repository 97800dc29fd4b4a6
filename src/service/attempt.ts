import type { RunEvent } from '../agent/events.ts';
import type { StartRequest } from '../switchboard.ts';
import { leaseMs, type Ending, type OccasionRow, type OccasionStore } from './state/occasion-store.ts';

type RunFinished = Extract<RunEvent, { type: 'run-finished' }>;

/** One attempt at an occasion that this process has claimed. */
export interface Attempt {
  readonly row: OccasionRow;
  /** Goes on where an earlier attempt stopped. */
  readonly start: Pick<StartRequest, 'session' | 'resume' | 'occasion' | 'signal'>;
  /** Records the end. Call it when the session is written. @returns false if another process has taken over. */
  readonly finish: (end: RunFinished | undefined, ending: Omit<Ending, 'reason' | 'message'>) => Promise<boolean>;
}

/** Keeps the claim until `finish`. The run is cancelled if another process may have taken over. */
export function beginAttempt(store: OccasionStore, row: OccasionRow, signal: AbortSignal): Attempt {
  const lost = new AbortController();
  let lastTouch = performance.now();
  const keep = async (): Promise<void> => {
    try {
      const isOurs = await store.touch(row.id);
      lastTouch = performance.now();
      if (!isOurs) lost.abort();
    } catch {
      // The database may be back soon. Until the lease is over, the occasion is ours.
      if (performance.now() - lastTouch > leaseMs) lost.abort();
    }
  };
  const timer = setInterval(() => {
    void keep();
  }, leaseMs / 3).unref();
  return {
    row,
    start: {
      session: row.session,
      resume: true,
      occasion: store.occasionOf(row),
      signal: AbortSignal.any([signal, lost.signal]),
    },
    finish: (end, ending) => {
      clearInterval(timer);
      const { reason = 'failed', message = 'The run stopped without an end.' } = end ?? {};
      return store.end(row.id, { ...ending, reason, message });
    },
  };
}
