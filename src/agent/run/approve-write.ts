import type { ApprovalDecision, ApprovalRequest, OutgoingClaim } from '../approval.ts';
import { approvalDigest, boundBytes } from '../approval-digest.ts';
import { grantFromApproval } from '../policy/grants.ts';
import { failure } from '../host-tools.ts';
import { decide, type PolicyCall, type PolicyDecision } from '../policy/policy.ts';
import { describeCall } from './describe-call.ts';
import { checkEdit, draftOf, revised, shownDraft } from './edited-call.ts';
import { undoOf } from '../undo.ts';
import type { Verdict } from './run-audit.ts';
import { byWhom, canAsk, Unanswered } from './pending/asked-away.ts';
import { previewWrite } from './pending/preview-write.ts';
import { standInNotes, type PendingResult } from './pending/pending-results.ts';
import type { RunPorts, RunState } from './ports.ts';
import { takeUse } from './sending/take-use.ts';
import { shownName, type Arguments, type ToolOutcome, type ToolSpec } from '../tools.ts';
import type { Preview } from '../../../servers/contract/preview.ts';

export interface WriteCall {
  readonly callId: string;
  readonly spec: ToolSpec;
  /** As the model wrote them. */
  readonly draft: Arguments;
  /** After expansion. */
  readonly arguments: Arguments;
  readonly batch?: ApprovalRequest['batch'];
  /** Earlier writes of its turn whose results it uses, and which have not run. */
  readonly pending?: readonly PendingResult[] | undefined;
  /** Why it is asked about once more, although it was approved. */
  readonly again?: string | undefined;
  readonly onPreview?: ((preview: Preview | undefined, input: Arguments) => void) | undefined;
  /** Why it failed before, for a person who decides whether it is tried again. */
  readonly failed?: string | undefined;
}

export type ClearedWrite =
  | {
      readonly kind: 'cleared';
      readonly arguments: Arguments;
      readonly verdict: Verdict;
      /** With its references, as last approved. */
      readonly draft: Arguments;
      readonly preview: Preview | undefined;
      readonly grantId: string | undefined;
    }
  | {
      readonly kind: 'refused';
      readonly outcome: 'failed' | 'denied' | 'cancelled';
      readonly failure: ToolOutcome;
      readonly verdict?: Verdict;
    };

/**
 * Takes a write from proposal to permission: preview, claims, policy, and the person if the policy asks. A
 * revision is previewed again, so that what is approved is always the latest preview.
 */
export async function clearWrite(call: WriteCall, state: RunState, ports: RunPorts): Promise<ClearedWrite> {
  const mayRepeat = call.failed === undefined && call.again === undefined;
  const earlier = mayRepeat ? ports.cleared.find(call.callId) : undefined;
  if (earlier?.tool === call.spec.name) {
    const { arguments: allowed, verdict, grantId } = earlier;
    const { by: who, from } = verdict.approval ?? {};
    const by = byWhom(who === undefined || from === undefined ? undefined : { who, from });
    resolve(call.callId, 'allowed', verdict.by, `Allowed before the run was interrupted.${by}`, state);
    return { kind: 'cleared', arguments: allowed, verdict, draft: allowed, preview: undefined, grantId };
  }
  let { arguments: input, draft } = call;
  let shown: Question | undefined;
  for (;;) {
    const previewed = await previewWrite(call.spec, input, state, ports);
    if (previewed.kind === 'failed') {
      if (shown === undefined) return { kind: 'refused', outcome: 'failed', failure: previewed.failure };
      const again = await askPerson({ ...shown, problem: previewed.failure.text }, state, ports);
      if (again.kind === 'settled') return again.cleared;
      draft = draftOf(again.arguments, shown.policyCall.arguments, draft);
      input = revised(shown.policyCall.arguments, again.arguments, call.spec, ports);
      continue;
    }
    call.onPreview?.(previewed.preview, input);
    const { policyCall, claims } = describeCall(call.spec, input, previewed.preview, state, ports);
    const decided = decide(policyCall, ports.policy.context(canAsk(call.spec, ports)));
    // Neither another preview nor a failure is an approval, even if a grant would cover the call.
    const mustAsk = shown !== undefined || !mayRepeat;
    const decision = mustAsk && decided.decision === 'allow' ? askAnyway(decided, shown !== undefined) : decided;
    const sha256 = approvalDigest(call.spec.name, input, previewed.preview);
    if (decision.decision === 'deny') {
      // No one can be asked, but the question is recorded: warnings, reasons and preview.
      if (decision.rule !== 'condition')
        state.emit({
          type: 'approval-requested',
          ...requestOf({ call, policyCall, claims, decision, sha256, draft, problem: undefined }, ports),
        });
      return deny(call, decision, state);
    }
    if (decision.decision === 'allow' && !(await takeUse(call, decision, ports))) continue;
    if (decision.decision === 'allow') {
      resolve(call.callId, 'allowed', decision.by, decision.reasons.join(' '), state);
      ports.policy.noteWrite(policyCall, decision);
      const approval = { id: ports.newId(), decision: decision.by, sha256: boundBytes(policyCall, sha256) };
      const verdict = { ...verdictOf(decision), approval };
      const grantId = decision.grant?.id;
      return letGo(call, { arguments: input, verdict, draft, preview: previewed.preview, grantId }, ports);
    }
    shown = { call, policyCall, claims, decision, sha256, draft, problem: undefined };
    const asked = await askPerson(shown, state, ports);
    if (asked.kind === 'settled') return asked.cleared;
    draft = draftOf(asked.arguments, input, draft);
    input = revised(input, asked.arguments, call.spec, ports);
  }
}

