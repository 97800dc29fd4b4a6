import * as z from 'zod';
import { evidenceRecordSchema, type EvidenceRecord } from '../agent/evidence/store.ts';
import type { ClearedCall } from '../agent/run/approved-calls.ts';
import type { ConditionState, RunEnd, RunEvent } from '../agent/events.ts';
import type { Message } from '../agent/model/model.ts';
import type { PolicyRule } from '../agent/policy/policy.ts';
import type { PolicySnapshot } from '../agent/policy/policy-state.ts';
import { messageSchema, runEventSchema } from './event-schema.ts';

const policySchema = z.object({
  destinations: z.array(z.string()),
  linkHosts: z.array(z.string()),
  taint: z.array(z.string()),
}) satisfies z.ZodType<PolicySnapshot>;

const clearedSchema = z.object({
  callId: z.string(),
  tool: z.string(),
  plainName: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  verdict: z.object({
    decision: z.enum(['allow', 'ask', 'deny']),
    by: z.enum(['grant', 'policy', 'person']),
    rule: z.custom<PolicyRule>((rule) => typeof rule === 'string'),
    reasons: z.array(z.string()),
    approval: z
      .object({
        id: z.string(),
        decision: z.string(),
        sha256: z.string(),
        by: z.string().optional(),
        from: z.string().optional(),
      })
      .optional(),
  }),
  grantId: z
    .string()
    .optional()
    .transform((id) => id),
}) satisfies z.ZodType<ClearedCall>;

/** One line of a session file. The first is the header. */
export type SessionRecord =
  | {
      readonly type: 'session';
      readonly version: 1;
      readonly id: string;
      readonly time: string;
      readonly title: string;
    }
  | { readonly type: 'event'; readonly time: string; readonly event: RunEvent }
  | { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'evidence'; readonly record: EvidenceRecord }
  | { readonly type: 'policy'; readonly snapshot: PolicySnapshot }
  /** A write was approved. On disk before it is sent. */
  | { readonly type: 'cleared'; readonly call: ClearedCall }
  /** A line truncated by a crash was removed here. */
  | { readonly type: 'recovered'; readonly time: string; readonly lostBytes: number }
  /** The conversation continued from this many messages. Later ones no longer count. */
  | { readonly type: 'rewound'; readonly messages: number }
  /** The conversation was compacted. These messages replace all earlier ones. */
  | { readonly type: 'compacted'; readonly messages: readonly Message[] }
  /** Everything before was copied from this session. Nothing of it can be resumed or undone here. */
  | { readonly type: 'branched'; readonly time: string; readonly from: string };

const sessionRecordSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('session'), version: z.literal(1), id: z.string(), time: z.string(), title: z.string() }),
  z.object({ type: z.literal('event'), time: z.string(), event: runEventSchema }),
  z.object({ type: z.literal('message'), message: messageSchema }),
  z.object({ type: z.literal('evidence'), record: evidenceRecordSchema }),
  z.object({ type: z.literal('policy'), snapshot: policySchema }),
  z.object({ type: z.literal('cleared'), call: clearedSchema }),
  z.object({ type: z.literal('recovered'), time: z.string(), lostBytes: z.number() }),
  z.object({ type: z.literal('rewound'), messages: z.int().min(0) }),
  z.object({ type: z.literal('compacted'), messages: z.array(messageSchema) }),
  z.object({ type: z.literal('branched'), time: z.string(), from: z.string() }),
]) satisfies z.ZodType<SessionRecord>;

/** A session as recorded in its file. */
export interface SessionContent {
  readonly id: string;
  /** The beginning of the first prompt. */
  readonly title: string;
  /** UTC, ISO 8601. */
  readonly created: string;
  readonly events: readonly TimedEvent[];
  /** The conversation as it is sent to the model again. */
  readonly messages: readonly Message[];
  readonly evidence: readonly EvidenceRecord[];
  readonly policy: PolicySnapshot | undefined;
  /** Approved writes of all runs. */
  readonly cleared: readonly ClearedCall[];
  /** The last run, if it did not finish, or waits for an approval. */
  readonly interrupted: StoppedRun | undefined;
  /** The last run, if it can be resumed: interrupted, or ended by the user, a limit or a failure before it was done. */
  readonly stopped: StoppedRun | undefined;
  /** The session that it was copied from, with this many events. */
  readonly branch: { readonly from: string; readonly events: number } | undefined;
  /** Unreadable lines, and bytes truncated by a crash. Both are 0 for an intact file. */
  readonly damage: { readonly lines: number; readonly lostBytes: number };
}

export interface StoppedRun {
  /** For a resumed run: its first start. */
  readonly started: Extract<RunEvent, { type: 'run-started' }>;
  /** The model was already asked, so the run continues from the conversation instead of starting over. */
  readonly begun: boolean;
  readonly conditions: readonly ConditionState[];
  /** The writes that were approved in it. */
  readonly cleared: readonly ClearedCall[];
  /** Ids of calls that failed. */
  readonly failed: readonly string[];
}

export interface TimedEvent {
  /** UTC, ISO 8601. */
  readonly time: string;
  readonly event: RunEvent;
}

