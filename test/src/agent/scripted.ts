import { randomUUID } from 'node:crypto';
import type { ApprovalDecision, ApprovalRequest } from '../../../src/agent/approval.ts';
import { createBudget, defaultLimits, type BudgetLimits } from '../../../src/agent/budget.ts';
import type { RunEvent } from '../../../src/agent/events.ts';
import { createEvidenceStore } from '../../../src/agent/evidence/store.ts';
import type { OriginatedGrant } from '../../../src/agent/policy/grants.ts';
import type {
  AssistantBlock,
  Message,
  Model,
  ModelEvent,
  ModelRequest,
  StopReason,
} from '../../../src/agent/model/model.ts';
import { createPolicyState } from '../../../src/agent/policy/policy-state.ts';
import type { RunPorts } from '../../../src/agent/run/ports.ts';
import { runAgent, type RunRequest } from '../../../src/agent/run/run.ts';
import type { Arguments, CallOptions, ToolOutcome, ToolSource, ToolSpec } from '../../../src/agent/tools.ts';

/** What a scripted model says next, based on what it was given. */
export type Play = (request: ModelRequest, turn: number) => PlayedTurn | Promise<PlayedTurn>;

export interface PlayedTurn {
  readonly text?: string;
  readonly calls?: readonly { readonly name: string; readonly input?: Arguments; readonly broken?: boolean }[];
  readonly stop?: StopReason;
  readonly inputTokens?: number;
}

export function scriptedModel(play: Play): Model & { readonly requests: ModelRequest[] } {
  const requests: ModelRequest[] = [];
  return {
    id: 'scripted',
    requests,
    async *stream(request): AsyncGenerator<ModelEvent> {
      requests.push(request);
      const turn = await play(request, requests.length);
      if (turn.text !== undefined) yield { type: 'text-delta', text: turn.text };
      const calls = (turn.calls ?? []).map(({ name, input = {}, broken = false }, index): AssistantBlock => {
        const id = `call-${requests.length}-${index}`;
        return {
          type: 'tool-call',
          id,
          name,
          input: broken ? { kind: 'broken', text: '{"a' } : { kind: 'complete', value: input },
        };
      });
      yield {
        type: 'turn-finished',
        content: [...(turn.text === undefined ? [] : [{ type: 'text' as const, text: turn.text }]), ...calls],
        stop: turn.stop ?? (calls.length > 0 ? 'tool-calls' : 'end'),
        refusal: undefined,
        usage: { inputTokens: turn.inputTokens ?? 10, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 5 },
      };
    },
  };
}

export interface ScriptedTool {
  readonly spec: ToolSpec;
  readonly call: (input: Arguments, options: CallOptions) => ToolOutcome | Promise<ToolOutcome>;
}

export interface Sent {
  readonly name: string;
  readonly input: Arguments;
  readonly options: CallOptions;
}

/** Tools in memory that record actual calls and, separately, previews. */
export function scriptedTools(
  tools: readonly ScriptedTool[],
): ToolSource & { readonly sent: Sent[]; readonly previewed: Sent[] } {
  const sent: Sent[] = [];
  const previewed: Sent[] = [];
  return {
    sent,
    previewed,
    list: () => Promise.resolve(tools.map(({ spec }) => spec)),
    call: async (name, input, options) => {
      (options.preview === true ? previewed : sent).push({ name, input, options });
      const tool = tools.find(({ spec }) => spec.name === name);
      if (tool === undefined) throw new Error(`the test has no tool ${name}`);
      return tool.call(input, options);
    },
  };
}

export function readTool(
  name: string,
  answer: (input: Arguments) => Readonly<Record<string, unknown>>,
  server = 'postgres',
): ScriptedTool {
  return {
    spec: specOf(name, server, 'read'),
    call: (input) => {
      const structured = answer(input);
      return { kind: 'result', text: JSON.stringify(structured), structured };
    },
  };
}

/** A write with a preview, whose destination is the argument named. */
export function writeTool(
  name: string,
  server: string,
  destination: string,
  done: (input: Arguments) => Readonly<Record<string, unknown>>,
): ScriptedTool {
  return {
    spec: specOf(name, server, 'write'),
    call: (input, options) => {
      const to = String(input[destination]);
      const preview = {
        title: name,
        destination: { id: to, name: to },
        body: Object.values(input).join('\n'),
        raw: JSON.stringify(input),
        fields: [],
        warnings: [],
        duplicates: [],
        linkHosts: [],
        mentions: [],
      };
      const structured =
        options.preview === true ? { outcome: 'preview', preview } : { outcome: 'done', ...done(input) };
      return { kind: 'result', text: JSON.stringify(structured), structured };
    },
  };
}

