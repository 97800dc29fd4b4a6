import { boundRows } from './bounds.ts';
import { filterRows } from './filter-rows.ts';
import { orderRows, rankColumn, type Sort } from './order-rows.ts';
import type { EvidenceView } from './vocabulary.ts';

/** How a person wants to see the rows of a result. */
export interface RowQuery {
  readonly sort?: Sort | undefined;
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
  const matching = filterRows(rows, { any: filter, columns: {} });
  const sorts = sort === undefined ? [] : [{ ranks: rankColumn(rows, sort.column), descending: sort.descending }];
  const ordered = orderRows(matching, sorts);
  const shown = [...ordered.subarray(0, 1000)].flatMap((index) => {
    const row = rows[index];
    return row === undefined ? [] : [row];
  });
  return { rows: boundRows(shown), matching: matching.length };
}
