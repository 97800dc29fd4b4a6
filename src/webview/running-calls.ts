import type { HostMessage } from '../chat/messages.ts';

/** When each running call started, by this page's clock: that of the host can be another machine's. */
const starts = new Map<string, number>();

/** Notes which calls have started. A page that opens later is told how long they have been running. */
export function noteStarts(message: Extract<HostMessage, { type: 'state' | 'events' }>): void {
  if (message.type === 'state') {
    starts.clear();
    for (const [callId, elapsedMs] of Object.entries(message.elapsedMs ?? {}))
      starts.set(callId, performance.now() - elapsedMs);
    return;
  }
  for (const event of message.events) {
    if (event.type === 'tool-call-started') starts.set(event.callId, performance.now());
    else if (event.type === 'tool-call-finished') starts.delete(event.callId);
  }
}

/** Milliseconds. */
export function elapsedOf(callId: string): number {
  const start = starts.get(callId);
  return start === undefined ? 0 : Math.max(0, performance.now() - start);
}
