import { systemOf, type SystemId } from '../../servers/contract/systems.ts';
import * as z from 'zod';
import type { Model } from '../agent/model/model.ts';
import type { Arguments, ToolFailure, ToolOutcome } from '../agent/tools.ts';
import type { Hub } from './hub.ts';

export type Probe =
  | { readonly kind: 'connected' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly hint: string | undefined };

type Call = (tool: string, input: Arguments, preview?: boolean) => Promise<ToolOutcome>;

/**
 * Tests one connection with real calls. Contract: never rejects.
 * @param places named in the settings: project keys, channels. Each must exist.
 */
export async function probeServer(
  hub: Hub,
  id: SystemId,
  signal: AbortSignal,
  places: readonly string[] = [],
): Promise<Probe> {
  const view = hub.states().find((server) => server.id === id);
  if (view?.state.status === 'failed') await hub.restart(id);
  const run = { session: 'test-connections', run: 'test-connections', actor: 'person' };
  const call: Call = (tool, input, preview) =>
    hub.callAny(`${id}__${tool}`, input, { signal, run, ...(preview === true && { preview }) });
  const outcome = await call(systemOf(id).probe, {});
  if (outcome.kind === 'failure') return fromFailure(id, outcome.failure);
  for (const place of id === 'slack' && places.length === 0 ? memberChannel(outcome) : places) {
    const found = await finders[id]?.(place, call);
    if (found?.kind === 'failed') return found;
  }
  return { kind: 'connected' };
}

/** How a place that the settings name is looked for. */
const finders: Readonly<Partial<Record<SystemId, (place: string, call: Call) => Promise<Probe>>>> = {
  jira: findProject,
  slack: findChannel,
};

function fromFailure(id: SystemId, { code, message, hint }: ToolFailure): Probe {
  // An answer without projects did not come from Jira, or came from another kind of Jira.
  if (id === 'jira' && code === 'not_found') {
    return {
      kind: 'failed',
      code,
      message: 'The server at this address is not this kind of Jira.',
      hint: 'Check JIRA_URL. Jira Cloud (atlassian.net) needs JIRA_EMAIL and JIRA_TOKEN; Jira Data Center needs JIRA_PAT.',
    };
  }
  return { kind: 'failed', code, message, hint };
}

async function findProject(key: string, call: Call): Promise<Probe> {
  const outcome = await call(systemOf('jira').probe, { search: key });
  if (outcome.kind === 'failure') return fromFailure('jira', outcome.failure);
  const table = z.object({ rows: z.array(z.tuple([z.string()], z.unknown())) }).parse(outcome.structured);
  if (table.rows.some(([found]) => found.toUpperCase() === key.toUpperCase())) return { kind: 'connected' };
  return {
    kind: 'failed',
    code: 'not_found',
    message: `The account sees no project ${key}.`,
    hint: 'Check JIRA_ALLOWED_PROJECTS, or ask an administrator for the "Browse Projects" permission in that project.',
  };
}

/** A channel to test posting in when none is named. */
function memberChannel({ structured }: Extract<ToolOutcome, { kind: 'result' }>): readonly string[] {
  const row = z.tuple([z.string(), z.string(), z.boolean()], z.unknown());
  const { rows } = z.object({ rows: z.array(row) }).parse(structured);
  return rows
    .filter(([, , isMember]) => isMember)
    .map(([channel]) => channel)
    .slice(0, 1);
}

/** Checks everything about posting there short of posting. */
async function findChannel(channel: string, call: Call): Promise<Probe> {
  const outcome = await call('post_slack_message', { channel, text: 'Does this channel exist?' }, true);
  return outcome.kind === 'result' ? { kind: 'connected' } : fromFailure('slack', outcome.failure);
}

/** A question with a one-token answer. It costs next to nothing and fails the way a real request would. */
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
    // A retry would keep the user waiting for a known answer.
    if (event.type === 'retry-scheduled') return failed('unreachable', event.reason);
  }
  return failed('broken', 'The model did not respond.');
}

function failed(code: string, message: string): Probe {
  return { kind: 'failed', code, message, hint: undefined };
}
