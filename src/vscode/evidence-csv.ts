import type { EvidenceView } from '../agent/events.ts';

/** RFC 4180. Of a result that is longer than what the chat holds, the rows that it holds. */
export function evidenceAsCsv(evidence: EvidenceView): string {
  const rows = [evidence.columns.map(({ name }) => name), ...evidence.rows];
  return rows.map((row) => `${row.map(cellAsCsv).join(',')}\r\n`).join('');
}

function cellAsCsv(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // A spreadsheet would run what begins like a formula, and rows are written by strangers.
  const harmless = /^[=+@\t\r-]/u.test(text) && !/^[+-]?[\d.]+(?:e[+-]?\d+)?$/iu.test(text) ? `'${text}` : text;
  return /[",\r\n]/u.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
