import { factsOfTool } from '../../../servers/contract/tool-facts.ts';
import type { RunEvent } from '../../agent/events.ts';
import type { Arguments } from '../../agent/tools.ts';
import type { SessionContent } from '../session-record.ts';

/** What a list of sessions says about one of them. */
export interface SessionFacts {
  /** The beginning of the first prompt. */
  readonly title: string;
  /** UTC, ISO 8601. */
  readonly created: string;
  /** How its last run ended. Undefined if none has, or while one is in progress. */
  readonly end: Extract<RunEvent, { type: 'run-finished' }>['reason'] | undefined;
  /** Writes that were made and not taken back, oldest first. */
  readonly writes: readonly WriteFact[];
  /** A person refused a write. */
  readonly denied: boolean;
  readonly runbooks: readonly RunbookRun[];
  /** It began as a copy of another session. What that one wrote does not count. */
  readonly branched: boolean;
}

export interface WriteFact {
  readonly kind: 'filed' | 'posted' | 'changed';
  /** `ENG-1`, `#incidents`. */
  readonly what: string;
  /** The ticket's summary, or the beginning of the text. */
  readonly about: string;
}

export interface RunbookRun {
  readonly run: string;
  readonly name: string;
  /** UTC, ISO 8601. */
  readonly time: string;
}

const maxWrites = 20;
const maxRunbookRuns = 50;
const maxLength = 120;

export function factsOfSession({ title, created, events, branch }: SessionContent): SessionFacts {
  const all = events.map(({ event }) => event);
  const own = all.slice(branch?.events ?? 0);
  const last = own.findLast(({ type }) => type === 'run-started' || type === 'run-finished');
  const runbooks = own.flatMap((event) =>
    event.type === 'run-started' && event.runbook !== undefined
      ? [{ run: event.run, name: event.runbook.name, time: event.time }]
      : [],
  );
  return {
    title,
    created,
    end: last?.type === 'run-finished' ? last.reason : undefined,
    writes: writesIn(own).slice(-maxWrites),
    denied: own.some(
      (event) => event.type === 'approval-resolved' && event.decision === 'denied' && event.by === 'person',
    ),
    runbooks: runbooks.slice(-maxRunbookRuns),
    branched: branch !== undefined,
  };
}

interface OpenCall {
  readonly tool: string;
  readonly server: string;
  readonly title: string;
  readonly arguments: Arguments;
  readonly destination: string | undefined;
}

function writesIn(events: readonly RunEvent[]): readonly WriteFact[] {
  const calls = new Map<string, OpenCall>();
  const done = new Map<string, WriteFact>();
  let undoing: { readonly callId: string; readonly outcomes: string[] } | undefined;
  for (const event of events) {
    switch (event.type) {
      case 'run-started':
        undoing = event.undoes === undefined ? undefined : { callId: event.undoes, outcomes: [] };
        break;
      case 'tool-call-proposed':
        if (event.risk !== 'read') calls.set(event.callId, { ...event, destination: undefined });
        break;
      case 'approval-requested':
        change(calls, event.callId, { arguments: event.arguments, destination: event.preview?.destination.name });
        break;
      case 'tool-call-started':
        if (event.arguments !== undefined) change(calls, event.callId, { arguments: event.arguments });
        break;
      case 'tool-call-finished': {
        undoing?.outcomes.push(event.outcome);
        const call = calls.get(event.callId);
        if (call !== undefined && event.outcome === 'ok' && undoing === undefined)
          done.set(event.callId, writeOf(call, event.link?.label));
        break;
      }
      case 'run-finished':
        if (undoing !== undefined && undoing.outcomes.length > 0 && undoing.outcomes.every((each) => each === 'ok'))
          done.delete(undoing.callId);
        break;
      default:
    }
  }
  return [...done.values()];
}

function change(calls: Map<string, OpenCall>, callId: string, changed: Partial<OpenCall>): void {
  const call = calls.get(callId);
  if (call !== undefined) calls.set(callId, { ...call, ...changed });
}

function writeOf(call: OpenCall, label: string | undefined): WriteFact {
  const { tool, server, title, arguments: input, destination } = call;
  const isOurs = factsOfTool(tool)?.server === server;
  const about = firstLine(input['summary']) || firstLine(input['text']) || firstLine(input['body']) || title;
  if (isOurs && tool === 'create_jira_ticket') return { kind: 'filed', what: label ?? '', about };
  if (isOurs && tool === 'post_slack_message')
    return { kind: 'posted', what: destination ?? textOf(input['channel']).slice(0, maxLength), about };
  return { kind: 'changed', what: server === 'jira' && label !== undefined ? label : title, about };
}

/** Without Markdown's marks of headings and bold text. */
function firstLine(value: unknown): string {
  const [line = ''] = textOf(value)
    .replaceAll(/^[#\s]+|\*\*/gu, '')
    .split('\n', 1);
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
