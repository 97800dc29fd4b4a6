import type { ToolFailure } from '../agent/tools.ts';

export interface CallTimes {
  /** How long a call may go without a response or progress. */
  readonly idleMs: number;
  /** How long a call may take in total. */
  readonly totalMs: number;
  /** How long a cancelled write may take to report its outcome. */
  readonly settleMs: number;
}

export interface CallLimitOptions extends CallTimes {
  /** The caller's cancellation. */
  readonly signal: AbortSignal;
  /** Asks the server to stop but still respond. Without it, a cancelled call gets no response. */
  readonly stop: (() => void) | undefined;
}

/**
 * Decides when a call ends without a response. It has its own signal, because the SDK never removes its listener from
 * the signal it gets and would send a cancellation for every finished call of a run that is cancelled later.
 */
export class CallLimit {
  /** Why `signal` was aborted. */
  met: 'cancelled' | 'idle' | 'total' | undefined;
  readonly #controller = new AbortController();
  readonly #options: CallLimitOptions;
  #timers: NodeJS.Timeout[];
  #suspended = 0;
  #disposed = false;
  readonly #cancel = (): void => {
    if (this.#options.stop === undefined) return this.#meet('cancelled');
    this.#options.stop();
    this.#timers.push(setTimeout(() => this.#meet('cancelled'), this.#options.settleMs));
  };

  constructor(options: CallLimitOptions) {
    this.#options = options;
    this.#timers = this.#begin();
    options.signal.addEventListener('abort', this.#cancel, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The server has shown activity. */
  touch(): void {
    if (this.#suspended === 0) this.#timers[0]?.refresh();
  }

  /** Stops the clock while the server waits for the user or for us. Each `pause` needs its own `resume`. */
  suspend(): void {
    this.#suspended += 1;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  resume(): void {
    this.#suspended -= 1;
    if (this.#suspended === 0 && !this.#disposed) this.#timers = this.#begin();
  }

  #begin(): NodeJS.Timeout[] {
    return [
      setTimeout(() => this.#meet('idle'), this.#options.idleMs),
      setTimeout(() => this.#meet('total'), this.#options.totalMs),
    ];
  }

  dispose(): void {
    this.#disposed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#options.signal.removeEventListener('abort', this.#cancel);
  }

  /** @param changes whether the call may have changed data. */
  describe(title: string, changes: boolean): ToolFailure {
    const { idleMs, totalMs } = this.#options;
    const what = {
      cancelled: 'was cancelled while in progress',
      idle: `showed no activity for ${idleMs / 1000} s`,
      total: `took more than ${totalMs / 1000} s`,
    }[this.met ?? 'cancelled'];
    if (changes) {
      return {
        code: 'outcome_unknown',
        message: `${title} ${what}. It may have been done.`,
        hint: 'Look at the destination before doing it again.',
        retryable: false,
      };
    }
    const cancelled = this.met === 'cancelled';
    return { code: cancelled ? 'cancelled' : 'timeout', message: `${title} ${what}.`, retryable: !cancelled };
  }

  #meet(met: 'cancelled' | 'idle' | 'total'): void {
    this.met ??= met;
    this.#controller.abort(new Error(met));
  }
}
