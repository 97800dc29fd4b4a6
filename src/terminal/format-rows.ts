import { csvLine } from '../agent/evidence/csv.ts';
import { showInvisible } from '../agent/untrusted-text.ts';

/** Formats rows as aligned columns, or one JSON object per line. Text from others cannot control the terminal. */
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
  if (output === 'csv') return [columns, ...rows].map((row) => `${csvLine(row)}\r\n`).join('');
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
