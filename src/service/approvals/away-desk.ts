import { canonicalJson } from '../../../servers/contract/canonical-json.ts';
import type { Answerer, ApprovalDecision, ApprovalRequest } from '../../agent/approval.ts';
import { findApprovalRule, timesOf, type ApprovalRule } from '../../agent/policy/approvers.ts';
import type { ClearedCall } from '../../agent/run/approved-calls.ts';
import type { AwayDesk } from '../../switchboard.ts';
import type { ApprovalStore } from './approval-store.ts';
import { bytesOf, digestOf, type WaitingWrite } from './waiting-write.ts';

export interface AwayDeskOptions {
  readonly store: ApprovalStore;
  readonly rules: readonly ApprovalRule[];
  /** Receives what is wrong with a stored approval. */
  readonly report: (error: unknown) => void;
  /** How a run that has ended meanwhile goes on once somebody has answered: a sentence for its message. */
  readonly next: (session: string) => string;
}

/** News can be lost; the database is asked at least this often. */
const lookAgainMs = 5_000;
/** An approval that nobody has used by then is asked again. */
const lastsMs = 24 * 3_600_000;

/** Asks the people whom the policy names, through the state database. The run waits a while, then ends. */
export function createAwayDesk({ store, rules, report, next }: AwayDeskOptions): AwayDesk {
  return ({ session, run, title }) => ({
    isAsked: ({ plainName, trusted, preview }) =>
      trusted && preview && findApprovalRule(rules, plainName) !== undefined,
    ask: async (request, signal) => {
      const rule = findApprovalRule(rules, request.tool.plainName);
      if (rule === undefined || request.preview === undefined)
        return { kind: 'deny', reason: 'The policy names nobody to ask about this.' };
      const earlier = await store.findOfCall(session, request.callId);
      if (earlier?.state === 'denied' && isSameCall(earlier.request, request)) return toDecision(earlier, next);
      const id = isStillAsked(earlier, request) ? earlier.id : request.id;
      if (id === request.id) {
        const { expiresMs } = timesOf(rule);
        await store.add({ session, run, title, request, people: rule.people, place: rule.post, expiresMs });
      }
      return wait(id, timesOf(rule).waitMs, signal);
    },
    approved: async () => {
      const writes = await store.ofSession(session);
      return writes.flatMap((write) => toCleared(write) ?? []);
    },
  });

  async function wait(id: string, ms: number, signal: AbortSignal): Promise<ApprovalDecision> {
    const until = performance.now() + ms;
    for (;;) {
      const left = until - performance.now();
      // Asked for first, so that no news is missed in between.
      const news = store.watch.next(Math.max(0, Math.min(left, lookAgainMs)), signal);
      const write = await store.find(id);
      if (write !== undefined && write.state !== 'waiting') return decided(write);
      if (write === undefined || left <= 0) return unanswered(write, next);
      await news;
      signal.throwIfAborted();
    }
  }

  function decided(write: WaitingWrite): ApprovalDecision {
    if (write.state !== 'approved' || isWhole(write)) return toDecision(write, next);
    report(new Error(`Approval ${write.id} was changed after it was given. Nothing is sent.`));
    return { kind: 'deny', reason: 'What was approved has been changed since.' };
  }

  /** undefined: not approved, or not what was approved, so that it is asked again. */
  function toCleared(write: WaitingWrite): ClearedCall | undefined {
    const { request, answer, state } = write;
    const sha256 = bytesOf(request);
    if (state !== 'approved' || answer === undefined || sha256 === undefined) return undefined;
    if (!isWhole(write)) {
      report(new Error(`Approval ${write.id} was changed after it was given. It is asked again.`));
      return undefined;
    }
    if (Date.now() - answer.time.getTime() > lastsMs) return undefined;
    const approval = { id: write.id, decision: 'once', sha256, by: answer.who, from: answer.from };
    const reasons = [...request.reasons];
    return {
      callId: request.callId,
      tool: request.tool.name,
      plainName: request.tool.plainName,
      arguments: request.arguments,
      verdict: { decision: 'ask', by: 'person', rule: 'no-grant', reasons, approval },
      grantId: undefined,
    };
  }
}

/** Whether what is stored is what was asked, and what was answered is what was shown. */
function isWhole({ request, digest, answer }: WaitingWrite): boolean {
  return digestOf(request) === digest && (answer === undefined || answer.digest === digest);
}

/** A resumed run waits for the question that was asked already, if it is still the same. */
function isStillAsked(earlier: WaitingWrite | undefined, request: ApprovalRequest): earlier is WaitingWrite {
  return earlier?.state === 'waiting' && isWhole(earlier) && earlier.digest === digestOf(request);
}

function isSameCall(left: ApprovalRequest, right: ApprovalRequest): boolean {
  return left.tool.name === right.tool.name && canonicalJson(left.arguments) === canonicalJson(right.arguments);
}

function toDecision(write: WaitingWrite, next: AwayDeskOptions['next']): ApprovalDecision {
  const by = byWhom(write);
  switch (write.state) {
    case 'approved':
      return { kind: 'approve', scope: 'once', ...(by !== undefined && { by }) };
    case 'denied':
      return { kind: 'deny', reason: undefined, ...(by !== undefined && { by }) };
    case 'waiting':
    case 'expired':
    case 'withdrawn':
      return unanswered(write, next);
  }
}

function byWhom({ id, answer }: WaitingWrite): Answerer | undefined {
  return answer === undefined ? undefined : { who: answer.who, from: answer.from, request: id };
}

function unanswered(write: WaitingWrite | undefined, next: AwayDeskOptions['next']): ApprovalDecision {
  if (write === undefined) return { kind: 'deny', reason: 'The question was removed.' };
  const { request, people, expires, session } = write;
  const what = `${request.preview?.title ?? request.tool.title} (${request.preview?.destination.name ?? ''})`;
  const names = people.map(({ name }) => name).join(', ');
  const waiting =
    `Waiting for an approval: ${what}. ${names} can answer in Slack until ${minute(expires)}. ` + next(session);
  return { kind: 'unanswered', waiting };
}

/** `2026-11-30 14:05 UTC` */
function minute(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
