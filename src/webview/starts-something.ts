import type { HostMessage } from '../chat/messages.ts';

/** Whether the user has sent a prompt or a run has started. */
export function startsSomething(message: Extract<HostMessage, { type: 'state' | 'events' }>): boolean {
  if (message.type === 'state') return false;
  return message.events.some(({ type }) => type === 'prompt-sent' || type === 'run-started');
}
