import { asNumber, cellText } from './order-rows.ts';
import type { EvidenceView } from './vocabulary.ts';

/** What a person looks for. Empty texts look for nothing. */
export interface RowFilter {
  /** In any column. */
  readonly any: string;
  /** By column: all must match. */
  readonly columns: Readonly<Record<number, string>>;
}

type Test = (text: string | undefined) => boolean;

/** What can be written in the filter of a column. */
export const filterHelp =
  'part of the text, =exactly, !without, >5, <=2026-01-31, null or !null. All columns with a filter must match.';

/** The indexes of the rows that match, in their order. */
export function filterRows(rows: EvidenceView['rows'], { any, columns }: RowFilter): Uint32Array {
  const wanted = any.trim().toLowerCase();
  const tests = Object.entries(columns).flatMap(([column, text]) => {
    const matches = columnTest(text);
    return matches === undefined ? [] : [{ column: Number(column), matches }];
  });
  const found: number[] = [];
  for (const [index, row] of rows.entries()) {
    if (!tests.every(({ column, matches }) => matches(cellText(row[column])))) continue;
    if (wanted === '' || row.some((cell) => contains(cellText(cell), wanted))) found.push(index);
  }
  return Uint32Array.from(found);
}

function contains(text: string | undefined, wanted: string): boolean {
  return text?.toLowerCase().includes(wanted) === true;
}

/** undefined for a filter that looks for nothing, such as one that is only half typed. */
export function columnTest(typed: string): Test | undefined {
  const text = typed.trim().toLowerCase();
  if (text === 'null') return (cell) => cell === undefined;
  if (text === '!null') return (cell) => cell !== undefined;
  const { operator = '', rest = '' } = /^(?<operator>[<>]=?|=|!)?\s*(?<rest>.*)$/su.exec(text)?.groups ?? {};
  if (rest === '') return undefined;
  if (operator === '') return (cell) => contains(cell, rest);
  if (operator === '=') return (cell) => cell?.toLowerCase() === rest;
  if (operator === '!') return (cell) => !contains(cell, rest);
  const fits = (order: number): boolean =>
    (operator.endsWith('=') && order === 0) || (operator.startsWith('<') ? order < 0 : order > 0);
  const number = asNumber(rest);
  return (cell) => {
    if (cell === undefined) return false;
    const value = asNumber(cell);
    if (number !== undefined) return value !== undefined && fits(value - number);
    const lower = cell.toLowerCase();
    return fits(lower < rest ? -1 : lower > rest ? 1 : 0);
  };
}
