import type { ApprovalRequest } from '../agent/approval.ts';
import type { RunEvent } from '../agent/events.ts';
import { addBounded, boundImages, boundItems, boundRuns } from './bounds.ts';
import { currentRun, emptyChat } from './chat-state.ts';
import type { CallView, ChatEvent, ChatState, RunItem, RunView } from './chat-state.ts';

type EventOf<Type extends ChatEvent['type']> = Extract<ChatEvent, { type: Type }>;

/**
 * The next state. Never throws and never mutates, whatever the order of events. An event for an unknown run or call
 * changes nothing, except that an approval request is always shown.
 */
export function reduce(state: ChatState, event: ChatEvent): ChatState {
  switch (event.type) {
    case 'prompt-sent':
      return { ...state, pending: { text: event.text, context: event.context, resumed: event.resumed ?? false } };
    case 'prompt-rejected':
      return rejectPrompt(state, event);
    case 'run-started':
      return startRun(state, event);
    case 'evidence-added':
      return addEvidence(state, event);
    case 'server-asked':
      return { ...state, questions: withQuestion(state.questions, event.question) };
    case 'server-answered':
      return { ...state, questions: state.questions.filter(({ id }) => id !== event.id) };
    default: {
      const run = currentRun(state);
      if (run === undefined) return state;
      const next = { ...state, runs: [...state.runs.slice(0, -1), reduceRun(run, event)] };
      if (event.type === 'tool-call-finished' && event.images !== undefined) return boundImages(next);
      return event.type === 'run-finished' ? { ...markUndone(next), questions: [] } : next;
    }
  }
}

/** A call is taken back once everything that the last run did for it is done. */
function markUndone(state: ChatState): ChatState {
  const run = state.runs.at(-1);
  const calls = (run?.items ?? []).flatMap((item) => (item.kind === 'call' ? [item.status] : []));
  const { undoes } = run ?? {};
  if (undoes === undefined || calls.length === 0 || calls.some((status) => status !== 'ok')) return state;
  return { ...state, runs: state.runs.map((each) => updateCall(each, undoes, (call) => ({ ...call, undone: true }))) };
}

/** The state after all events of a session. */
export function replay(events: Iterable<ChatEvent>): ChatState {
  let state = emptyChat;
  for (const event of events) state = reduce(state, event);
  return state;
}

function startRun(state: ChatState, event: EventOf<'run-started'>): ChatState {
  const other = state.session !== '' && state.session !== event.session;
  const base = other ? { ...emptyChat, pending: state.pending } : state;
  const before = event.resumed === true ? base.runs.at(-1) : undefined;
  const run: RunView = {
    ...newRun(base.pending?.text ?? event.prompt, base.pending?.context ?? []),
    run: event.run,
    time: event.time,
    model: event.model,
    runbook: event.runbook?.name,
    forecast: event.forecast,
    undoes: event.undoes,
    // A resumed run does not announce these again.
    ...(before !== undefined && { resumed: true, plan: before.plan, conditions: before.conditions }),
  };
  // A run whose end was never recorded (the host crashed) must not look as if it is still running.
  const runs = base.runs.map((earlier) => (earlier.end === undefined ? interrupt(earlier) : earlier));
  return boundRuns({ ...base, session: event.session, pending: undefined, runs: [...runs, run] });
}

function rejectPrompt(state: ChatState, { message, code }: EventOf<'prompt-rejected'>): ChatState {
  if (state.pending === undefined || currentRun(state) !== undefined) return state;
  const { text, context, resumed } = state.pending;
  // Keep the id of the run that could not be resumed, so that the user can try again.
  const run = { ...newRun(text, context), resumed, run: resumed ? (state.runs.at(-1)?.run ?? '') : '' };
  const end = { reason: 'failed', message, writeNotGranted: false, code } as const;
  return boundRuns({ ...state, pending: undefined, runs: [...state.runs, { ...run, end }] });
}

function addEvidence(state: ChatState, event: EventOf<'evidence-added'>): ChatState {
  const run = currentRun(state);
  if (run === undefined) return state;
  const { id } = event.evidence;
  const next = updateCall(run, event.callId, (call) => ({
    ...call,
    evidence: call.evidence.includes(id) ? call.evidence : [...call.evidence, id],
  }));
  return {
    ...state,
    runs: [...state.runs.slice(0, -1), next],
    evidence: addBounded(state.evidence, event.evidence),
  };
}

type EventOfRun = Exclude<RunEvent, { type: 'run-started' | 'evidence-added' }>;

function reduceRun(run: RunView, event: EventOfRun): RunView {
  switch (event.type) {
    case 'text-delta':
      return append({ ...run, retry: undefined }, 'text', event.text);
    case 'thinking-delta':
      return append({ ...run, retry: undefined }, 'thinking', event.text);
    case 'turn-restarted':
      return { ...run, items: run.items.slice(0, Math.max(run.turnStart, run.items.findLastIndex(endsTurn) + 1)) };
    case 'plan-changed':
      return { ...run, plan: event.steps };
    case 'condition-evaluated':
      return { ...run, conditions: withCondition(run.conditions, event.condition) };
    case 'usage-changed':
      // Usage is reported at the end of every turn.
      return { ...run, usage: event.usage, turnStart: run.items.length };
    case 'retry-scheduled':
      return { ...run, retry: { reason: event.reason, attempt: event.attempt, delayMs: event.delayMs } };
    case 'context-compacted':
      return add(run, {
        kind: 'compaction',
        shortenedResults: event.shortenedResults,
        tokensBefore: event.tokensBefore,
      });
    case 'run-finished':
      return finishRun(run, event);
    default:
      return reduceCall({ ...run, retry: undefined }, event);
  }
}

