import type { Model } from '../agent/model.ts';
import type { ToolOutcome } from '../agent/tools.ts';
import type { LiveEngine } from './engine.ts';
import { systems, type System, type SystemId } from './systems.ts';

export type ProbeResult =
  | { readonly kind: 'connected'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string; readonly hint: string | undefined }
  | { readonly kind: 'not-connected' };

/** Reading tools that reach the system and say what is wrong when they cannot. */
const probes: Readonly<Record<Exclude<SystemId, 'claude'>, string>> = {
  postgres: 'get_database_health',
  jira: 'list_jira_projects',
  slack: 'list_slack_channels',
};

const limitMs = 30_000;

/** Tries one connection for real. Contract: never rejects. */
export async function probe(system: System, live: LiveEngine, cancelled: AbortSignal): Promise<ProbeResult> {
  const { settings, secrets, engine } = live;
  const signal = AbortSignal.any([cancelled, AbortSignal.timeout(limitMs)]);
  if (system.id === 'claude') {
    return live.hasModel ? probeModel(engine.model, signal) : { kind: 'not-connected' };
  }
  if (!system.isConnected(settings, secrets)) return { kind: 'not-connected' };
  const view = engine.hub.states().find(({ id }) => id === system.id);
  if (view?.state.status === 'failed') await engine.hub.restart(system.id);
  const run = { session: 'test-connections', run: 'test-connections', actor: 'person' };
  const outcome = await engine.hub.call(`${system.id}__${probes[system.id]}`, {}, { signal, run });
  return explain(outcome, system, live);
}

/** Every system, at the same time. */
export function probeAll(live: LiveEngine, signal: AbortSignal): Promise<readonly (readonly [System, ProbeResult])[]> {
  return Promise.all(systems.map(async (system) => [system, await probe(system, live, signal)] as const));
}

function explain(outcome: ToolOutcome, system: System, live: LiveEngine): ProbeResult {
  if (outcome.kind === 'result') return { kind: 'connected', message: system.describe(live.settings) };
  return { kind: 'failed', message: outcome.failure.message, hint: outcome.failure.hint };
}

/** A question whose answer is one token long: it costs next to nothing, and fails as a real one would. */
async function probeModel(model: Model, signal: AbortSignal): Promise<ProbeResult> {
  const request = {
    system: 'Answer with one word.',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Are you there?' }] }],
    tools: [],
    maxTokens: 1,
    signal,
  } as const;
  for await (const event of model.stream(request)) {
    if (event.type === 'turn-finished') return { kind: 'connected', message: model.id };
    if (event.type === 'turn-failed') return { kind: 'failed', message: event.failure.message, hint: undefined };
    // A retry would keep the person waiting for an answer that is already known.
    if (event.type === 'retry-scheduled') return { kind: 'failed', message: event.reason, hint: undefined };
  }
  return { kind: 'failed', message: 'The model gave no answer.', hint: undefined };
}
