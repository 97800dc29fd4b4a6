import type { ServerView } from '../mcp/hub.ts';
import type { ServerStatus } from '../chat/messages.ts';
import type { LiveEngine } from './engine.ts';
import { systems } from './systems.ts';

/** What is connected and how it is, for the chat and the Connections view. */
export function readServerStatus(live: LiveEngine): readonly ServerStatus[] {
  return live.engine.hub.states().map((view) => statusOf(view, live));
}

function statusOf(view: ServerView, { settings, secrets }: LiveEngine): ServerStatus {
  const { id, title, state } = view;
  const system = systems.find((candidate) => candidate.id === id);
  if (system !== undefined && !system.isConnected(settings, secrets)) {
    return { id, title, state: 'not-configured', detail: 'Not connected' };
  }
  const target = system?.describe(settings) ?? '';
  switch (state.status) {
    case 'ready':
      return { id, title, state: 'ready', detail: target };
    case 'starting':
      return { id, title, state: 'starting', detail: 'Starting' };
    case 'restarting':
      return { id, title, state: 'restarting', detail: state.reason };
    case 'failed':
      return { id, title, state: 'failed', detail: state.reason };
    case 'stopped':
      return { id, title, state: 'off', detail: target };
  }
}

/** `12 ms, 2 restarts`; empty while there is nothing to say. */
export function describeHealth({ state }: ServerView): string {
  if (state.status !== 'ready') return '';
  const restarts = state.restarts === 0 ? '' : state.restarts === 1 ? '1 restart' : `${state.restarts} restarts`;
  const latency = state.latencyMs === undefined ? '' : `${Math.max(1, Math.round(state.latencyMs))} ms`;
  return [latency, restarts].filter((part) => part !== '').join(', ');
}
