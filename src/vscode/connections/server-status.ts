import { l10n } from 'vscode';
import { describePlace, type ServerView } from '../../mcp/hub.ts';
import type { ModelStatus, ServerStatus } from '../../chat/messages.ts';
import type { LiveEngine } from '../engine/engine.ts';
import { inSetUpWords } from './variable-labels.ts';
import { systems } from './connection-definitions.ts';
import type { Probes } from './probes.ts';
import { sentence } from './test-connection.ts';
import { plural } from '../plural.ts';

/** The status of each server, for the chat and the Connections view. */
export function readServerStatus(live: LiveEngine, probes: Probes): readonly ServerStatus[] {
  return live.engine.hub.states().map((view) => statusOf(view, live, probes));
}

/** The status of the model. It is not tested until somebody asks for that, because every answer costs money. */
export function readModelStatus(live: LiveEngine, probes: Probes): ModelStatus {
  const label = live.hasModel ? live.engine.model.id : l10n.t('No model');
  if (!live.hasModel) return { label, state: 'not-configured', detail: label };
  const result = probes.resultOf(live, 'claude');
  if (result?.kind === 'failed') return { label, state: 'failed', detail: sentence(result) };
  return { label, state: result?.kind === 'connected' ? 'ready' : 'untested', detail: label };
}

function statusOf(view: ServerView, live: LiveEngine, probes: Probes): ServerStatus {
  const { settings, secrets } = live;
  const { id, title, state } = view;
  const system = systems.find((candidate) => candidate.id === id);
  if (system !== undefined && !system.isConnected(settings, secrets)) {
    return { id, title, state: 'not-configured', detail: l10n.t('Not connected') };
  }
  const target = describePlace(view) ?? system?.describe(settings) ?? '';
  switch (state.status) {
    case 'ready': {
      const result = probes.resultOf(live, id);
      if (result?.kind === 'failed') return { id, title, state: 'failed', detail: sentence(result) };
      // Servers of third parties have nothing to test.
      if (result === undefined && system !== undefined)
        return { id, title, state: 'starting', detail: l10n.t('Testing') };
      return { id, title, state: 'ready', detail: target };
    }
    case 'starting':
      return { id, title, state: 'starting', detail: l10n.t('Starting') };
    case 'restarting':
      return { id, title, state: 'restarting', detail: inSetUpWords(state.reason) };
    case 'failed':
      return { id, title, state: 'failed', detail: inSetUpWords(state.reason) };
    case 'stopped':
      return { id, title, state: 'off', detail: target };
  }
}

/** `under 20 ms, 2 restarts`, or empty. Latency comes in steps, because a flickering value is hard to read or click. */
export function describeHealth({ state }: ServerView): string {
  if (state.status !== 'ready') return '';
  const { latencyMs, restarts, leftOut } = state;
  const bound = latencyMs === undefined ? undefined : latencySteps.find((step) => latencyMs < step);
  return [
    ...(latencyMs === undefined ? [] : [bound === undefined ? l10n.t('over 1 s') : l10n.t('under {0} ms', bound)]),
    ...(leftOut.length === 0 ? [] : [plural(leftOut.length, '{0} tool not offered', '{0} tools not offered')]),
    ...(restarts === 0 ? [] : [plural(restarts, '{0} restart', '{0} restarts')]),
  ].join(', ');
}

const latencySteps = [20, 50, 100, 200, 500, 1000] as const;
