import type { EvidenceView } from '../../chat/vocabulary.ts';
import { filterRows, type RowFilter } from '../../chat/filter-rows.ts';
import { orderRows, rankColumn, type Ranks, type Sort } from '../../chat/order-rows.ts';

/** All rows that are held. Filters and sorts over all of them, and remembers the order of a column until rows are added. */
export class GridRows {
  readonly #rows: (readonly unknown[])[] = [];
  readonly #ranks = new Map<number, Ranks>();

  get count(): number {
    return this.#rows.length;
  }

  get all(): EvidenceView['rows'] {
    return this.#rows;
  }

  put(from: number, rows: EvidenceView['rows']): void {
    this.#rows.length = Math.min(this.#rows.length, from);
    for (const row of rows) this.#rows.push(row);
    this.#ranks.clear();
  }

  at(index: number | undefined): readonly unknown[] {
    return (index === undefined ? undefined : this.#rows[index]) ?? [];
  }

  /** The indexes of the rows that match, in order. */
  arrange(filter: RowFilter, sorts: readonly Sort[]): Uint32Array {
    const matching = filterRows(this.#rows, filter);
    return orderRows(
      matching,
      sorts.map(({ column, descending }) => ({ ranks: this.#ranksOf(column), descending })),
    );
  }

  #ranksOf(column: number): Ranks {
    const ranks = this.#ranks.get(column) ?? rankColumn(this.#rows, column);
    this.#ranks.set(column, ranks);
    return ranks;
  }
}
