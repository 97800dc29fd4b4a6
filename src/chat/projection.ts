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
  const snapshot = (): HostMessage => ({ type: 'state', state, sequence });
  return {
    state: () => state,
    snapshot,
    apply(events) {
      for (const event of events) state = reduce(state, event);
      sequence += events.length;
      return { type: 'events', events, sequence };
    },
    reset(events = []) {
      state = replay(events);
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
