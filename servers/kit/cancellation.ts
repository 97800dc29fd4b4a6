/** What ends running calls: cancellation by the client, its request to stop one, or server shutdown. */
export interface CallSignals {
  /** @param name the client's name for the call, if it gave one, used in stop requests. */
  readonly begin: (cancelled: AbortSignal, name: unknown) => CallSignal;
  readonly stop: (name: unknown) => void;
}

export interface CallSignal {
  readonly signal: AbortSignal;
  readonly end: () => void;
}

/** One controller per call: `AbortSignal.any` with its weak references costs ten times as much. */
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
