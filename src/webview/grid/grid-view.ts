import type { Sort } from '../../chat/order-rows.ts';

/** What a person has set. It survives hiding the tab. */
export interface GridView {
  /** Looked for in any column. */
  readonly any: string;
  /** By column. */
  readonly filters: Readonly<Record<number, string>>;
  /** The first decides first. */
  readonly sorts: readonly Sort[];
  /** Widths that were changed, by column. */
  readonly sizes: Readonly<Record<number, number>>;
  /** Columns that stay at the left, in order. */
  readonly pinned: readonly number[];
}

export const emptyView: GridView = { any: '', filters: {}, sorts: [], sizes: {}, pinned: [] };

/** Cycles through ascending, descending and the original order. `add` keeps the other columns that sort. */
export function sortBy(view: GridView, column: number, add: boolean): GridView {
  const now = view.sorts.find((sort) => sort.column === column);
  const next =
    now === undefined ? { column, descending: false } : now.descending ? undefined : { column, descending: true };
  const others = add ? view.sorts : [];
  const at = others.findIndex((sort) => sort.column === column);
  if (at === -1) return { ...view, sorts: next === undefined ? others : [...others, next] };
  return { ...view, sorts: others.toSpliced(at, 1, ...(next === undefined ? [] : [next])) };
}

export function pin(view: GridView, column: number): GridView {
  const isPinned = view.pinned.includes(column);
  return { ...view, pinned: isPinned ? view.pinned.filter((index) => index !== column) : [...view.pinned, column] };
}

/** What `setState` kept, if it is still a view. */
export function readView(value: unknown): GridView {
  const given = isRecord(value) ? value : {};
  const { any, filters, sorts, sizes, pinned } = given;
  return {
    any: typeof any === 'string' ? any : '',
    filters: recordOf(filters, (text) => typeof text === 'string'),
    sorts: Array.isArray(sorts) ? sorts.filter(isSort) : [],
    sizes: recordOf(sizes, (size) => typeof size === 'number'),
    pinned: Array.isArray(pinned) ? pinned.filter((column) => typeof column === 'number') : [],
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function recordOf<Kind>(value: unknown, is: (entry: unknown) => entry is Kind): Readonly<Record<number, Kind>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]) => (is(entry) ? [[key, entry] as const] : [])),
  );
}

function isSort(value: unknown): value is Sort {
  return isRecord(value) && typeof value['column'] === 'number' && typeof value['descending'] === 'boolean';
}