export function specOf(plainName: string, server: string, risk: ToolSpec['risk']): ToolSpec {
  return {
    name: `${server}__${plainName}`,
    plainName,
    server,
    title: plainName,
    description: plainName,
    inputSchema: { type: 'object', properties: {} },
    risk,
    trusted: true,
    preview: risk !== 'read',
    idempotent: risk !== 'read',
  };
}

export interface PlayOptions {
  readonly play: Play;
  /** Instead of the one that plays. */
  readonly model?: Model;
  readonly tools: readonly ScriptedTool[];
  readonly grants?: readonly OriginatedGrant[];
  readonly ask?: (request: ApprovalRequest) => ApprovalDecision | Promise<ApprovalDecision>;
  readonly acceptChange?: RunPorts['acceptChange'];
  readonly limits?: Partial<BudgetLimits>;
  readonly allowSampling?: boolean;
  /** Instead of the tools, when they are first asked for. */
  readonly list?: ToolSource['list'];
  readonly listNow?: ToolSource['listNow'];
  readonly contextTokens?: number;
  readonly signal?: AbortSignal;
  readonly request?: Partial<RunRequest>;
  readonly onEvent?: (event: RunEvent) => void;
  readonly cleared?: RunPorts['cleared'];
  readonly occasion?: RunPorts['occasion'];
  /** Whom the policy lets be asked. */
  readonly asking?: Partial<Pick<RunPorts, 'ask' | 'isAsked' | 'asksSingly'>>;
}

/** One run of the real loop with a scripted model and tools in memory. */
export async function playRun(options: PlayOptions) {
  const model = scriptedModel(options.play);
  const tools = scriptedTools(options.tools);
  const kept: Message[] = [];
  const faults: unknown[] = [];
  const { ask } = options;
  const ports: RunPorts = {
    model: options.model ?? model,
    tools: {
      ...tools,
      ...(options.list !== undefined && { list: options.list }),
      ...(options.listNow !== undefined && { listNow: options.listNow }),
    },
    hostTools: [],
    evidence: createEvidenceStore(),
    policy: createPolicyState({ grants: options.grants ?? [] }),
    cleared: options.cleared ?? { find: () => undefined, keep: () => Promise.resolve() },
    occasion: options.occasion,
    acceptChange: options.acceptChange,
    keepGrant: () => Promise.resolve(),
    ask: ask === undefined ? undefined : (request) => Promise.resolve(ask(request)),
    allowSampling: options.allowSampling,
    budget: createBudget({ ...defaultLimits, ...options.limits }, () => undefined),
    now: () => new Date('2026-01-05T10:00:00Z'),
    newId: randomUUID,
    signal: options.signal ?? new AbortController().signal,
    keep: (message) => {
      kept.push(message);
      return Promise.resolve();
    },
    keepShorter: (messages) => {
      kept.splice(0, kept.length, ...messages);
      return Promise.resolve();
    },
    explainMissing: (name) => ({ code: 'not_configured', message: `${name} is not configured` }),
    report: (error) => faults.push(error),
    contextTokens: options.contextTokens ?? 100_000,
    containsSecret: (text) => text.includes('hunter-2-secret'),
    maxOutputTokens: 1000,
    ...options.asking,
  };
  const request: RunRequest = {
    session: 'session-1',
    run: 'run-1',
    actor: 'tester',
    prompt: 'How many orders failed?',
    attachments: [],
    history: [],
    runbook: undefined,
    ...options.request,
  };
  const events: RunEvent[] = [];
  for await (const event of runAgent(request, ports)) {
    events.push(event);
    options.onEvent?.(event);
  }
  const end = events.at(-1);
  if (end?.type !== 'run-finished') throw new Error(`the run ended in ${end?.type}`);
  return { events, end, kept, faults, model, tools, types: events.map(({ type }) => type) };
}

/** The text of the tool results that the model was given last. */
export function lastResults(request: ModelRequest): readonly { readonly text: string; readonly isError: boolean }[] {
  const last = request.messages.at(-1);
  return last?.role === 'user' ? last.content.filter((block) => block.type === 'tool-result') : [];
}
