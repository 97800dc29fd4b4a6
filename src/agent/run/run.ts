import { createChannel } from './async-queue.ts';
import { createContextWindow, mend, type Shorter } from './context-window.ts';
import {
  conclude,
  contextFull,
  endingAfterWrites,
  foundSoFar,
  limitUnenforceable,
  type Ending,
} from './run-outcome.ts';
import type { ConditionState, Forecast, RunEvent } from '../events.ts';
import { createPlanTool } from '../host-tools.ts';
import type { AssistantBlock, Message, ModelEvent, ModelTool, UserBlock } from '../model/model.ts';
import type { CallResult } from './clear-call.ts';
import { createWriteBatch } from './write-batch.ts';
import { createOfferedTools, type OfferedTools } from './offered-tools.ts';
import { createRepeats } from './repeats.ts';
import type { RunPorts, RunState } from './ports.ts';
import { isLeftToAnother } from './sending/left-to-another.ts';
import { Unanswered } from './pending/asked-away.ts';
import { prepareRunbook, restoreConditions } from './prepare-runbook.ts';
import type { BoundRunbook } from '../runbook/runbook.ts';
import { traceErrors } from '../origin/trace-errors.ts';
import { saidBy, trustedTextsOf } from './trusted-texts.ts';
import { openingText, systemPrompt, type Attachment } from './system-prompt.ts';

export interface RunRequest {
  readonly session: string;
  readonly run: string;
  /** The user who runs it, for servers and audit. */
  readonly actor: string;
  readonly prompt: string;
  readonly attachments: readonly Attachment[];
  /** The conversation so far. If it ends with unanswered tool calls, these are answered first. */
  readonly history: readonly Message[];
  readonly runbook: BoundRunbook | undefined;
  readonly forecast?: Forecast | undefined;
  /** The call of an earlier run that this one takes back. */
  readonly undoes?: string | undefined;
  /** Resumes where the session's last run stopped instead of starting with the prompt. */
  readonly resumed?: { readonly conditions: readonly ConditionState[] } | undefined;
}

/**
 * One run, from prompt to end: model, tool calls, results, until the model is done or a limit is reached.
 * Contract: starts with `run-started` and ends with exactly one `run-finished`. Failures are events, not
 * exceptions. Leaving the iteration early cancels the run.
 */
export async function* runAgent(request: RunRequest, ports: RunPorts): AsyncGenerator<RunEvent> {
  const channel = createChannel<RunEvent>();
  const abandoned = new AbortController();
  const signal = AbortSignal.any([ports.signal, abandoned.signal]);
  const finished = execute(request, { ...ports, signal }, channel.push)
    .catch((error: unknown): Ending => {
      if (signal.aborted) return cancelled;
      if (error instanceof Unanswered) return { reason: 'waiting', message: error.message, writeNotGranted: true };
      ports.report(error);
      return {
        reason: 'failed',
        message: `Switchboard failed: ${error instanceof Error ? error.message : String(error)}`,
      };
    })
    .then((ending) => channel.push({ type: 'run-finished', writeNotGranted: false, ...ending }))
    .finally(channel.end);
  try {
    yield* channel.items;
  } finally {
    abandoned.abort();
    await finished;
  }
}

const cancelled: Ending = { reason: 'cancelled', message: 'Cancelled.' };

