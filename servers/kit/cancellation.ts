/** What ends the calls under way: the client's cancellation, its wish to stop one, or the end of the server. */
export interface CallSignals {
  /** @param name by which the client may ask for a stop, if it gave one. */
  readonly begin: (cancelled: AbortSignal, name: unknown) => CallSignal;
  readonly stop: (name: unknown) => void;
}

export interface CallSignal {
  readonly signal: AbortSignal;
  readonly end: () => void;
}

/** One controller a call: `AbortSignal.any` with its weak references costs each call ten times as much. */
export function createCallSignals(stopping: AbortSignal): CallSignals {
  const running = new Map<AbortController, unknown>();
  stopping.addEventListener('abort', () => {
    for (const call of running.keys()) call.abort(stopping.reason);
  });
  return {
    begin: (cancelled, name) => {
      const call = new AbortController();
      running.set(call, name);
      for (const ended of [stopping, cancelled]) if (ended.aborted) call.abort(ended.reason);
      cancelled.addEventListener('abort', () => call.abort(cancelled.reason), { once: true });
      return { signal: call.signal, end: () => void running.delete(call) };
    },
    stop: (name) => {
      for (const [call, its] of running)
        if (name !== undefined && its === name) call.abort(new Error('stopped by the client'));
    },
  };
}
