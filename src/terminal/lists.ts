import { showInvisible } from '../agent/untrusted.ts';

/** Rows as aligned columns, or one JSON object a line. What others wrote cannot steer the terminal. */
export function renderRows(
  columns: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
  output: 'text' | 'json' | 'csv',
): string {
  if (output === 'json') {
    return rows
      .map((row) => `${JSON.stringify(Object.fromEntries(columns.map((name, at) => [name, row[at]])))}\n`)
      .join('');
  }
  if (output === 'csv') return [columns, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
  const texts = [columns, ...rows].map((row) =>
    row.map((cell) => showInvisible(String(cell ?? '')).replaceAll(/\s+/g, ' ')),
  );
  const widths = columns.map((_, at) => Math.max(...texts.map((row) => row[at]?.length ?? 0)));
  return texts
    .map(
      (row) =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function csvCell(cell: string | number | undefined): string {
  const text = String(cell ?? '');
  // A spreadsheet takes a cell that begins so for a formula.
  const safe = typeof cell === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
