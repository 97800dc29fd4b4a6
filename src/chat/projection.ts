import { emptyChat } from './chat-state.ts';
import type { ChatEvent, ChatState } from './chat-state.ts';
import type { HostMessage } from './messages.ts';
import { reduce, replay } from './reduce.ts';

/** The host's end: holds the state, and makes the messages that keep a webview equal to it. */
export interface Projection {
  readonly state: () => ChatState;
  /** The message to post. Nobody needs to be listening: a webview that comes later asks for `snapshot`. */
  readonly apply: (events: readonly ChatEvent[]) => HostMessage;
  readonly snapshot: () => HostMessage;
  /** Shows another session from its recorded events, or an empty one. */
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

/** The webview's end. `undefined` means that something was missed: send `ready`. */
export function follow(held: Extract<HostMessage, { type: 'state' }>, message: HostMessage): typeof held | undefined {
  if (message.type === 'state') return message;
  if (message.type !== 'events') return held;
  if (message.sequence <= held.sequence) return held;
  if (message.sequence - message.events.length !== held.sequence) return undefined;
  return { type: 'state', state: message.events.reduce(reduce, held.state), sequence: message.sequence };
}
