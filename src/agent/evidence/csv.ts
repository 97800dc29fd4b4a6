import type { Column } from './types.ts';
import { plainValue } from './cell.ts';

// A spreadsheet runs text that starts with these as a formula, some also in fullwidth forms or behind characters that
// they drop.
const formula = /^[\s\p{C}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/u;
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu;
// With another separator (a semicolon in many countries, a tab when pasted), a quote that is not at the start of a
// cell has no effect: the text after the separator becomes a cell, and the text after a line end becomes a row.
const between = /[;\s"\p{C}]+/gu;

function disarmLater(text: string): string {
  return text.replaceAll(between, (run, offset: number) => {
    const begins = /[;\t\r\n]/u.test(run) && formula.test(text.charAt(offset + run.length));
    return begins ? `${run}'` : run;
  });
}

/**
 * One line as in RFC 4180, with commas or tabs, without its line end. Text that a spreadsheet would run as a formula, with any separator,
 * gets an apostrophe in front: strangers may have written the rows.
 */
export function csvLine(values: readonly unknown[], separator: ',' | '\t' = ','): string {
  return values.map(csvCell).join(separator);
}

/** A table as lines with a header, each with its line end. */
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
