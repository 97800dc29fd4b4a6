import type { Cell } from './values.ts';

export interface Column {
  readonly name: string;
  readonly type: string;
}

/** Longer cells are cut, with a note of their length. */
export const maxCellLength = 4000;

/** @returns the cell, cut with a note if it is longer than `max`. */
export function shorten(cell: Cell, max = maxCellLength): { cell: Cell; cut: boolean } {
  if (typeof cell !== 'string' || cell.length <= max) return { cell, cut: false };
  // Never split a surrogate pair.
  const end = /[\uD800-\uDBFF]/.test(cell.charAt(max - 1)) ? max - 1 : max;
  return { cell: `${cell.slice(0, end)}...[cut, ${cell.length} characters in total]`, cut: true };
}

/**
 * Rows in a form that costs models few tokens: COPY's text format, with a header of names and types. NULL is `\N`; tab,
 * newline and backslash are escaped. https://www.postgresql.org/docs/18/sql-copy.html
 */
export function tableText(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const header = columns.map((column) => `${escape(column.name)}:${column.type}`).join('\t');
  return [header, ...rows.map((row) => row.map(cellText).join('\t'))].join('\n');
}

export function cellText(cell: Cell): string {
  if (cell === null) return '\\N';
  return typeof cell === 'string' ? escape(cell) : String(cell);
}

function escape(text: string): string {
  return /[\\\t\n\r]/.test(text)
    ? text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
    : text;
}
