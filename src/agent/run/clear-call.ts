import { factsOfTool } from '../../../servers/contract/tool-facts.ts';
import type { NewEvidence } from '../evidence/store.ts';
import type { Evidence } from '../evidence/types.ts';
import { failure } from '../host-tools.ts';
import { expandPlaceholders } from '../evidence/placeholders.ts';
import type { Verdict } from './run-audit.ts';
import { withPermalink } from '../origin/place-permalink.ts';
import type { RunPorts, RunState } from './ports.ts';
import { refuseCall } from './refuse-call.ts';
import { shownImages } from './shown-images.ts';
import { firstResultOf } from './sending/first-result.ts';
import { sendCall, toRecord, type ReadyCall } from './sending/send-call.ts';
import { noteFailedWrite } from './run-outcome.ts';
import { failureText, summarize } from './summary.ts';
import {
  shownName,
  type Arguments,
  type Image,
  type ToolCall,
  type ToolFailure,
  type ToolOutcome,
  type ToolSpec,
} from '../tools.ts';
import { undoCalls, undoOf } from '../undo.ts';
import { clearWrite, type ClearedWrite, type WriteCall } from './approve-write.ts';
import { fillIn } from './pending/fill-in.ts';
import { withPending } from './pending/pending-results.ts';

/** The answer to the model. */
export interface CallResult {
  readonly callId: string;
  readonly text: string;
  readonly isError: boolean;
  readonly images?: readonly Image[];
  /** The evidence made from a result. */
  readonly evidence?: Evidence;
  /** Of a failure. */
  readonly code?: string;
}

/** A call that is cleared to run, or its answer. */
export type Cleared =
  /** `before`: the call requested before this one, whose result becomes evidence first. */
  | { readonly kind: 'ready'; readonly run: (before?: Promise<unknown>) => Promise<CallResult> }
  | { readonly kind: 'answered'; readonly result: CallResult };

/**
 * Everything before a call leaves: tool, placeholders, policy and person. A cleared read may run beside others.
 * @param write of one that is not the only one of its turn: its place, what it waits for, who wants its preview
 */
export async function clearCall(
  call: ToolCall,
  state: RunState,
  ports: RunPorts,
  { batch, pending, onPreview }: Pick<WriteCall, 'batch' | 'pending' | 'onPreview'> = {},
): Promise<Cleared> {
  const host = state.hostTools.get(call.name);
  if (host !== undefined) return answered(call.id, host.call(call.arguments));
  const spec = state.specs.get(call.name);
  if (spec === undefined) {
    const names = [...state.specs.keys(), ...state.hostTools.keys()];
    return answered(
      call.id,
      failure('not_found', `Tool '${call.name}' does not exist.`, `Tools: ${names.join(', ')}.`),
    );
  }
  state.emit({
    type: 'tool-call-proposed',
    callId: call.id,
    tool: spec.plainName,
    server: spec.server,
    title: spec.title,
    risk: spec.risk,
    arguments: call.arguments,
  });
  const refused = refuseCall(call, spec, state, ports);
  const uncalled = { callId: call.id, spec, input: call.arguments };
  if (refused !== undefined) return finishUncalled({ ...uncalled, outcome: refused }, 'failed', state, ports);
  const asking = pending === undefined ? ports : { ...ports, evidence: withPending(ports.evidence, pending) };
  const expansion = expandPlaceholders(call.arguments, asking.evidence, spec.plainName);
  if (expansion.kind === 'unknown') {
    const unknown = failure('invalid_arguments', expansion.message);
    return finishUncalled({ ...uncalled, outcome: unknown }, 'failed', state, ports);
  }
  if (spec.risk === 'read' && spec.trusted)
    return ready({ callId: call.id, spec, input: expansion.arguments, verdict: readVerdict }, state, ports);
  const { id: callId, arguments: draft } = call;
  const { grants } = ports.policy.context(ports.ask !== undefined);
  const placed = withPermalink(spec, expansion.arguments, ports.evidence.list(), grants);
  const write: WriteCall = { callId, spec, draft, arguments: placed, batch, pending, onPreview };
  const cleared = await clearWrite(write, state, asking);
  // A server that does not know the stand-in may know what it stands for.
  const waits = cleared.kind === 'cleared' || cleared.outcome === 'failed';
  if (pending !== undefined && waits) {
    // Its turn comes when the writes before it are done.
    const approved = cleared.kind === 'cleared' ? cleared : undefined;
    const run = async (before?: Promise<unknown>): Promise<CallResult> => {
      const after = afterClearing(write, await fillIn(write, approved, pending, state, ports), state, ports);
      return after.kind === 'ready' ? after.run(before) : after.result;
    };
    return { kind: 'ready', run };
  }
  return afterClearing(write, cleared, state, ports);
}

