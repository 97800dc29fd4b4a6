import type { Column } from '../evidence/types.ts';
import { plainValue } from '../evidence/cell.ts';
import { identifying, numberOf, textual } from '../evidence/cell.ts';

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
}

export type Difference =
  | { readonly kind: 'new' | 'cleared'; readonly key: string; readonly values: string }
  | {
      readonly kind: 'grown' | 'shrunk' | 'changed';
      readonly key: string;
      readonly column: string;
      readonly before: string;
      readonly now: string;
    };

/** Limit per direction, to keep the list of differences short. */
const mostDifferences = 50;

/**
 * The changes between two results of the same query: rows that are new or cleared, by their naming columns, and
 * figures that have grown or shrunk. undefined if the results are not comparable.
 */
export function compareResults(before: Table, now: Table): readonly Difference[] | undefined {
  const names = now.columns.map(({ name }) => name);
  if (names.join('\n') !== before.columns.map(({ name }) => name).join('\n')) return undefined;
  const keys = keyColumns(now);
  const keyOf = (row: readonly unknown[]): string => keys.map((index) => plainValue(row[index])).join(', ');
  const old = new Map(before.rows.map((row) => [keyOf(row), row]));
  const fresh = new Map(now.rows.map((row) => [keyOf(row), row]));
  const rest = names.map((_, index) => index).filter((index) => !keys.includes(index));
  const valuesOf = (row: readonly unknown[]): string =>
    rest.map((index) => `${names[index]} ${plainValue(row[index])}`).join(', ');
  const differences: Difference[] = [];
  for (const [key, row] of fresh) {
    const was = old.get(key);
    if (was === undefined) differences.push({ kind: 'new', key, values: valuesOf(row) });
    else
      for (const index of rest) {
        const found = differenceOf(was[index], row[index]);
        if (found !== undefined) differences.push({ ...found, key, column: names[index] ?? '' });
      }
  }
  for (const [key, row] of old) if (!fresh.has(key)) differences.push({ kind: 'cleared', key, values: valuesOf(row) });
  return differences;
}

/** Columns that name a row: ids and texts. Without any, rows are matched by position. */
function keyColumns({ columns }: Table): readonly number[] {
  return columns.flatMap(({ name, type }, index) => (textual.test(type) || identifying.test(name) ? [index] : []));
}

function differenceOf(
  before: unknown,
  now: unknown,
): { kind: 'grown' | 'shrunk' | 'changed'; before: string; now: string } | undefined {
  const shown = { before: plainValue(before), now: plainValue(now) };
  if (shown.before === shown.now) return undefined;
  const [old, fresh] = [numberOf(before), numberOf(now)];
  if (old === undefined || fresh === undefined) return { kind: 'changed', ...shown };
  return { kind: fresh > old ? 'grown' : 'shrunk', ...shown };
}

/** One line per difference, for people and the model: `grown  card_declined: failed 31 -> 44`. */
export function describeDifferences(differences: readonly Difference[]): string {
  if (differences.length === 0) return 'Nothing has changed.';
  const lines = differences.slice(0, mostDifferences).map((difference) => {
    const subject = difference.key === '' ? '' : `${difference.key}: `;
    if ('values' in difference) return `${difference.kind}  ${subject}${difference.values}`;
    return `${difference.kind}  ${subject}${difference.column} ${difference.before} -> ${difference.now}`;
  });
  const left = differences.length - lines.length;
  return [...lines, ...(left > 0 ? [`… and ${left} more`] : [])].join('\n');
}
