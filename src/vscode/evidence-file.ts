import type { Evidence } from '../agent/evidence.ts';

/** A result whole, as a file: a table as CSV, anything else as JSON. The name says where the source had more. */
export function evidenceAsFile(evidence: Evidence): { readonly name: string; readonly text: string } {
  const { id, columns, rows, rowCount, truncated } = evidence;
  if (columns.length === 0) return { name: `${id}.json`, text: `${JSON.stringify(evidence.value, undefined, 2)}\n` };
  return { name: truncated ? `${id}-first-${rowCount}.csv` : `${id}.csv`, text: asCsv({ columns, rows }) };
}

/** RFC 4180. */
function asCsv({ columns, rows }: Pick<Evidence, 'columns' | 'rows'>): string {
  const lines = [columns.map(({ name }) => name), ...rows];
  return lines.map((row) => `${row.map(cellAsCsv).join(',')}\r\n`).join('');
}

function cellAsCsv(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // A spreadsheet would run what begins like a formula, and rows are written by strangers.
  const harmless = /^[=+@\t\r-]/u.test(text) && !/^[+-]?[\d.]+(?:e[+-]?\d+)?$/iu.test(text) ? `'${text}` : text;
  return /[",\r\n]/u.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