async function execute(request: RunRequest, ports: RunPorts, emit: (event: RunEvent) => void): Promise<Ending> {
  emit({
    type: 'run-started',
    session: request.session,
    run: request.run,
    time: ports.now().toISOString(),
    model: ports.model.id,
    prompt: request.prompt,
    ...(request.runbook !== undefined && {
      runbook: { name: request.runbook.runbook.name, parameters: request.runbook.parameters },
    }),
    ...(request.forecast !== undefined && { forecast: request.forecast }),
    ...(request.resumed !== undefined && { resumed: true as const }),
    ...(request.undoes !== undefined && { undoes: request.undoes }),
  });
  const unenforceable = ports.budget.unenforceable();
  if (unenforceable !== undefined) return limitUnenforceable(ports.model.id, unenforceable);
  const hostTools = [createPlanTool((steps) => emit({ type: 'plan-changed', steps })), ...ports.hostTools];
  const specs = await ports.tools.list(ports.signal);
  // Servers stopped during start-up have no tools. That is not a separate reason.
  if (ports.signal.aborted) return cancelled;
  const state: RunState = {
    session: request.session,
    run: request.run,
    actor: request.actor,
    specs: new Map(specs.map((spec) => [spec.name, spec])),
    hostTools: new Map(hostTools.map((tool) => [tool.spec.name, tool])),
    emit,
    trustedTexts: trustedTextsOf(request),
    said: saidBy(request, 'a person').map(({ text }) => text),
    repeats: createRepeats(ports.now),
    notGranted: new Set(),
    failedWrites: new Map(),
    doneWrites: [],
    evidenceOf: new Map(),
  };
  for (const { label } of request.attachments) ports.policy.noteText(label);
  for (const name of request.runbook?.fromOthers ?? []) ports.policy.noteText(`the parameter ${name}`);
  const tools = createOfferedTools(specs, state, ports);
  const opened = await openRun(request, state, ports);
  if (opened.kind === 'ended') return opened.ending;
  const ending = await converse({ history: request.history, opening: opened.opening, tools }, state, ports);
  return endingAfterWrites(ending, state);
}

type Opened =
  | { readonly kind: 'opened'; readonly opening: UserBlock | undefined }
  | { readonly kind: 'ended'; readonly ending: Ending };

async function openRun(request: RunRequest, state: RunState, ports: RunPorts): Promise<Opened> {
  const { runbook, resumed } = request;
  if (resumed !== undefined) {
    if (runbook !== undefined) ports.policy.setConditions(restoreConditions(runbook, resumed.conditions));
    const last = request.history.at(-1);
    const over = last?.role === 'assistant' && last.content.every((block) => block.type !== 'tool-call');
    return over ? { kind: 'ended', ending: conclude(last.content) } : { kind: 'opened', opening: undefined };
  }
  const attachments = [...request.attachments];
  if (runbook !== undefined) {
    const prepared = await prepareRunbook(runbook, state, ports);
    if (prepared.kind === 'ended') return prepared;
    attachments.push(...prepared.attachments);
  }
  const text = openingText(request.prompt, ports.now().toISOString(), attachments);
  const images = attachments.flatMap(({ image }) => image ?? []);
  return { kind: 'opened', opening: { type: 'text', text, ...(images.length > 0 && { images }) } };
}

interface Conversation {
  readonly history: readonly Message[];
  /** undefined: continue the conversation as it is. */
  readonly opening: UserBlock | undefined;
  readonly tools: OfferedTools;
}

async function converse(start: Conversation, state: RunState, ports: RunPorts): Promise<Ending> {
  const window = createContextWindow(
    Math.min(ports.contextTokens, ports.model.contextTokens ?? Infinity),
    (id) => ports.evidence.get(id) !== undefined,
  );
  let messages = await begin(start, state, ports);
  let cutAnswers = 0;
  for (;;) {
    const limit = ports.budget.exhausted();
    if (limit !== undefined)
      return { reason: 'budget', message: `The run reached its limit: ${limit}. ${foundSoFar(ports)}` };
    messages = await keepShorter(window.fit(messages), messages, state, ports);
    const turn = await takeTurn(messages, await start.tools.next(), state, ports);
    const mended = mend(window, messages, turn);
    if (mended === 'hopeless') return contextFull;
    if (mended !== undefined) {
      messages = await keepShorter(mended, messages, state, ports);
      continue;
    }
    if (turn.type === 'turn-failed') {
      const { kind, message } = turn.failure;
      return { reason: kind === 'cancelled' ? 'cancelled' : 'failed', message };
    }
    window.measure(messages, turn.usage);
    if (turn.content.length > 0) messages = await append(messages, { role: 'assistant', content: turn.content }, ports);
    if (turn.stop === 'refusal') {
      return {
        reason: 'refused',
        message: `The model refused to continue${turn.refusal === undefined ? '' : `: ${turn.refusal}`}.`,
      };
    }
    const calls = turn.content.filter((block) => block.type === 'tool-call');
    if (calls.length > 0) {
      const answers = await answerCalls(calls, state, ports);
      if (isLeftToAnother(ports)) return cancelled;
      messages = await append(messages, { role: 'user', content: answers }, ports);
      if (ports.signal.aborted) return cancelled;
      continue;
    }
    if (turn.stop === 'pause') continue;
    if (turn.stop === 'max-tokens' && cutAnswers < mostCutAnswers) {
      cutAnswers += 1;
      messages = await append(
        messages,
        {
          role: 'user',
          content: [{ type: 'text', text: 'Your answer was cut at the output limit. Continue from there, briefly.' }],
        },
        ports,
      );
      continue;
    }
    return conclude(turn.content);
  }
}

