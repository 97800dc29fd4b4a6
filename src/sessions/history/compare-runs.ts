import { canonicalJson } from '../../../servers/contract/canonical-json.ts';
import type { RunEvent } from '../../agent/events.ts';
import type { Evidence } from '../../agent/evidence/types.ts';
import { compareResults, describeDifferences } from '../../agent/runbook/compare-results.ts';
import { showInvisible } from '../../agent/untrusted-text.ts';
import { factsOfSession } from './session-facts.ts';
import type { SessionContent } from '../session-record.ts';

export interface ComparedRun {
  readonly content: SessionContent;
  readonly run: string;
  /** A result with all its rows. */
  readonly evidence: (id: string) => Evidence | undefined;
}

type Started = Extract<RunEvent, { type: 'run-started' }>;

interface ReadRun {
  readonly started: Started;
  readonly events: readonly RunEvent[];
  readonly results: ReadonlyMap<string, Evidence>;
  readonly writes: string;
}

/** What has changed between two runs of a runbook, as Markdown. Undefined if one of them is not in its session. */
export function compareRuns(before: ComparedRun, now: ComparedRun): string | undefined {
  const [old, fresh] = [readRun(before), readRun(now)];
  if (old === undefined || fresh === undefined) return undefined;
  const blocks = [
    `# ${inline(fresh.started.runbook?.name ?? fresh.started.prompt)}`,
    [
      '| | earlier run | later run |',
      '|---|---|---|',
      ...factRows(old, fresh).map((cells) => `| ${cells.map(inline).join(' | ')} |`),
    ].join('\n'),
    ...resultBlocks(old, fresh),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function readRun({ content, run, evidence }: ComparedRun): ReadRun | undefined {
  const start = content.events.findIndex(({ event }) => event.type === 'run-started' && event.run === run);
  const started = content.events[start]?.event;
  if (started?.type !== 'run-started') return undefined;
  const rest = content.events.slice(start + 1);
  const next = rest.findIndex(({ event }) => event.type === 'run-started' && event.resumed !== true);
  const timed = next === -1 ? rest : rest.slice(0, next);
  const events = timed.map(({ event }) => event);
  const results = new Map<string, Evidence>();
  for (const event of events) {
    const result = event.type === 'evidence-added' ? evidence(event.evidence.id) : undefined;
    // A measure has its name in the id of its call. Other calls are the same if they ask the same.
    if (event.type === 'evidence-added' && result !== undefined && result.columns.length > 0)
      results.set(measureOf(event.callId) ?? canonicalJson([result.tool, result.arguments]), result);
  }
  const { writes } = factsOfSession({
    ...content,
    branch: undefined,
    events: [{ time: '', event: started }, ...timed],
  });
  return { started, events, results, writes: writes.map(({ kind, what }) => `${what} ${kind}`).join(', ') };
}

function measureOf(callId: string): string | undefined {
  return callId.startsWith('measure-') ? callId.slice('measure-'.length) : undefined;
}

function factRows(old: ReadRun, fresh: ReadRun): readonly (readonly [string, string, string])[] {
  const both = [old, fresh] as const;
  const row = (label: string, read: (run: ReadRun) => string): readonly [string, string, string] => [
    label,
    read(both[0]),
    read(both[1]),
  ];
  const names = new Set(both.flatMap(({ started }) => Object.keys(started.runbook?.parameters ?? {})));
  const conditions = new Set(both.flatMap((run) => conditionsOf(run).map(({ name }) => name)));
  return [
    row('Started', ({ started }) => started.time),
    row('Model', ({ started }) => started.model),
    ...[...names].map((name) => row(name, ({ started }) => String(started.runbook?.parameters[name] ?? ''))),
    ...[...conditions].map((name) =>
      row(name, (run) => {
        const condition = conditionsOf(run).find((each) => each.name === name);
        return condition === undefined ? '' : `${condition.explained}: ${condition.holds ? 'yes' : 'no'}`;
      }),
    ),
    row('Written', ({ writes }) => (writes === '' ? 'nothing' : writes)),
    row('Ended', ({ events }) => endOf(events)),
    row('Tokens', ({ events }) => tokensOf(events)),
  ];
}

function conditionsOf({ events }: ReadRun) {
  return events.flatMap((event) => (event.type === 'condition-evaluated' ? [event.condition] : []));
}

function endOf(events: readonly RunEvent[]): string {
  const end = events.findLast((event) => event.type === 'run-finished');
  return end?.type === 'run-finished' ? end.reason : 'not finished';
}

function tokensOf(events: readonly RunEvent[]): string {
  const last = events.findLast((event) => event.type === 'usage-changed');
  return last?.type === 'usage-changed' ? String(last.usage.inputTokens + last.usage.outputTokens) : '';
}

function resultBlocks(old: ReadRun, fresh: ReadRun): readonly string[] {
  const blocks: string[] = [];
  for (const [key, now] of fresh.results) {
    const was = old.results.get(key);
    if (was !== undefined) blocks.push(`## ${titleOf(key, now)}: ${was.id} and ${now.id}`, differencesOf(was, now));
  }
  const only = (from: ReadRun, other: ReadRun): string =>
    [...from.results].flatMap(([key, { id }]) => (other.results.has(key) ? [] : [id])).join(', ');
  const [gone, added] = [only(old, fresh), only(fresh, old)];
  if (gone !== '') blocks.push(`Only in the earlier run: ${gone}.`);
  if (added !== '') blocks.push(`Only in the later run: ${added}.`);
  return blocks;
}

function titleOf(key: string, { title }: Evidence): string {
  return inline(key.startsWith('[') ? title : key);
}

function differencesOf(was: Evidence, now: Evidence): string {
  const differences = compareResults(was, now);
  const cut = was.truncated || now.truncated ? '\n\nOne of the results is not complete.' : '';
  if (differences === undefined) return `The columns differ, so the rows cannot be compared.${cut}`;
  // Values are others' text. No run of backticks in them is as long as the fence.
  const text = showInvisible(describeDifferences(differences));
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/gu)].map(([run]) => run.length + 1)));
  return `${fence}text\n${text}\n${fence}${cut}`;
}

function inline(text: string): string {
  return showInvisible(text)
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/[\\`*_[\]<>|#!&]/gu, '\\$&');
}
