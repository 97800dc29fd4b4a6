import type { RunEvent } from '../agent/events.ts';
import { showInvisible } from '../agent/untrusted-text.ts';
import { exportMarkdown } from './export-markdown.ts';
import { inertMarkdown } from './inert-markdown.ts';
import { code, oneLine } from './markdown-text.ts';
import type { SessionContent, TimedEvent } from './session-record.ts';

const toFill = '_To be written._';

/**
 * A draft of a postmortem: what the session knows is filled in (times, findings, what was done and who allowed it), what
 * people have to judge is left to them. The whole record follows, so that each sentence can be checked.
 */
export function exportPostmortem(content: SessionContent): string {
  const { events, title, id } = content;
  const answer = lastAnswer(events);
  const sections: readonly (readonly [string, string])[] = [
    ['Summary', answer === '' ? toFill : inertMarkdown(showInvisible(answer))],
    ['Impact', toFill],
    ['Timeline', list(events.flatMap((event) => moment(event) ?? []))],
    ['Findings', list(events.flatMap(({ event }) => finding(event) ?? []))],
    ['What was done', list(writes(events))],
    ['Root cause', toFill],
    ['What went well, and what did not', toFill],
    ['Actions', '- [ ] '],
  ];
  return [
    `# Postmortem: ${oneLine(title === '' ? id : title)}`,
    'Draft, written from the record of a run. Times are UTC.',
    ...sections.map(([heading, text]) => `## ${heading}\n\n${text}`),
    '---',
    // Its headings are below those of the draft.
    exportMarkdown(content).replace(/^# /u, '## Record: '),
  ].join('\n\n');
}

function list(lines: readonly string[]): string {
  return lines.length === 0 ? 'None.' : lines.map((line) => `- ${line}`).join('\n');
}

/** The text after the last call of the last run. */
function lastAnswer(events: readonly TimedEvent[]): string {
  let text = '';
  for (const { event } of events) {
    if (event.type === 'run-started' || event.type === 'tool-call-proposed' || event.type === 'turn-restarted')
      text = '';
    if (event.type === 'text-delta') text += event.text;
  }
  return text.trim();
}

/** undefined for what does not belong into a timeline. */
function moment({ time, event }: TimedEvent): string | undefined {
  const what = describeMoment(event);
  return what === undefined ? undefined : `${time.slice(0, 19).replace('T', ' ')}: ${what}`;
}

function describeMoment(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'run-started':
      return event.runbook === undefined ? 'a run began' : `the runbook ${code(event.runbook.name)} began`;
    case 'condition-evaluated':
      return `${oneLine(event.condition.name)}: ${code(event.condition.explained)}, ${event.condition.holds ? 'met' : 'not met'}`;
    case 'approval-requested':
      return `asked for approval: ${oneLine(event.preview?.title ?? event.tool.title)}`;
    case 'approval-resolved':
      return `${event.decision === 'allowed' ? 'allowed' : 'not allowed'} by ${event.by}: ${oneLine(event.reason)}`;
    case 'tool-call-finished':
      return event.link === undefined ? undefined : oneLine(event.summary);
    case 'run-finished':
      return `the run ended as ${event.reason}`;
    default:
      return undefined;
  }
}

function finding(event: RunEvent): string | undefined {
  if (event.type !== 'evidence-added') return undefined;
  const { id, title, rowCount, arguments: input } = event.evidence;
  const { query } = input;
  const how = typeof query === 'string' ? `: ${code(query)}` : '';
  return `${oneLine(id)}, ${oneLine(title)}, ${rowCount} rows${how}`;
}

/** Writes with their outcome, and who allowed each. */
function writes(events: readonly TimedEvent[]): readonly string[] {
  const titles = new Map<string, string>();
  const allowed = new Map<string, string>();
  const done: string[] = [];
  for (const { event } of events) {
    if (event.type === 'tool-call-proposed' && event.risk !== 'read') titles.set(event.callId, event.title);
    if (event.type === 'approval-resolved') allowed.set(event.callId, `${event.by}: ${event.reason}`);
    if (event.type !== 'tool-call-finished') continue;
    const title = titles.get(event.callId);
    if (title === undefined) continue;
    const link = event.link === undefined ? '' : ` <${event.link.url.replaceAll(/[\s<>]/g, encodeURIComponent)}>`;
    const by = oneLine(allowed.get(event.callId) ?? 'nobody');
    done.push(`${oneLine(title)}, ${event.outcome}: ${oneLine(event.summary)}${link} (${by})`);
  }
  return done;
}