function afterClearing(write: WriteCall, cleared: ClearedWrite, state: RunState, ports: RunPorts): Cleared {
  const { callId, spec, arguments: input, batch } = write;
  if (cleared.kind === 'refused') {
    const { failure: outcome, verdict } = cleared;
    return finishUncalled({ callId, spec, input, outcome, verdict }, cleared.outcome, state, ports);
  }
  const allowed = { callId, spec, input: cleared.arguments, verdict: cleared.verdict };
  return batch === undefined ? ready(allowed, state, ports) : readyInBatch(write, allowed, state, ports);
}

/** If a write fails while others of its batch wait, a person decides: try it again, or go on without it. */
function readyInBatch(write: WriteCall, first: ReadyCall, state: RunState, ports: RunPorts): Cleared {
  const { batch } = write;
  const isLast = batch === undefined || batch.index === batch.count;
  const run = async (before?: Promise<unknown>): Promise<CallResult> => {
    let call = first;
    for (;;) {
      const { result, failed } = await runOnce(call, before, state, ports);
      if (failed === undefined || isLast || ports.ask === undefined || ports.signal.aborted) return result;
      const retried = { ...write, arguments: call.input, pending: undefined, failed: failed.message };
      const again = await clearWrite(retried, state, ports);
      if (again.kind === 'refused') {
        // It was granted, and it failed.
        state.notGranted.delete(shownName(call.spec));
        const end = { outcome: 'failed', durationMs: 0, summary: failed.message, failure: failed } as const;
        state.emit({ type: 'tool-call-finished', callId: call.callId, ...end });
        return { ...result, text: `${result.text}\nThe person chose to go on without it.` };
      }
      call = { ...call, input: again.arguments, verdict: again.verdict };
    }
  };
  return { kind: 'ready', run };
}

const readVerdict: Verdict = { decision: 'allow', by: 'policy', rule: 'read', reasons: [] };

function ready(call: ReadyCall, state: RunState, ports: RunPorts): Cleared {
  return { kind: 'ready', run: async (before) => (await runOnce(call, before, state, ports)).result };
}

async function runOnce(
  call: ReadyCall,
  before: Promise<unknown> | undefined,
  state: RunState,
  ports: RunPorts,
): Promise<{ readonly result: CallResult; readonly failed: ToolFailure | undefined }> {
  const started = performance.now();
  const sent = call.spec.risk === 'read' ? {} : { arguments: call.input };
  state.emit({ type: 'tool-call-started', callId: call.callId, ...sent });
  const outcome = await sendCall(call, state, ports);
  const durationMs = performance.now() - started;
  await before;
  const result = finish({ ...call, outcome, durationMs }, state, ports);
  return { result, failed: outcome.kind === 'failure' ? outcome.failure : undefined };
}

interface Finished {
  readonly callId: string;
  readonly spec: ToolSpec;
  readonly input: Arguments;
  readonly outcome: ToolOutcome;
  readonly durationMs: number;
}

