import { setTimeout as delay } from 'node:timers/promises';

interface AbsenceTimings {
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
}

/** A remote server that cannot be reached at the moment, and when it is tried again. */
export class Absence {
  readonly #timings: AbsenceTimings;
  /** Attempts since it went away. */
  #attempts = 0;
  #triedAt = 0;
  #waiting: AbortController | undefined;

  constructor(timings: AbsenceTimings) {
    this.#timings = timings;
  }

  get isKnown(): boolean {
    return this.#attempts > 0;
  }

  /** Whether a call may try it before the next attempt is due. */
  mayTry(afterMs: number): boolean {
    return this.isKnown && performance.now() - this.#triedAt >= afterMs;
  }

  /** Tries again after a delay that doubles each time, with jitter. It does not keep the process running. */
  tryLater(life: AbortSignal, attempt: () => void): void {
    const { firstDelayMs, longestDelayMs } = this.#timings;
    const bound = Math.min(longestDelayMs, firstDelayMs * 2 ** this.#attempts);
    this.#attempts += 1;
    this.#triedAt = performance.now();
    this.#waiting?.abort();
    const waiting = new AbortController();
    this.#waiting = waiting;
    const signal = AbortSignal.any([life, waiting.signal]);
    void delay(bound * (0.5 + Math.random() / 2), true, { signal, ref: false }).then(attempt, () => {
      // The server was restarted, stopped, or reached meanwhile.
    });
  }

  /** It was reached, or something else is wrong with it. */
  end(): void {
    this.#attempts = 0;
    this.#waiting?.abort();
    this.#waiting = undefined;
  }
}
