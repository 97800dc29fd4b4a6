import { deriveRates, deriveRows, pairs, type Add, type Figure } from './derived-rows.ts';
import { instantOf } from '../evidence/cell.ts';
import type { Evidence } from '../evidence/types.ts';
import { measureOf } from './known-values.ts';
import type { KnownNumber, Source } from './known-number.ts';
import { identifying, numberOf, textual } from '../evidence/cell.ts';

/** Larger results support only counts, totals and extremes: pairs among thousands of rows would support any figure. */
const mostRows = 500;
const mostKinds = 40;

/** A single value that may be compared with other single values: the cell of a one-row result, a parameter. */
export interface SingleFigure extends Figure {
  readonly evidence?: string;
}

/** Each figure is paired with every other. */
const mostSingles = 40;

/**
 * Figures that honest summaries state although no cell contains them: totals, averages, counts of equal values, shares,
 * differences and time spans, all within one result. Each names its origin. Ascending by value.
 */
export function derivedFrom(item: Evidence): readonly KnownNumber[] {
  const found: KnownNumber[] = [];
  const { id, rows } = item;
  const large = item.rowCount > mostRows;
  const add: Add = (value, label, unit = 'plain', as) => {
    const source: Source = { evidence: id, label };
    if (Number.isFinite(value)) found.push({ value: Math.abs(value), unit, source, ...(as !== undefined && { as }) });
  };
  for (const [position, column] of item.columns.entries()) {
    // Values anyone may have typed in are counted, never summed.
    const typed = textual.test(column.type);
    const cells = rows.map((row) => (typed ? writtenCell(row[position]) : row[position]));
    if (large) deriveLargeColumn(add, id, column.name, cells);
    else deriveColumn(add, id, column.name, cells);
    if (rows.length <= fewRows) deriveAges(add, `${id}.${column.name}`, item.time, cells);
  }
  if (!large) deriveRows(add, item);
  deriveRates(add, item);
  return found.sort((a, b) => a.value - b.value);
}

/** The figures of a one-row result. */
export function singlesOf(item: Evidence): readonly SingleFigure[] {
  const { id, rows, columns } = item;
  if (rows.length !== 1) return [];
  return columns.flatMap(({ name, type }, position) => {
    const value = textual.test(type) || identifying.test(name) ? undefined : numberOf(rows[0]?.[position]);
    return value === undefined ? [] : [{ evidence: id, value, label: `${id}[0].${name}` }];
  });
}

/** Shares and differences of single values from any results. Ascending by value. */
export function derivedBetween(singles: readonly SingleFigure[]): readonly KnownNumber[] {
  const found: KnownNumber[] = [];
  const paired = singles.slice(-mostSingles);
  for (const a of paired)
    for (const b of paired) {
      const evidence = a.evidence ?? b.evidence;
      if (a === b || evidence === undefined) continue;
      for (const { label, ...number } of pairs(a, b)) found.push({ ...number, source: { evidence, label } });
    }
  return found.sort((a, b) => a.value - b.value);
}

/** Sums of milliseconds are milliseconds. */
function measuredAs(name: string, add: Add): Add {
  const measure = measureOf(name);
  if (measure === undefined) return add;
  return (value, label, unit, as) => {
    add(value, label, unit, as);
    if ((unit ?? 'plain') === 'plain' && as !== 'ratio') add(value * measure.factor, label, measure.unit, as);
  };
}

/** The age of each time when the query ran. */
function deriveAges(add: Add, column: string, time: string, cells: readonly unknown[]): void {
  const asked = instantOf(time);
  for (const [index, cell] of cells.entries()) {
    const instant = instantOf(cell);
    if (asked !== undefined && instant !== undefined)
      add((asked - instant) / 1000, `the age of ${column}[${index}]`, 'seconds');
  }
}

function deriveColumn(add: Add, id: string, name: string, cells: readonly unknown[]): void {
  const column = `${id}.${name}`;
  const numbers = identifying.test(name) ? [] : cells.map(numberOf);
  const known = numbers.filter((value) => value !== undefined);
  if (known.length === cells.length && known.length > 1) deriveNumbers(measuredAs(name, add), column, known);
  deriveCounts(add, column, cells);
  const instants = cells.map(instantOf).filter((value) => value !== undefined);
  if (instants.length > 1) add(spanOf(instants) / 1000, `the span of ${column}`, 'seconds');
}