function askAnyway({ rule, reasons }: PolicyDecision, isEdited: boolean): PolicyDecision {
  return { decision: 'ask', by: 'policy', rule, reasons: isEdited ? ['You edited it.', ...reasons] : reasons };
}

/** Stores the permission before the call can leave, so that an interrupted run resumes with the same call. */
async function letGo(
  { callId, spec, pending }: WriteCall,
  cleared: Omit<Extract<ClearedWrite, { kind: 'cleared' }>, 'kind'>,
  ports: RunPorts,
): Promise<ClearedWrite> {
  const { arguments: input, verdict, grantId } = cleared;
  // With stand-ins, it is not yet what will be sent.
  if (pending === undefined)
    await ports.cleared.keep({
      callId,
      tool: spec.name,
      plainName: spec.plainName,
      arguments: input,
      verdict,
      grantId,
    });
  return { kind: 'cleared', ...cleared };
}

function verdictOf({ decision, by, rule, reasons }: PolicyDecision): Verdict {
  return { decision, by, rule, reasons };
}

interface Question {
  readonly call: WriteCall;
  readonly policyCall: PolicyCall;
  readonly claims: readonly OutgoingClaim[];
  readonly decision: PolicyDecision;
  readonly sha256: string;
  readonly draft: Arguments;
  /** Why the last revision could not be previewed. The card shows the version before it. */
  readonly problem: string | undefined;
}

type Asked =
  | { readonly kind: 'revise'; readonly arguments: Arguments }
  | { readonly kind: 'settled'; readonly cleared: ClearedWrite };

function requestOf(
  { call, policyCall, claims, decision, sha256, draft, problem }: Question,
  ports: Pick<RunPorts, 'newId'>,
): ApprovalRequest {
  return {
    id: ports.newId(),
    callId: call.callId,
    tool: call.spec,
    arguments: policyCall.arguments,
    draft: shownDraft(draft, policyCall.arguments),
    preview: policyCall.preview,
    warnings: [
      ...(problem === undefined ? [] : [`Your edit was rejected. ${problem}`]),
      ...(call.again === undefined ? [] : [call.again]),
      ...standInNotes(policyCall.arguments, call.pending ?? []),
      ...warningsOf(policyCall),
    ],
    claims,
    reasons: decision.reasons,
    undo: undoOf(call.spec),
    ...(call.batch !== undefined && { batch: call.batch }),
    ...(call.failed !== undefined && { failed: call.failed }),
    scopes: call.failed === undefined ? scopesOf(policyCall) : [],
    sha256,
  };
}

