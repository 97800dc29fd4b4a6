import type { RunEvent } from '../agent/events.ts';
import type { Message } from '../agent/model/model.ts';
import { conversationOf, sound, type SessionRecord } from './session-record.ts';

/** Before the prompt of a run, or after its end. */
export interface BranchPoint {
  readonly run: string;
  readonly place: 'before' | 'after';
}

/**
 * The records of a new session that has the history of another one up to this point. It repeats and resumes nothing:
 * approvals stay behind, no earlier write can be undone from it, and the model is told that open calls were not made.
 * Undefined if there is no such run.
 */
export function branchRecords(
  from: string,
  records: readonly SessionRecord[],
  { run, place }: BranchPoint,
  { id, time }: { readonly id: string; readonly time: string },
): readonly SessionRecord[] | undefined {
  const start = records.findIndex((record) => isStart(record) && record.event.run === run);
  if (start === -1) return undefined;
  const next = records.findIndex((record, index) => index > start && isStart(record));
  const isLast = next === -1;
  const copied = records.slice(0, place === 'before' ? start : isLast ? records.length : next);
  const header = records.find((record) => record.type === 'session');
  const events = copied.flatMap((record) => (record.type === 'event' ? [record] : []));
  const policy = copied.findLast((record) => record.type === 'policy');
  return [
    { type: 'session', version: 1, id, time, title: header?.title ?? '' },
    ...events.map((record) => ({ ...record, event: inBranch(record.event, id) })),
    ...(isOpen(events.map(({ event }) => event)) ? [{ type: 'event' as const, time, event: cut }] : []),
    ...copied.filter((record) => record.type === 'evidence'),
    { type: 'compacted', messages: closed(sound(conversationOf(copied))) },
    // What was read still taints it. Its first write to a place is one again.
    ...(policy === undefined ? [] : [{ ...policy, snapshot: { ...policy.snapshot, destinations: [] } }]),
    { type: 'branched', time, from },
  ];
}

type StartRecord = Extract<SessionRecord, { type: 'event' }> & {
  readonly event: Extract<RunEvent, { type: 'run-started' }>;
};

function isStart(record: SessionRecord): record is StartRecord {
  return record.type === 'event' && record.event.type === 'run-started';
}

function inBranch(event: RunEvent, session: string): RunEvent {
  if (event.type === 'run-started') return { ...event, session };
  if (event.type !== 'tool-call-finished' || event.undo === undefined) return event;
  const { undo: _, ...rest } = event;
  return rest;
}

function isOpen(events: readonly RunEvent[]): boolean {
  return events.findLast(({ type }) => type === 'run-started' || type === 'run-finished')?.type === 'run-started';
}

const cut: RunEvent = {
  type: 'run-finished',
  reason: 'cancelled',
  message: 'This run did not end in the session that this one was branched from.',
  writeNotGranted: false,
};

const notMade =
  'This call was not made in this session. The session that this one was branched from may have made it: do not assume either.';

/** The model accepts no call without its result. */
function closed(messages: readonly Message[]): readonly Message[] {
  const open = (messages.at(-1)?.content ?? []).flatMap((block) => (block.type === 'tool-call' ? [block.id] : []));
  if (open.length === 0) return messages;
  const results = open.map((callId) => ({ type: 'tool-result' as const, callId, text: notMade, isError: true }));
  return [...messages, { role: 'user', content: results }];
}
