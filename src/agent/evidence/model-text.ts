import type { Evidence } from './types.ts';
import { linesOfValue } from './lines.ts';
import { renderCsv } from './csv.ts';
import { columnStatistics } from './statistics.ts';
import { wrapUntrusted } from '../untrusted-text.ts';

/** The host itself writes the results of these. */
const hostServer = 'host';

/** Longer results cost more than they tell: the model gets both ends and statistics, and can read more by id. */
const longestText = 12_000;
const headRows = 20;
const tailRows = 5;
const longestEnd = 6_000;

/** A result as the model sees it: its id first, then the text others wrote, between two unguessable marks. */
export function describeForModel(evidence: Evidence, text: string, delimiter: () => string): string {
  const facts = [evidence.tool];
  if (evidence.columns.length > 0) facts.push(`${evidence.rowCount} ${evidence.rowCount === 1 ? 'row' : 'rows'}`);
  if (evidence.truncated) facts.push('truncated');
  const head = `${evidence.id} (${facts.join(', ')})`;
  if (evidence.server === hostServer) return `${head}\n${text}`;
  if (text.length <= longestText) return `${head}\n${wrapUntrusted(text, delimiter())}`;
  const short = evidence.rowCount > headRows + tailRows ? summarizeTable(evidence) : ends(text);
  const how = evidence.columns.length > 0 ? '' : ` (${linesOfValue(evidence).length} lines; search them with pattern)`;
  const hint = `Shortened. The full result is kept: read_evidence reads any part of ${evidence.id}${how}, and {{${evidence.id}}} inserts it.`;
  return `${head}\n${wrapUntrusted(short, delimiter())}\n${hint}`;
}

function summarizeTable({ columns, rows, rowCount }: Evidence): string {
  const csv = (part: readonly (readonly unknown[])[]): string => renderCsv(columns, part).replaceAll('\r\n', '\n');
  const last = rows.slice(-tailRows);
  const statistics = columns.map(({ name }, index) =>
    columnStatistics(
      name,
      rows.map((row) => row[index]),
    ),
  );
  return [
    `First ${headRows} of ${rowCount} rows:`,
    cut(csv(rows.slice(0, headRows))),
    `Last ${last.length}:`,
    cut(csv(last)),
    'Columns:',
    cut(statistics.join('\n')),
  ].join('\n');
}

function cut(text: string): string {
  return text.length <= longestEnd ? text : `${text.slice(0, longestEnd)}…`;
}

function ends(text: string): string {
  const left = text.length - longestEnd - longestEnd / 3;
  return `${text.slice(0, longestEnd)}\n… ${left} characters left out …\n${text.slice(-longestEnd / 3)}`;
}
