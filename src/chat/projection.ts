import { emptyChat } from './chat-state.ts';
import type { ChatEvent, ChatState } from './chat-state.ts';
import type { HostMessage } from './messages.ts';
import { reduce, replay } from './reduce.ts';

/** The host side: holds the state and creates the messages that keep a webview in sync with it. */
export interface Projection {
  readonly state: () => ChatState;
  /** Returns the message to post. It can be lost, because a webview that opens later asks for `snapshot`. */
  readonly apply: (events: readonly ChatEvent[]) => HostMessage;
  readonly snapshot: () => HostMessage;
  /** Switches to another session, built from its recorded events, or to an empty one. */
  readonly reset: (events?: Iterable<ChatEvent>) => HostMessage;
}

export function createProjection(): Projection {
  let state = emptyChat;
  let sequence = 0;
  /** When each running call started. */
  const starts = new Map<string, number>();
  const snapshot = (): HostMessage => {
    const elapsed = [...starts].map(([callId, start]) => [callId, performance.now() - start] as const);
    return { type: 'state', state, sequence, ...(elapsed.length > 0 && { elapsedMs: Object.fromEntries(elapsed) }) };
  };
  return {
    state: () => state,
    snapshot,
    apply(events) {
      for (const event of events) {
        state = reduce(state, event);
        if (event.type === 'tool-call-started') starts.set(event.callId, performance.now());
        else if (event.type === 'tool-call-finished') starts.delete(event.callId);
        else if (event.type === 'run-finished') starts.clear();
      }
      sequence += events.length;
      return { type: 'events', events, sequence };
    },
    reset(events = []) {
      state = replay(events);
      starts.clear();
      sequence += 1;
      return snapshot();
    },
  };
}

/** The webview side. `undefined` means that it missed a message and must send `ready`. */
export function follow(
  current: Extract<HostMessage, { type: 'state' }>,
  message: HostMessage,
): typeof current | undefined {
  if (message.type === 'state') return message;
  if (message.type !== 'events') return current;
  if (message.sequence <= current.sequence) return current;
  if (message.sequence - message.events.length !== current.sequence) return undefined;
  return { type: 'state', state: message.events.reduce(reduce, current.state), sequence: message.sequence };
}
