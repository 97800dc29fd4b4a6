import type { Model } from '../agent/model.ts';
import type { Hub } from './hub.ts';
import type { OwnServer } from './server-specs.ts';

export type Probe =
  | { readonly kind: 'connected' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly hint: string | undefined };

/** Reading tools that reach the system and say what is wrong when they cannot. */
const probes: Readonly<Record<OwnServer, string>> = {
  postgres: 'get_database_health',
  jira: 'list_jira_projects',
  slack: 'list_slack_channels',
};

/** Tries one connection for real. Contract: never rejects. */
export async function probeServer(hub: Hub, id: OwnServer, signal: AbortSignal): Promise<Probe> {
  const view = hub.states().find((server) => server.id === id);
  if (view?.state.status === 'failed') await hub.restart(id);
  const run = { session: 'test-connections', run: 'test-connections', actor: 'person' };
  const outcome = await hub.call(`${id}__${probes[id]}`, {}, { signal, run });
  if (outcome.kind === 'result') return { kind: 'connected' };
  const { code, message, hint } = outcome.failure;
  return { kind: 'failed', code, message, hint };
}

/** A question whose answer is one token long: it costs next to nothing, and fails as a real one would. */
export async function probeModel(model: Model, signal: AbortSignal): Promise<Probe> {
  const request = {
    system: 'Answer with one word.',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Are you there?' }] }],
    tools: [],
    maxTokens: 1,
    signal,
  } as const;
  for await (const event of model.stream(request)) {
    if (event.type === 'turn-finished') return { kind: 'connected' };
    if (event.type === 'turn-failed') return failed(event.failure.kind, event.failure.message);
    // A retry would keep the person waiting for an answer that is already known.
    if (event.type === 'retry-scheduled') return failed('unreachable', event.reason);
  }
  return failed('broken', 'The model gave no answer.');
}

function failed(code: string, message: string): Probe {
  return { kind: 'failed', code, message, hint: undefined };
}