const mostCutAnswers = 2;

/** Answers calls left open by an earlier process, so that the model sees a valid conversation. */
async function begin(start: Conversation, state: RunState, ports: RunPorts): Promise<readonly Message[]> {
  const last = start.history.at(-1);
  const open = last?.role === 'assistant' ? last.content.filter((block) => block.type === 'tool-call') : [];
  const content: UserBlock[] = open.length > 0 ? await answerCalls(open, state, ports) : [];
  if (start.opening !== undefined) content.push(start.opening);
  if (content.length === 0 || isLeftToAnother(ports)) return start.history;
  return append(start.history, { role: 'user', content }, ports);
}

async function takeTurn(
  messages: readonly Message[],
  tools: readonly ModelTool[],
  state: RunState,
  ports: RunPorts,
): Promise<Extract<ModelEvent, { type: 'turn-finished' | 'turn-failed' }>> {
  const request = { system: systemPrompt, messages, tools, maxTokens: ports.maxOutputTokens, signal: ports.signal };
  for await (const event of ports.model.stream(request)) {
    switch (event.type) {
      case 'turn-failed':
        return event;
      case 'turn-finished':
        ports.budget.addTurn(event.usage);
        state.emit({ type: 'usage-changed', usage: ports.budget.usage() });
        return event;
      default:
        state.emit(event);
    }
  }
  return { type: 'turn-failed', failure: { kind: 'broken', message: 'The model gave no answer.' } };
}

/** Clears calls one at a time, runs them in parallel, and answers them in the order requested. */
async function answerCalls(
  calls: readonly Extract<AssistantBlock, { type: 'tool-call' }>[],
  state: RunState,
  ports: RunPorts,
): Promise<UserBlock[]> {
  const running: Promise<CallResult>[] = [];
  const batch = createWriteBatch(calls, state, ports);
  for (const { id, name, input } of calls) {
    if (input.kind === 'broken') {
      running.push(Promise.resolve({ callId: id, isError: true, text: cutInput }));
      continue;
    }
    const cleared = await batch.clear({ id, name, arguments: input.value }).catch(async (error: unknown) => {
      await Promise.allSettled(running);
      throw error;
    });
    if (cleared.kind === 'answered') {
      running.push(Promise.resolve(cleared.result));
      continue;
    }
    const result = cleared.run(running.at(-1));
    running.push(result);
    // Later calls may depend on a write, and a failed write must be known before the next one is asked about.
    if (state.specs.get(name)?.risk !== 'read') await result;
  }
  const results = await Promise.all(running);
  const traced = await traceErrors(
    results.flatMap(({ evidence }) => evidence ?? []),
    state,
    ports,
  );
  return results.map(({ callId, text, isError, images, evidence }) => ({
    type: 'tool-result',
    callId,
    text: [text, ...[traced.get(evidence?.id ?? '')].filter((more) => more !== undefined)].join('\n\n'),
    isError,
    ...(images !== undefined && { images }),
  }));
}

const cutInput =
  'invalid_arguments: The arguments arrived incomplete (cut at the output limit or invalid JSON), so the call was not made. Send a shorter call.';

/** Shortening is permanent: a session resumed later starts with the shortened conversation. */
async function keepShorter(
  shorter: Shorter | undefined,
  messages: readonly Message[],
  state: RunState,
  ports: RunPorts,
): Promise<readonly Message[]> {
  if (shorter === undefined) return messages;
  state.emit({ type: 'context-compacted', shortenedResults: shorter.shortened, tokensBefore: shorter.tokensBefore });
  await ports.keepShorter(shorter.messages);
  return shorter.messages;
}

async function append(messages: readonly Message[], message: Message, ports: RunPorts): Promise<readonly Message[]> {
  await ports.keep(message);
  return [...messages, message];
}
