import { boundRows } from './bounds.ts';
import type { EvidenceView } from './vocabulary.ts';

/** How a person wants to see the rows of a result. */
export interface RowQuery {
  readonly sort?: { readonly column: number; readonly descending: boolean } | undefined;
  /** Part of any cell, in any case. Empty for all rows. */
  readonly filter: string;
}

export interface RowAnswer {
  /** The first of the matching rows, in order. */
  readonly rows: EvidenceView['rows'];
  /** How many rows match. */
  readonly matching: number;
}

/** Filters and sorts all rows that it is given. Only then are they cut to what a view can hold. */
export function queryRows(rows: EvidenceView['rows'], { sort, filter }: RowQuery): RowAnswer {
  const wanted = filter.trim().toLowerCase();
  const matches = (cell: unknown): boolean => cellText(cell)?.toLowerCase().includes(wanted) === true;
  const matching = wanted === '' ? rows : rows.filter((row) => row.some(matches));
  if (sort === undefined) return { rows: boundRows(matching), matching: matching.length };
  const { column, descending } = sort;
  const sorted = matching.toSorted((left, right) => {
    const [a, b] = [cellText(left[column]), cellText(right[column])];
    // Without a value last, whatever the direction.
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    return descending ? compareTexts(b, a) : compareTexts(a, b);
  });
  return { rows: boundRows(sorted), matching: matching.length };
}

const collator = new Intl.Collator('en', { numeric: true });

/** Numbers, even as text, by value; everything else as text. */
function compareTexts(left: string, right: string): number {
  const [x, y] = [asNumber(left), asNumber(right)];
  if (x !== undefined && y !== undefined) return x - y || compareDigits(left, right);
  return collator.compare(left, right);
}

/** Exact numbers can be longer than a double holds. */
function compareDigits(left: string, right: string): number {
  if (!/^-?\d{16,}$/u.test(left) || !/^-?\d{16,}$/u.test(right)) return 0;
  const [a, b] = [BigInt(left), BigInt(right)];
  return a === b ? 0 : a < b ? -1 : 1;
}

function cellText(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function asNumber(text: string): number | undefined {
  const number = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/iu.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}
