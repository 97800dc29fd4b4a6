import type { AuditBody } from '../../../servers/contract/audit/record.ts';
import type { ApprovalStore } from './approval-store.ts';
import { minute } from './card/approval-card.ts';
import { digestOf, type Person, type Place, type WaitingWrite } from './waiting-write.ts';

export interface Attempt {
  readonly id: string;
  readonly decision: 'approved' | 'denied';
  /** Finds the one who answers among those who may. */
  readonly isPerson: (person: Person) => boolean;
  /** For the log: `slack T0SHOP001 U0JANE001`. */
  readonly subject: string;
  readonly from: Place;
  readonly digest: string;
  readonly nonce: string | undefined;
}

export type Given =
  | { readonly kind: 'given'; readonly write: WaitingWrite }
  /** Nothing is sent because of this attempt. `why` is for the one who made it. */
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly why: string };

type RefusalCode =
  | 'unknown'
  | 'not_named'
  | 'answered'
  | 'expired'
  | 'withdrawn'
  | 'outdated'
  | 'changed'
  | 'unrecorded';

export interface AnswerAudit {
  readonly append: (make: () => AuditBody, durable: boolean) => number | Promise<number>;
}

export interface GiveAnswerPorts {
  readonly store: ApprovalStore;
  readonly audit: AnswerAudit;
  /** Runs once an answer is stored: its run may wait elsewhere, or have ended. */
  readonly onAnswered: (answered: { readonly session: string; readonly run: string }) => Promise<void>;
}

/** One person's answer to a waiting write. The intent is in the audit log before the answer counts; refusals are recorded too. */
export async function giveAnswer(attempt: Attempt, { store, audit, onAnswered }: GiveAnswerPorts): Promise<Given> {
  const write = await store.find(attempt.id);
  if (write === undefined) return refuse('unknown', 'This question no longer exists.');
  const person = write.people.find(attempt.isPerson);
  const record = (more: Partial<AuditBody> & Pick<AuditBody, 'phase'>) => (): AuditBody => ({
    ...describe(attempt, write, person),
    ...more,
  });
  const problem = problemOf(attempt, write, person);
  if (problem !== undefined || person === undefined) {
    const refused = problem ?? notNamed(write);
    await audit.append(record({ phase: 'refused', outcome: 'denied', errorCode: refused.code }), false);
    return refused;
  }
  const { decision, from, digest, nonce, id } = attempt;
  let intent: number;
  try {
    intent = await audit.append(record({ phase: 'intent' }), true);
  } catch {
    return refuse('unrecorded', 'Your answer cannot be recorded now, so it does not count. Try again later.');
  }
  const answered = await store.answer({ id, decision, person, from, digest, nonce });
  if (answered === undefined) {
    // Another answer came first, in the moment since it was looked up.
    const refused = await whyNot(attempt, person, store);
    await audit.append(record({ phase: 'result', intent, outcome: 'denied', errorCode: refused.code }), false);
    return refused;
  }
  await audit.append(record({ phase: 'result', intent, outcome: 'ok' }), false);
  await onAnswered({ session: answered.session, run: answered.run });
  return { kind: 'given', write: answered };
}

async function whyNot(
  attempt: Attempt,
  person: Person,
  store: ApprovalStore,
): Promise<Extract<Given, { kind: 'refused' }>> {
  const now = await store.find(attempt.id);
  if (now === undefined) return refuse('unknown', 'This question no longer exists.');
  return problemOf(attempt, now, person) ?? refuse('answered', 'It was answered at the same moment.');
}

/** The cheapest to understand first. undefined: as far as is known, the answer counts. */
function problemOf(
  { digest, nonce }: Attempt,
  write: WaitingWrite,
  person: Person | undefined,
): Extract<Given, { kind: 'refused' }> | undefined {
  const { state, answer, expires } = write;
  if (person === undefined) return notNamed(write);
  if (answer !== undefined)
    return refuse('answered', `${answer.who} has already ${state} it (${answer.from}, ${minute(answer.time)}).`);
  if (state === 'expired') return refuse('expired', `It expired at ${minute(expires)}. Nothing was sent.`);
  if (state === 'withdrawn') return refuse('withdrawn', 'The run has asked again. Answer its newer question.');
  if (digest !== write.digest || digest !== digestOf(write.request))
    return refuse('changed', 'What would be sent is not what you were shown. Nothing was sent.');
  if (nonce !== undefined && nonce !== write.nonce)
    return refuse('outdated', 'This message is out of date. Answer the newer one.');
  return undefined;
}

function notNamed({ people }: WaitingWrite): Extract<Given, { kind: 'refused' }> {
  return refuse('not_named', `Only ${people.map(({ name }) => name).join(', ')} can answer this.`);
}

function refuse(code: RefusalCode, why: string): Extract<Given, { kind: 'refused' }> {
  return { kind: 'refused', code, why };
}

function describe(
  { id, decision, digest, from, subject }: Attempt,
  { request, session, run }: WaitingWrite,
  person: Person | undefined,
): Omit<AuditBody, 'phase'> {
  const by = person === undefined ? subject : `${person.name} (${person.slack})`;
  const sha256 = /^[0-9a-f]{64}$/u.test(digest) ? { sha256: digest } : {};
  return {
    time: new Date().toISOString(),
    writer: 'service',
    server: request.tool.server,
    tool: request.tool.plainName,
    risk: request.tool.risk,
    actor: by,
    subject,
    session,
    run,
    callId: request.callId,
    approval: { id, decision, by, from, ...sha256 },
  };
}