/** What a summary says about a column: counts of common values, total, average, extremes. */
function deriveLargeColumn(plainly: Add, id: string, name: string, cells: readonly unknown[]): void {
  const column = `${id}.${name}`;
  const add = measuredAs(name, plainly);
  deriveCounts(plainly, column, cells);
  const known = cells.map(numberOf).filter((value) => value !== undefined);
  if (known.length === 0 || identifying.test(name)) return;
  const total = known.reduce((sum, value) => sum + value, 0);
  add(total, `the total of ${column}`);
  add(total / known.length, `the average of ${column}`, 'plain', 'average');
  add(
    known.reduce((a, b) => Math.min(a, b)),
    `the minimum of ${column}`,
  );
  add(
    known.reduce((a, b) => Math.max(a, b)),
    `the maximum of ${column}`,
  );
}

function deriveNumbers(add: Add, column: string, values: readonly number[]): void {
  const total = values.reduce((sum, value) => sum + value, 0);
  add(total, `the total of ${column}`);
  add(total / values.length, `the average of ${column}`, 'plain', 'average');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  add(
    ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2,
    `the median of ${column}`,
    'plain',
    'average',
  );
  if (values.length <= fewRows) deriveNeighbours(add, column, values, total);
  let sum = 0;
  for (const [index, value] of values.entries()) {
    sum += value;
    const some = index > 0 && index < values.length - 1;
    if (some)
      for (const part of [sum, total - sum])
        add(part, `the first ${index + 1} of ${column}, or the rest`, 'plain', 'sum');
    if (total !== 0) {
      add((value / total) * 100, `${column}[${index}] of the total`, 'percent');
      if (some)
        for (const part of [sum, total - sum])
          add((part / total) * 100, `the first ${index + 1} of ${column}, or the rest, of the total`, 'percent', 'sum');
    }
    const before = values[index - 1];
    const first = values[0] ?? 0;
    if (before !== undefined) change(add, column, { value, index }, { value: before, index: index - 1 });
    if (index > 1) change(add, column, { value, index }, { value: first, index: 0 });
  }
  const least = sorted[0] ?? 0;
  const most = sorted.at(-1) ?? 0;
  add(most - least, `the range of ${column}`, 'plain', 'difference');
  if (least !== 0) add(most / least, `the maximum of ${column} divided by its minimum`, 'plain', 'ratio');
}

/** Few enough that a text may mention any of them: runs of adjacent rows, and one row against another. */
const fewRows = 8;

function deriveNeighbours(add: Add, column: string, values: readonly number[], total: number): void {
  for (const [from, first] of values.entries()) {
    let sum = first;
    for (const [offset, value] of values.slice(from + 1).entries()) {
      const to = from + 1 + offset;
      sum += value;
      const label = `${column}[${from}] to [${to}]`;
      add(sum, label, 'plain', 'sum');
      if (total !== 0) add((sum / total) * 100, `${label}, of the total`, 'percent', 'sum');
      if (first !== 0) add(value / first, label, 'plain', 'ratio');
      if (value !== 0) add(first / value, label, 'plain', 'ratio');
    }
  }
}

function change(
  add: Add,
  column: string,
  now: { value: number; index: number },
  then: { value: number; index: number },
): void {
  const label = `${column}[${now.index}] against [${then.index}]`;
  add(now.value - then.value, label, 'plain', 'difference');
  for (const [a, b] of [
    [now.value, then.value],
    [then.value, now.value],
  ] as const) {
    if (b === 0) continue;
    add(((a - b) / b) * 100, label, 'percent', 'difference');
    add(a / b, label, 'plain', 'ratio');
  }
}

/** Keeps text that looks like a number from being counted as one. */
function writtenCell(cell: unknown): unknown {
  return typeof cell === 'string' && numberOf(cell) !== undefined ? `'${cell}` : cell;
}

/** How many rows contain each value, if only a few values repeat. */
function deriveCounts(add: Add, column: string, cells: readonly unknown[]): void {
  const counts = new Map<string, number>();
  let numeric = false;
  for (const cell of cells) {
    const key = typeof cell === 'string' ? cell : JSON.stringify(cell);
    numeric ||= numberOf(cell) !== undefined;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  add(counts.size, `the distinct values of ${column}`);
  if (numeric || counts.size > mostKinds || counts.size === cells.length) return;
  for (const [key, count] of counts) {
    const label = `rows of ${column} = ${key.slice(0, 40)}`;
    add(count, label);
    add(cells.length - count, `rows of ${column} other than ${key.slice(0, 40)}`);
    add((count / cells.length) * 100, `${label}, of all`, 'percent');
  }
}

function spanOf(instants: readonly number[]): number {
  let least = Infinity;
  let most = -Infinity;
  for (const value of instants) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return most - least;
}