type EventOfCall = Extract<EventOfRun, { callId: string }>;

function reduceCall(run: RunView, event: EventOfCall): RunView {
  switch (event.type) {
    case 'tool-call-proposed':
      return hasCall(run, event.callId) ? run : add(run, newCall(event));
    case 'approval-requested': {
      const { type: _, ...request } = event;
      return requestApproval(run, request);
    }
    case 'approval-resolved':
      return updateCall(run, event.callId, (call) => ({
        ...call,
        status: event.decision === 'allowed' ? 'approved' : 'denied',
        resolution: { decision: event.decision, by: event.by, reason: event.reason },
      }));
    case 'tool-call-started':
      return updateCall(run, event.callId, (call) => ({
        ...call,
        status: 'running',
        arguments: event.arguments ?? call.arguments,
      }));
    case 'tool-call-progressed':
      return updateCall(run, event.callId, (call) => ({
        ...call,
        progress: { message: event.message, done: event.done, total: event.total },
      }));
    case 'tool-call-finished':
      return updateCall(run, event.callId, (call) => ({
        ...call,
        status: event.outcome,
        progress: undefined,
        durationMs: event.durationMs,
        summary: event.summary,
        rows: event.rows,
        link: event.link,
        undo: event.undo,
        failure: event.failure,
        images: event.images ?? [],
      }));
  }
}

function requestApproval(run: RunView, request: ApprovalRequest): RunView {
  const { callId, tool } = request;
  const known = hasCall(run, callId)
    ? run
    : add(run, newCall({ ...tool, callId, tool: tool.name, arguments: request.arguments }));
  return updateCall(known, callId, (call) => ({ ...call, status: 'waiting', request }));
}

function finishRun(run: RunView, event: EventOf<'run-finished'>): RunView {
  const { reason, message, writeNotGranted, code } = event;
  return closeRun(run, { reason, message, writeNotGranted, code });
}

function interrupt(run: RunView): RunView {
  const message = 'This run was interrupted before it finished. Everything it did is shown above.';
  return closeRun(run, { reason: 'failed', message, writeNotGranted: false, code: undefined });
}

/** Closes all open cards and calls of a run that has ended. */
function closeRun(run: RunView, end: RunView['end']): RunView {
  const items = run.items.map((item) =>
    item.kind === 'call' && isOpen(item) ? { ...item, status: 'cancelled' as const, progress: undefined } : item,
  );
  return { ...run, items, retry: undefined, end };
}

export function isOpen(call: CallView): boolean {
  return ['proposed', 'waiting', 'approved', 'running'].includes(call.status);
}

function endsTurn(item: RunItem): boolean {
  return item.kind === 'call' || item.kind === 'compaction';
}

function append(run: RunView, kind: 'text' | 'thinking', text: string): RunView {
  if (text === '') return run;
  const last = run.items.at(-1);
  if (last?.kind !== kind || run.items.length === run.turnStart) return add(run, { kind, text });
  return { ...run, items: [...run.items.slice(0, -1), { kind, text: last.text + text }] };
}

function add(run: RunView, item: RunItem): RunView {
  return boundItems({ ...run, items: [...run.items, item] });
}

function hasCall(run: RunView, callId: string): boolean {
  return run.items.some((item) => item.kind === 'call' && item.callId === callId);
}

function updateCall(run: RunView, callId: string, change: (call: CallView) => CallView): RunView {
  const items = run.items.map((item) => (item.kind === 'call' && item.callId === callId ? change(item) : item));
  return { ...run, items };
}

function withCondition(
  conditions: RunView['conditions'],
  condition: RunView['conditions'][number],
): RunView['conditions'] {
  const known = conditions.some(({ name }) => name === condition.name);
  if (!known) return [...conditions, condition];
  return conditions.map((known) => (known.name === condition.name ? condition : known));
}

function withQuestion(questions: ChatState['questions'], question: ChatState['questions'][number]) {
  const known = questions.some(({ id }) => id === question.id);
  return known ? questions.map((held) => (held.id === question.id ? question : held)) : [...questions, question];
}

function newRun(prompt: string, context: readonly string[]): RunView {
  return {
    run: '',
    time: '',
    model: '',
    prompt,
    context,
    runbook: undefined,
    resumed: false,
    undoes: undefined,
    forecast: undefined,
    items: [],
    turnStart: 0,
    droppedItems: 0,
    plan: [],
    conditions: [],
    usage: undefined,
    retry: undefined,
    end: undefined,
  };
}

function newCall(call: Pick<CallView, 'callId' | 'tool' | 'server' | 'title' | 'risk' | 'arguments'>): CallView {
  return {
    kind: 'call',
    callId: call.callId,
    tool: call.tool,
    server: call.server,
    title: call.title,
    risk: call.risk,
    arguments: call.arguments,
    status: 'proposed',
    request: undefined,
    resolution: undefined,
    progress: undefined,
    durationMs: undefined,
    summary: undefined,
    rows: undefined,
    link: undefined,
    undo: undefined,
    undone: false,
    failure: undefined,
    evidence: [],
    images: [],
  };
}
