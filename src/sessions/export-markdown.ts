import type { ApprovalRequest } from '../agent/approval.ts';
import type { EvidenceView, PlanStep, RunEvent } from '../agent/events.ts';
import { showInvisible } from '../agent/untrusted-text.ts';
import { inertMarkdown } from './inert-markdown.ts';
import { cell, code, fenced, oneLine } from './markdown-text.ts';
import type { SessionContent, TimedEvent } from './session-record.ts';

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;

/** The maximum number of rows per result in an export. The session file has all of them. */
const mostRows = 50;

/**
 * A session as a document: prompts, answers, every tool call with arguments and outcome, and every approval with what
 * was shown and who decided. Text by others is placed in code blocks and table cells, so that it cannot become markup.
 */
export function exportMarkdown(content: SessionContent): string {
  const blocks = [`# ${oneLine(content.title === '' ? content.id : content.title)}`];
  blocks.push(`Session \`${content.id}\`, started ${content.created === '' ? 'at an unknown time' : content.created}.`);
  const { lines, lostBytes } = content.damage;
  if (lines + lostBytes > 0) {
    blocks.push(
      `**Incomplete:** ${lines} records of the session file could not be read, ${lostBytes} bytes were lost.`,
    );
  }
  const titles = new Map<string, string>();
  for (const part of inParts(content.events)) {
    const block = describe(part, titles);
    if (block !== '') blocks.push(block);
  }
  return `${blocks.join('\n\n')}\n`;
}

/** Merges the deltas of one answer into one event. Drops the text of a turn that was restarted. */
function inParts(events: readonly TimedEvent[]): readonly TimedEvent[] {
  const parts: TimedEvent[] = [];
  for (const { time, event } of events) {
    const last = parts.at(-1);
    if (event.type === 'turn-restarted') {
      while (isDelta(parts.at(-1)?.event)) parts.pop();
    } else if (event.type === 'text-delta' && last?.event.type === 'text-delta') {
      parts[parts.length - 1] = { time: last.time, event: { type: 'text-delta', text: last.event.text + event.text } };
    } else {
      parts.push({ time, event });
    }
  }
  return parts;
}

function isDelta(event: RunEvent | undefined): boolean {
  return event?.type === 'text-delta' || event?.type === 'thinking-delta';
}

/** Empty for events that are of no use to a reader. */
function describe({ time, event }: TimedEvent, titles: Map<string, string>): string {
  switch (event.type) {
    case 'run-started':
      return describeStart(event);
    case 'text-delta':
      return inertMarkdown(showInvisible(event.text).trim());
    case 'plan-changed':
      return event.steps.map(describeStep).join('\n');
    case 'condition-evaluated': {
      const { name, expression, explained, holds } = event.condition;
      return `Condition **${oneLine(name)}**: ${code(expression)}, which is ${code(explained)}: ${holds ? 'met' : 'not met'}.`;
    }
    case 'tool-call-proposed':
      titles.set(event.callId, event.title);
      return `### ${oneLine(event.title)}\n\n${code(event.tool)} of ${oneLine(event.server)}, ${event.risk}, ${time}\n\n${describeArguments(event.arguments)}`;
    case 'approval-requested':
      return describeRequest(event);
    case 'approval-resolved':
      return `**${event.decision === 'allowed' ? 'Allowed' : 'Not allowed'}** by ${event.by}: ${oneLine(event.reason)}`;
    case 'evidence-added':
      return describeEvidence(event.evidence);
    case 'tool-call-finished':
      return describeOutcome(event, titles);
    case 'retry-scheduled':
      return `_${oneLine(event.reason)}; tried again._`;
    case 'context-compacted':
      return `_${event.shortenedResults} old results were shortened for the model._`;
    case 'run-finished':
      return `---\n\n**${event.reason}**, ${time}: ${oneLine(event.message)}`;
    case 'thinking-delta':
    case 'turn-restarted':
    case 'tool-call-started':
    case 'tool-call-progressed':
    case 'usage-changed':
      return '';
  }
}

function describeStart({ prompt, model, time, runbook }: EventOf<'run-started'>): string {
  const parameters = Object.entries(runbook?.parameters ?? {}).map(([name, value]) => `${name}=${String(value)}`);
  const job = runbook === undefined ? '' : `, runbook ${code(runbook.name)} ${code(parameters.join(' '))}`;
  return `## ${oneLine(prompt)}\n\n${fenced(prompt, '')}\n\n${time}, model ${code(model)}${job}`;
}

function describeStep({ status, text }: PlanStep): string {
  const done = status === 'done' || status === 'skipped';
  return `- [${done ? 'x' : ' '}] ${oneLine(text)}${status === 'skipped' ? ' (skipped)' : ''}`;
}

function describeArguments(input: Readonly<Record<string, unknown>>): string {
  const { query, ...rest } = input;
  const sql = typeof query === 'string' ? [fenced(query, 'sql')] : [];
  const others = typeof query === 'string' ? rest : input;
  const json = Object.keys(others).length === 0 ? [] : [fenced(JSON.stringify(others, undefined, 2), 'json')];
  return [...sql, ...json].join('\n\n');
}

function describeRequest({ preview, arguments: input, warnings, reasons, sha256 }: ApprovalRequest): string {
  const lines = [`#### Approval requested`];
  if (preview === undefined) lines.push(describeArguments(input));
  else {
    const { name, id, audience } = preview.destination;
    lines.push(
      `${oneLine(preview.title)} → ${oneLine(name)} (${code(id)})${audience === undefined ? '' : `, ${oneLine(audience)}`}`,
    );
    lines.push(preview.fields.map(({ label, value }) => `- ${oneLine(label)}: ${code(value)}`).join('\n'));
    lines.push(fenced(preview.body, 'markdown'));
  }
  const notes = [
    ...warnings.map((warning) => `- Warning: ${oneLine(warning)}`),
    ...reasons.map((reason) => `- ${oneLine(reason)}`),
  ];
  lines.push(notes.join('\n'), `sha256 of what was shown: ${code(sha256)}`);
  return lines.filter((line) => line !== '').join('\n\n');
}

function describeEvidence({ id, columns, rows, rowCount, truncated, sha256 }: EvidenceView): string {
  const shown = rows.slice(0, mostRows);
  const more =
    rowCount > shown.length || truncated ? `, ${shown.length} shown${truncated ? ', more upstream' : ''}` : '';
  const head = `Evidence **${oneLine(id)}**: ${rowCount} rows${more}, sha256 ${code(sha256)}`;
  if (columns.length === 0) return head;
  const table = [
    `| ${columns.map(({ name }) => cell(name)).join(' | ')} |`,
    `| ${columns.map(() => '---').join(' | ')} |`,
    ...shown.map((row) => `| ${row.map(cell).join(' | ')} |`),
  ];
  return `${head}\n\n${table.join('\n')}`;
}

function describeOutcome(event: EventOf<'tool-call-finished'>, titles: ReadonlyMap<string, string>): string {
  const title = oneLine(titles.get(event.callId) ?? event.callId);
  const link = event.link === undefined ? '' : ` <${event.link.url.replaceAll(/[\s<>]/g, encodeURIComponent)}>`;
  const code = event.failure === undefined ? '' : ` (${event.failure.code})`;
  return `**${title}: ${event.outcome}**${code} after ${event.durationMs} ms: ${oneLine(event.summary)}${link}`;
}