function finish({ callId, spec, input, outcome, durationMs }: Finished, state: RunState, ports: RunPorts): CallResult {
  const result = settle({ callId, spec, input, outcome }, state, ports);
  state.repeats.settle(callId, result.evidence);
  if (spec.risk !== 'read') state.repeats.forget();
  const measured = spec.trusted && factsOfTool(spec.plainName)?.returns === 'measured';
  const seconds = measured ? durationMs / 1000 : 0;
  ports.budget.addRead(spec.risk === 'read' ? (result.evidence?.rowCount ?? 0) : 0, seconds);
  const failed = outcome.kind === 'failure';
  const cancelled = failed && outcome.failure.code === 'cancelled';
  const { summary, rows, link } = summarize(outcome);
  state.emit({
    type: 'tool-call-finished',
    callId,
    outcome: cancelled ? 'cancelled' : failed ? 'failed' : 'ok',
    durationMs: Math.round(durationMs),
    summary,
    rows,
    link,
    undo: failed || undoCalls(spec.plainName, outcome.structured).length === 0 ? undefined : undoOf(spec),
    failure: failed ? outcome.failure : undefined,
    ...shownImages(outcome),
  });
  return result;
}

/** Results become evidence in the order of their calls. */
function settle(
  { callId, spec, input, outcome }: Omit<Finished, 'durationMs'>,
  state: RunState,
  ports: RunPorts,
): CallResult {
  if (outcome.kind === 'failure') {
    const first = firstResultOf(spec, outcome);
    if (first !== undefined) {
      const { text, evidence } = succeed({ callId, spec, input, outcome: first }, state, ports);
      return { ...failedResult(callId, outcome), text: `${outcome.text}\n${text}`, ...(evidence && { evidence }) };
    }
    noteFailedWrite(spec, outcome.failure, state);
    if (spec.risk === 'read' || !spec.trusted) ports.policy.noteText(`${spec.plainName} (an error)`);
    return failedResult(callId, { ...outcome, text: failureText(spec, outcome.text) });
  }
  return succeed({ callId, spec, input, outcome }, state, ports);
}

function succeed(
  { callId, spec, input, outcome }: Pick<Finished, 'callId' | 'spec' | 'input'> & Pick<NewEvidence, 'outcome'>,
  state: RunState,
  ports: RunPorts,
): CallResult {
  const evidence = ports.evidence.add({ tool: spec, arguments: input, time: ports.now().toISOString(), outcome });
  state.evidenceOf.set(callId, evidence.id);
  state.emit({ type: 'evidence-added', callId, evidence: evidence.view() });
  ports.policy.noteResult(spec, evidence);
  if (spec.risk !== 'read') {
    state.notGranted.delete(shownName(spec));
    state.failedWrites.delete(shownName(spec));
    // A third party's own words are not quoted.
    state.doneWrites.push(spec.trusted ? `${spec.plainName} (${summarize(outcome).summary})` : shownName(spec));
  }
  return {
    callId,
    text: ports.evidence.toModelText(evidence, outcome.text),
    isError: false,
    evidence,
    ...(outcome.images !== undefined && { images: outcome.images }),
  };
}

function answered(callId: string, outcome: ToolOutcome): Cleared {
  const result =
    outcome.kind === 'failure' ? failedResult(callId, outcome) : { callId, text: outcome.text, isError: false };
  return { kind: 'answered', result };
}

function failedResult(callId: string, { text, failure }: Extract<ToolOutcome, { kind: 'failure' }>): CallResult {
  return { callId, text, isError: true, code: failure.code };
}

function finishUncalled(
  call: Omit<Finished, 'durationMs'> & { readonly verdict?: Verdict | undefined },
  how: 'failed' | 'denied' | 'cancelled',
  state: RunState,
  ports: RunPorts,
): Cleared {
  const { callId, spec, outcome } = call;
  state.repeats.settle(callId, undefined);
  if (outcome.kind === 'failure') ports.audit?.refuse(toRecord(call, state, ports), outcome.failure.code);
  if (how === 'failed' && outcome.kind === 'failure') noteFailedWrite(spec, outcome.failure, state);
  state.emit({
    type: 'tool-call-finished',
    callId,
    outcome: how,
    durationMs: 0,
    summary: summarize(outcome).summary,
    failure: outcome.kind === 'failure' ? outcome.failure : undefined,
  });
  return answered(callId, outcome);
}