export interface ParsedFile {
  readonly content: SessionContent;
  /** The end of the last complete line. A crash truncated what follows. */
  readonly wholeBytes: number;
  /** A damaged line left a gap in the conversation. `content.messages` ends before it. */
  readonly hasGap: boolean;
}

/** Reads everything readable. An unreadable line is counted and does not lose the rest. */
export function parseSessionFile(id: string, bytes: Buffer): ParsedFile {
  const wholeBytes = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1);
  const records = lines.map(parseLine);
  const kept = records.filter((record) => record !== undefined);
  const header = kept.find((record) => record.type === 'session');
  const recovered = kept.reduce((sum, record) => sum + (record.type === 'recovered' ? record.lostBytes : 0), 0);
  const conversation = conversationOf(kept);
  const messages = sound(conversation);
  return {
    wholeBytes,
    hasGap: messages.length < conversation.length,
    content: {
      id,
      title: header?.title ?? '',
      created: header?.time ?? '',
      events: kept.flatMap((record) => (record.type === 'event' ? [{ time: record.time, event: record.event }] : [])),
      messages,
      evidence: kept.flatMap((record) => (record.type === 'evidence' ? [record.record] : [])),
      cleared: clearedIn(kept),
      branch: branchIn(kept),
      ...lastRun(kept.slice(kept.findLastIndex(({ type }) => type === 'branched') + 1)),
      policy: kept.findLast((record) => record.type === 'policy')?.snapshot,
      damage: { lines: records.length - kept.length, lostBytes: recovered + bytes.length - wholeBytes },
    },
  };
}

function branchIn(records: readonly SessionRecord[]): SessionContent['branch'] {
  const index = records.findLastIndex(({ type }) => type === 'branched');
  const record = records[index];
  if (record?.type !== 'branched') return undefined;
  return { from: record.from, events: records.slice(0, index).filter(({ type }) => type === 'event').length };
}

function clearedIn(records: readonly SessionRecord[]): readonly ClearedCall[] {
  return records.flatMap((record) => (record.type === 'cleared' ? [record.call] : []));
}

/** Outcomes after which a run can continue, unless the model has given its last answer. */
const earlyEnds: readonly RunEnd[] = ['cancelled', 'budget', 'failed'];

function lastRun(records: readonly SessionRecord[]): Pick<SessionContent, 'interrupted' | 'stopped'> {
  const starts = records.flatMap((record, index) => {
    const event = eventOf(record);
    return event?.type === 'run-started' ? [{ index, event }] : [];
  });
  const last = starts.at(-1);
  const first = starts.findLast(({ event }) => event.resumed !== true) ?? starts[0];
  if (last === undefined || first === undefined) return { interrupted: undefined, stopped: undefined };
  const ofRun = records.slice(first.index);
  const events = ofRun.flatMap((record) => eventOf(record) ?? []);
  const messages = ofRun.flatMap((record) => (record.type === 'message' ? [record.message] : []));
  const run: StoppedRun = {
    started: first.event,
    begun: messages.length > 0,
    conditions: events.flatMap((event) => (event.type === 'condition-evaluated' ? [event.condition] : [])),
    cleared: clearedIn(ofRun),
    failed: events.flatMap((event) =>
      event.type === 'tool-call-finished' && event.outcome !== 'ok' && event.failure?.code !== 'conflict'
        ? [event.callId]
        : [],
    ),
  };
  const end = records
    .slice(last.index)
    .map(eventOf)
    .find((event) => event?.type === 'run-finished');
  if (end?.type !== 'run-finished' || end.reason === 'waiting') return { interrupted: run, stopped: run };
  const goesOn = earlyEnds.includes(end.reason) && !isLastAnswer(messages.at(-1));
  return { interrupted: undefined, stopped: goesOn ? run : undefined };
}

function eventOf(record: SessionRecord): RunEvent | undefined {
  return record.type === 'event' ? record.event : undefined;
}

function isLastAnswer(message: Message | undefined): boolean {
  return message?.role === 'assistant' && message.content.every((block) => block.type !== 'tool-call');
}

export function conversationOf(records: readonly SessionRecord[]): readonly Message[] {
  let messages: Message[] = [];
  for (const record of records) {
    if (record.type === 'message') messages.push(record.message);
    if (record.type === 'rewound') messages = messages.slice(0, record.messages);
    if (record.type === 'compacted') messages = [...record.messages];
  }
  return messages;
}

/**
 * The conversation up to the first gap left by a damaged line: the model accepts no tool result without its call, and
 * no call without its result. Open calls at the end are answered when the session continues.
 */
export function sound(messages: readonly Message[]): readonly Message[] {
  let open: readonly string[] = [];
  for (const [index, message] of messages.entries()) {
    const answered = message.content.flatMap((block) => (block.type === 'tool-result' ? [block.callId] : []));
    if (!isSameSet(open, answered)) return messages.slice(0, index);
    open = message.content.flatMap((block) => (block.type === 'tool-call' ? [block.id] : []));
  }
  return messages;
}

function isSameSet(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item) => right.includes(item));
}

export function parseLine(line: string): SessionRecord | undefined {
  try {
    return sessionRecordSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