async function askPerson(question: Question, state: RunState, ports: RunPorts): Promise<Asked> {
  const { call, policyCall, decision, sha256 } = question;
  const request = requestOf(question, ports);
  state.emit({ type: 'approval-requested', ...request });
  const answer = await ask(request, state, ports);
  if (answer === undefined) {
    resolve(call.callId, 'denied', 'policy', 'The run was cancelled while waiting for approval.', state);
    const cancelled = failure('cancelled', 'The run was cancelled while waiting for approval. Nothing was sent.');
    return { kind: 'settled', cleared: { kind: 'refused', outcome: 'cancelled', failure: cancelled } };
  }
  if (answer.kind === 'revise') return { kind: 'revise', arguments: answer.arguments };
  if (answer.kind === 'unanswered') throw new Unanswered(answer.waiting);
  if (answer.kind === 'deny') return { kind: 'settled', cleared: denyByPerson(call, decision, answer, state) };
  if (answer.scope !== 'once') {
    const grant = grantFromApproval(call.spec, policyCall.arguments, answer.scope);
    if (grant !== undefined) {
      ports.policy.addGrant(grant, answer.scope);
      if (answer.scope === 'always') await ports.keepGrant(grant);
    }
  }
  await acceptChange(call.spec, state, ports);
  resolve(call.callId, 'allowed', 'person', `${approvedWords[answer.scope]}${byWhom(answer.by)}`, state);
  ports.policy.noteWrite(policyCall, decision);
  const bytes = boundBytes(policyCall, sha256);
  const { who, from, request: id = request.id } = answer.by ?? {};
  const approval = { id, decision: answer.scope, sha256: bytes, by: who, from };
  const verdict: Verdict = { ...verdictOf(decision), by: 'person', approval };
  const cleared = { arguments: policyCall.arguments, verdict, draft: question.draft, preview: policyCall.preview };
  return { kind: 'settled', cleared: await letGo(call, { ...cleared, grantId: undefined }, ports) };
}

/** A change that a person has accepted no longer counts as one, in this run and later. */
async function acceptChange({ change, ...spec }: ToolSpec, state: RunState, ports: RunPorts): Promise<void> {
  if (change === undefined) return;
  await ports.acceptChange?.({ ...spec, change }, ports.signal);
  state.specs.set(spec.name, spec);
}

const approvedWords = {
  once: 'Approved once.',
  run: 'Approved for this run.',
  always: 'Always approved for this destination.',
} as const;

/** undefined if the run is cancelled meanwhile. Other failures are for the view to explain. */
async function ask(request: ApprovalRequest, state: RunState, ports: RunPorts): Promise<ApprovalDecision | undefined> {
  if (ports.ask === undefined) return { kind: 'deny', reason: 'No one can be asked.' };
  try {
    return await ports.ask(request, ports.signal, (revised) => checkEdit(revised, request, state, ports));
  } catch (error) {
    if (ports.signal.aborted) return undefined;
    throw error;
  }
}

function warningsOf({ preview, unverified, lookAlikes = [], containsSecret }: PolicyCall): string[] {
  const warnings = [...(preview?.warnings ?? [])];
  for (const claim of unverified) warnings.push(`No evidence supports ${claim}.`);
  // Reasons can be folded away; what may be a trap cannot.
  warnings.push(...lookAlikes);
  if (containsSecret) warnings.push('It contains a password or token.');
  return warnings;
}

function scopesOf(call: PolicyCall): ('run' | 'always')[] {
  return (['run', 'always'] as const).filter(
    (scope) => grantFromApproval(call.tool, call.arguments, scope) !== undefined,
  );
}

function deny(call: WriteCall, decision: PolicyDecision, state: RunState): ClearedWrite {
  const reason = decision.reasons.join(' ');
  // A false condition or a used-up limit means the write was not wanted, not that permission was missing.
  if (decision.rule !== 'condition' && decision.rule !== 'limit') noteNotGranted(call.spec, state);
  resolve(call.callId, 'denied', decision.by, reason, state);
  const denied = failure(
    'not_allowed',
    reason,
    'This decision is final. Continue without it and say so in your answer.',
  );
  return { kind: 'refused', outcome: 'denied', failure: denied, verdict: decision };
}

/** A third party's read tool needs approval too, but without it no write is missing. */
function noteNotGranted(spec: ToolSpec, state: RunState): void {
  if (spec.risk !== 'read') state.notGranted.add(shownName(spec));
}

function denyByPerson(
  call: WriteCall,
  decision: PolicyDecision,
  { reason, by }: Extract<ApprovalDecision, { kind: 'deny' }>,
  state: RunState,
): ClearedWrite {
  noteNotGranted(call.spec, state);
  const given = reason === undefined || reason.trim() === '' ? 'No reason was given.' : `Reason: ${reason.trim()}`;
  const why = `${given}${byWhom(by)}`;
  resolve(call.callId, 'denied', 'person', why, state);
  const denied = failure(
    'not_allowed',
    `The person denied this. ${why}`,
    'Follow the reason given, or continue without it.',
  );
  const verdict: Verdict = { ...decision, decision: 'deny', by: 'person', reasons: [why, ...decision.reasons] };
  return { kind: 'refused', outcome: 'denied', failure: denied, verdict };
}

function resolve(
  callId: string,
  decision: 'allowed' | 'denied',
  by: 'person' | 'grant' | 'policy',
  reason: string,
  state: RunState,
): void {
  state.emit({ type: 'approval-resolved', callId, decision, by, reason });
}
