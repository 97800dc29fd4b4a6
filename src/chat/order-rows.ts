import { orderTexts } from './order-texts.ts';
import type { EvidenceView } from './vocabulary.ts';

type Rows = EvidenceView['rows'];

export interface Sort {
  readonly column: number;
  readonly descending: boolean;
}

/** The place of each row if a column is sorted: equal values share one. */
export interface Ranks {
  /** `none` for a row without a value. */
  readonly of: Uint32Array;
  readonly count: number;
}

const none = 0xff_ff_ff_ff;

/**
 * Ranks are made once a column, and turn every sort into counting. Numbers, even as text, are ordered by value,
 * everything else as text.
 */
export function rankColumn(rows: Rows, column: number): Ranks {
  const numbers = numbersOf(rows, column);
  if (numbers !== undefined) return rankNumbers(numbers);
  const given: number[] = [];
  const texts: string[] = [];
  for (const [index, row] of rows.entries()) {
    const text = cellText(row[column]);
    if (text === undefined) continue;
    given.push(index);
    texts.push(text);
  }
  const exact = texts.every((text) => asNumber(text) !== undefined);
  const order = exact ? orderExact(texts) : orderTexts(texts);
  const of = new Uint32Array(rows.length).fill(none);
  let rank = 0;
  let before: string | undefined;
  for (const place of order) {
    const text = texts[place] ?? '';
    if (before !== undefined && before !== text && !(exact && compareExact(before, text) === 0)) rank += 1;
    of[given[place] ?? 0] = rank;
    before = text;
  }
  return { of, count: texts.length === 0 ? 0 : rank + 1 };
}

/** NaN without a value. undefined if some value is no number, or one that a double does not hold exactly. */
function numbersOf(rows: Rows, column: number): Float64Array | undefined {
  const numbers = new Float64Array(rows.length);
  for (const [index, row] of rows.entries()) {
    const cell = row[column];
    const isText = typeof cell === 'string';
    if (isText && cell.length > 15 && longDigits.test(cell)) return undefined;
    const number = isText ? asNumber(cell) : cell === null || cell === undefined ? Number.NaN : cell;
    if (typeof number !== 'number') return undefined;
    numbers[index] = number;
  }
  return numbers;
}

function rankNumbers(numbers: Float64Array): Ranks {
  const sorted = numbers.slice().sort();
  let count = 0;
  for (const number of sorted) {
    // NaN comes last.
    if (Number.isNaN(number)) break;
    if (count === 0 || number !== sorted[count - 1]) sorted[count++] = number;
  }
  const rankOf = (number: number): number => {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return { of: Uint32Array.from(numbers, (number) => (Number.isNaN(number) ? none : rankOf(number))), count };
}

/** Sorts by the first, then the second, and so on. Stable. Rows without a value come last, whatever the direction. */
export function orderRows(
  indexes: Uint32Array,
  sorts: readonly (Omit<Sort, 'column'> & { ranks: Ranks })[],
): Uint32Array {
  return sorts
    .toReversed()
    .reduce((ordered, { ranks, descending }) => countingSort(ordered, ranks, descending), indexes);
}

function countingSort(indexes: Uint32Array, { of, count }: Ranks, descending: boolean): Uint32Array {
  const bucketOf = (index: number): number => {
    const rank = of[index] ?? none;
    return rank === none ? count : descending ? count - 1 - rank : rank;
  };
  const starts = new Uint32Array(count + 2);
  const move = (bucket: number, by: number): number => {
    const start = starts[bucket] ?? 0;
    starts[bucket] = start + by;
    return start;
  };
  for (const index of indexes) move(bucketOf(index) + 1, 1);
  for (let bucket = 1; bucket < starts.length; bucket += 1) move(bucket, starts[bucket - 1] ?? 0);
  const sorted = new Uint32Array(indexes.length);
  for (const index of indexes) sorted[move(bucketOf(index), 1)] = index;
  return sorted;
}

const longDigits = /^-?\d{16,}$/u;

function orderExact(texts: readonly string[]): Uint32Array {
  return Uint32Array.from(texts.keys()).sort(
    (left, right) => compareExact(texts[left] ?? '', texts[right] ?? '') || left - right,
  );
}

/** Whole numbers can be longer than a double holds. */
function compareExact(left: string, right: string): number {
  const difference = Number(left) - Number(right);
  if (difference !== 0 || !longDigits.test(left) || !longDigits.test(right)) return difference;
  const [a, b] = [BigInt(left), BigInt(right)];
  return a === b ? 0 : a < b ? -1 : 1;
}

export function cellText(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function asNumber(text: string): number | undefined {
  const number = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/iu.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}
