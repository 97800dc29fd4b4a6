import { plainValue } from './cell.ts';
import { numberOf } from './cell.ts';
import { instantOf } from './cell.ts';

const mostCommon = 5;
const longestValue = 60;

/** A one-line summary of a column: range and average of numbers and times, the most common other values. */
export function columnStatistics(name: string, cells: readonly unknown[]): string {
  const present = cells.filter((cell) => cell !== null && cell !== undefined);
  const counts = new Map<string, number>();
  for (const cell of present) counts.set(plainValue(cell), (counts.get(plainValue(cell)) ?? 0) + 1);
  const facts = [`${counts.size} distinct`];
  if (present.length < cells.length) facts.push(`${cells.length - present.length} null`);
  const numbers = present.map(numberOf).filter((value) => value !== undefined);
  const times = present.filter((cell) => instantOf(cell) !== undefined).map(plainValue);
  if (present.length > 0 && numbers.length === present.length) facts.push(...numberFacts(numbers));
  else if (present.length > 0 && times.length === present.length) facts.push(rangeOf(times));
  else if (counts.size < present.length || counts.size <= mostCommon) facts.push(commonOf(counts));
  return `${name}: ${facts.join(', ')}`;
}

function numberFacts(numbers: readonly number[]): string[] {
  let least = Infinity;
  let most = -Infinity;
  let total = 0;
  for (const value of numbers) {
    least = Math.min(least, value);
    most = Math.max(most, value);
    total += value;
  }
  const average = total / numbers.length;
  return [`${least} to ${most}`, `total ${trim(total)}`, `average ${trim(average)}`];
}

function trim(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

function rangeOf(times: readonly string[]): string {
  const sorted = times.toSorted();
  return `${sorted[0]} to ${sorted.at(-1)}`;
}

function commonOf(counts: ReadonlyMap<string, number>): string {
  const common = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, mostCommon);
  const shown = common.map(([value, count]) => {
    const text = value.length > longestValue ? `${value.slice(0, longestValue - 1)}…` : value;
    return `${JSON.stringify(text)} ${count}×`;
  });
  return `most common ${shown.join(', ')}`;
}
