import type { Evidence } from './evidence.ts';
import { numberOf, type HeldNumber, type Source } from './held-values.ts';

/** Larger results are told by their cells and counts: figures derived from thousands of rows would hold anything. */
const mostRows = 500;
const mostKinds = 40;

interface Figure {
  readonly value: number;
  readonly label: string;
}

/**
 * Figures that honest summaries state though no cell holds them: totals, averages, counts of equal values, shares,
 * differences, spans of time. Each names the pair it comes from. Only within one result, or between single values.
 */
export function derivedValues(evidence: readonly Evidence[]): readonly HeldNumber[] {
  const found: HeldNumber[] = [];
  const singles: (Figure & { readonly id: string })[] = [];
  for (const item of evidence) {
    if (item.columns.length === 0 || item.rowCount > mostRows) continue;
    const { id } = item;
    const rows = item.rows;
    const add = (value: number, label: string, unit: HeldNumber['unit'] = 'plain'): void => {
      const source: Source = { evidence: id, label };
      if (Number.isFinite(value)) found.push({ value: Math.abs(value), unit, source });
    };
    for (const [position, column] of item.columns.entries()) {
      const cells = rows.map((row) => row[position]);
      deriveColumn(add, id, column.name, cells);
    }
    deriveRows(add, item);
    if (rows.length === 1)
      for (const [position, column] of item.columns.entries()) {
        const value = numberOf(rows[0]?.[position]);
        if (value !== undefined) singles.push({ id, value, label: `${id}[0].${column.name}` });
      }
    else singles.push({ id, value: item.rowCount, label: `${id}.row_count` });
  }
  for (const a of singles)
    for (const b of singles) {
      if (a === b) continue;
      const source: Source = { evidence: a.id, label: '' };
      found.push(...pairs(a, b).map((pair) => ({ ...pair, source: { ...source, label: pair.label } })));
    }
  return found.sort((a, b) => a.value - b.value);
}

type Add = (value: number, label: string, unit?: HeldNumber['unit']) => void;

function deriveColumn(add: Add, id: string, name: string, cells: readonly unknown[]): void {
  const column = `${id}.${name}`;
  const numbers = cells.map(numberOf);
  const known = numbers.filter((value) => value !== undefined);
  if (known.length === cells.length && known.length > 1) deriveNumbers(add, column, known);
  deriveCounts(add, column, cells);
  const instants = cells.map(instantOf).filter((value) => value !== undefined);
  if (instants.length > 1) add(spanOf(instants) / 1000, `the span of ${column}`, 'seconds');
}

function deriveNumbers(add: Add, column: string, values: readonly number[]): void {
  const total = values.reduce((sum, value) => sum + value, 0);
  add(total, `the total of ${column}`);
  add(total / values.length, `the average of ${column}`);
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  add(((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2, `the median of ${column}`);
  let sum = 0;
  for (const [index, value] of values.entries()) {
    sum += value;
    if (index > 0) add(sum, `the first ${index + 1} of ${column}`);
    if (total !== 0) {
      add((value / total) * 100, `${column}[${index}] of the total`, 'percent');
      add((sum / total) * 100, `the first ${index + 1} of ${column} of the total`, 'percent');
    }
    const before = values[index - 1];
    if (before !== undefined) change(add, column, { value, index }, { value: before, index: index - 1 });
    const first = values[0] ?? 0;
    if (index > 1) change(add, column, { value, index }, { value: first, index: 0 });
  }
  const least = sorted[0] ?? 0;
  const most = sorted.at(-1) ?? 0;
  add(most - least, `the range of ${column}`);
  if (least !== 0) add(most / least, `the most by the least of ${column}`);
}

function change(
  add: Add,
  column: string,
  now: { value: number; index: number },
  then: { value: number; index: number },
): void {
  const label = `${column}[${now.index}] against [${then.index}]`;
  add(now.value - then.value, label);
  for (const [a, b] of [
    [now.value, then.value],
    [then.value, now.value],
  ] as const) {
    if (b === 0) continue;
    add(((a - b) / b) * 100, label, 'percent');
    add(a / b, label);
  }
}

/** How many rows hold each value, where few values repeat. */
function deriveCounts(add: Add, column: string, cells: readonly unknown[]): void {
  const counts = new Map<string, number>();
  for (const cell of cells) {
    const key = typeof cell === 'string' ? cell : JSON.stringify(cell);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  add(counts.size, `the different values of ${column}`);
  if (counts.size > mostKinds || counts.size === cells.length) return;
  for (const [key, count] of counts) {
    const label = `rows of ${column} = ${key.slice(0, 40)}`;
    add(count, label);
    add(cells.length - count, `rows of ${column} other than ${key.slice(0, 40)}`);
    add((count / cells.length) * 100, `${label}, of all`, 'percent');
  }
}

/** Shares and differences between the numbers of a row, and spans between its times. */
function deriveRows(add: Add, item: Evidence): void {
  for (const [index, row] of item.rows.entries()) {
    if (index >= 50) return;
    for (const [a, columnA] of item.columns.entries())
      for (const [b, columnB] of item.columns.entries()) {
        if (a === b) continue;
        const label = `${item.id}[${index}].${columnA.name} and .${columnB.name}`;
        const first = numberOf(row[a]);
        const second = numberOf(row[b]);
        if (first !== undefined && second !== undefined)
          for (const pair of pairs({ value: first, label }, { value: second, label }))
            add(pair.value, label, pair.unit);
        const from = instantOf(row[a]);
        const to = instantOf(row[b]);
        if (from !== undefined && to !== undefined && a < b) add((to - from) / 1000, label, 'seconds');
      }
  }
}

function pairs(a: Figure, b: Figure): { value: number; unit: HeldNumber['unit']; label: string }[] {
  const label = a.label === b.label ? a.label : `${a.label} and ${b.label}`;
  const found: { value: number; unit: HeldNumber['unit']; label: string }[] = [
    { value: Math.abs(a.value - b.value), unit: 'plain', label },
    { value: a.value + b.value, unit: 'plain', label },
  ];
  if (b.value !== 0) {
    found.push({ value: Math.abs((a.value / b.value) * 100), unit: 'percent', label });
    found.push({ value: Math.abs(((a.value - b.value) / b.value) * 100), unit: 'percent', label });
    found.push({ value: Math.abs(a.value / b.value), unit: 'plain', label });
  }
  return found;
}

/** Milliseconds since 1970, of an ISO or PostgreSQL timestamp. */
export function instantOf(cell: unknown): number | undefined {
  if (typeof cell !== 'string') return undefined;
  const found = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:\.\d+)?)(Z|[+-]\d{2}(?::?\d{2})?)?$/.exec(cell);
  if (found === null) return undefined;
  const [, date, time, zone = 'Z'] = found;
  const offset = zone === 'Z' ? 'Z' : zone.length === 3 ? `${zone}:00` : zone.replace(/^(...)(\d\d)$/, '$1:$2');
  const value = Date.parse(`${date}T${time?.slice(0, 12)}${offset}`);
  return Number.isNaN(value) ? undefined : value;
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
