import type { Column } from './types.ts';
import { plainValue } from './cell.ts';

// What a spreadsheet runs as a formula begins so; the wide forms are taken for the narrow ones where people write them.
const formula = /^[\s\uFEFF]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/u;
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu;
// Where the separator is another one (a semicolon in many countries, a tab when pasted), a quote that is not at the
// start of a cell counts for nothing: the text behind the separator is a cell, and behind a line end a row.
const between = /[;\s"]+/gu;

function disarmLater(text: string): string {
  return text.replaceAll(between, (run, offset: number) => {
    const begins = /[;\t\r\n]/u.test(run) && formula.test(text.charAt(offset + run.length));
    return begins ? `${run}'` : run;
  });
}

/**
 * One line as in RFC 4180, without its end. Text that a spreadsheet would run as a formula, with whatever separator it
 * reads the file, gets an apostrophe before it: rows are written by strangers.
 */
export function csvLine(values: readonly unknown[]): string {
  return values.map(csvCell).join(',');
}

/** The lines of a table with a header, each with its end. */
export function renderCsv(columns: readonly Column[], rows: readonly (readonly unknown[])[]): string {
  return [columns.map(({ name }) => name), ...rows].map((row) => `${csvLine(row)}\r\n`).join('');
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const plain = plainValue(value);
  const begun = formula.test(plain) && !number.test(plain) ? `'${plain}` : plain;
  const text = disarmLater(begun);
  return /[",;\t\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
