import { instantOf } from '../evidence/cell.ts';
import type { Evidence } from '../evidence/types.ts';
import type { KnownNumber } from './known-number.ts';
import { identifying, numberOf, textual } from '../evidence/cell.ts';

export interface Figure {
  readonly value: number;
  readonly label: string;
}

export type Add = (value: number, label: string, unit?: KnownNumber['unit'], as?: KnownNumber['as']) => void;

/** Enough for a before and an after, plus a few versions or regions. */
const mostCompared = 4;

/** Shares and differences of the numbers in a row, and the spans between its times. */
export function deriveRows(add: Add, item: Evidence): void {
  for (const [index, row] of item.rows.entries()) {
    if (index >= 50) return;
    for (const [a, columnA] of item.columns.entries())
      for (const [b, columnB] of item.columns.entries()) {
        if (a === b || textual.test(columnA.type) || textual.test(columnB.type)) continue;
        if (identifying.test(columnA.name) || identifying.test(columnB.name)) continue;
        const label = `${item.id}[${index}].${columnA.name} and .${columnB.name}`;
        const first = numberOf(row[a]);
        const second = numberOf(row[b]);
        if (first !== undefined && second !== undefined) {
          if (a < b) deriveParts(add, label, first, second);
          for (const { value, unit, as } of pairs({ value: first, label }, { value: second, label }))
            add(value, label, unit, as);
        }
        const from = instantOf(row[a]);
        const to = instantOf(row[b]);
        if (from !== undefined && to !== undefined && a < b) add((to - from) / 1000, label, 'seconds');
      }
  }
}

/** Two counts that make up a third: failed and succeeded. */
function deriveParts(add: Add, label: string, first: number, second: number): void {
  const whole = first + second;
  if (!Number.isInteger(first) || !Number.isInteger(second) || whole === 0) return;
  for (const part of [first, second]) add((part / whole) * 100, `${label}, of both`, 'percent');
}

/** The share in one row against the same share in another: a rate before and after. */
export function deriveRates(add: Add, item: Evidence): void {
  if (item.rows.length > mostCompared) return;
  const counted = item.columns.flatMap(({ name, type }, position) =>
    textual.test(type) || identifying.test(name) ? [] : [{ name, position }],
  );
  for (const part of counted)
    for (const whole of counted) {
      if (part === whole) continue;
      const rates = item.rows.map((row) => rateOf(numberOf(row[part.position]), numberOf(row[whole.position])));
      for (const [from, then] of rates.entries())
        for (const now of rates.slice(from + 1)) {
          if (then === undefined || now === undefined) continue;
          const label = `${item.id}.${part.name} by .${whole.name} of two rows`;
          add((now - then) * 100, label, 'points');
          if (then !== 0) add(now / then, label, 'plain', 'ratio');
          if (now !== 0) add(then / now, label, 'plain', 'ratio');
        }
    }
}

function rateOf(part: number | undefined, whole: number | undefined): number | undefined {
  if (part === undefined || whole === undefined || whole <= 0 || part > whole) return undefined;
  return part / whole;
}

export function pairs(a: Figure, b: Figure): (Pick<KnownNumber, 'value' | 'unit' | 'as'> & { label: string })[] {
  const label = a.label === b.label ? a.label : `${a.label} and ${b.label}`;
  const found: ReturnType<typeof pairs> = [
    { value: Math.abs(a.value - b.value), unit: 'plain', label, as: 'difference' },
    { value: a.value + b.value, unit: 'plain', label, as: 'sum' },
  ];
  if (b.value === 0) return found;
  const share = Math.abs(a.value / b.value);
  found.push({ value: Math.abs((a.value - b.value) / b.value) * 100, unit: 'percent', label, as: 'difference' });
  found.push({ value: share, unit: 'plain', label, as: 'ratio' });
  // A count out of a larger count is a share, whatever the text calls it.
  const counts = Number.isInteger(a.value) && Number.isInteger(b.value) && share <= 1;
  found.push({ value: share * 100, unit: 'percent', label, ...(!counts && { as: 'ratio' as const }) });
  return found;
}
