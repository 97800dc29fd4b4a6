export interface PlacedColumn {
  /** In the result. */
  readonly index: number;
  readonly width: number;
  /** From the left end of the row. */
  readonly left: number;
  readonly pinned: boolean;
}

export interface ColumnLayout {
  /** As they are shown: pinned ones first. */
  readonly placed: readonly PlacedColumn[];
  readonly pinnedWidth: number;
  readonly width: number;
}

/** Width of the row numbers. */
export const gutterWidth = 64;

export const widths = { min: 48, max: 800 } as const;

export function layColumns(sizes: readonly number[], pinned: readonly number[]): ColumnLayout {
  const first = pinned.filter((index) => index < sizes.length);
  const rest = [...sizes.keys()].filter((index) => !first.includes(index));
  const placed: PlacedColumn[] = [];
  let left = gutterWidth;
  let pinnedWidth = gutterWidth;
  for (const index of [...first, ...rest]) {
    const width = sizes[index] ?? widths.min;
    const isPinned = placed.length < first.length;
    placed.push({ index, width, left, pinned: isPinned });
    left += width;
    if (isPinned) pinnedWidth = left;
  }
  return { placed, pinnedWidth, width: left };
}

export interface VisibleColumns {
  readonly columns: readonly (PlacedColumn & { readonly at: number })[];
  /** Width of what is left out before the first column that is not pinned, and after the last. */
  readonly before: number;
  readonly after: number;
}

/** The pinned columns, and those that can be seen beside them. */
export function visibleColumns(layout: ColumnLayout, scrollLeft: number, viewWidth: number): VisibleColumns {
  const columns = layout.placed
    .map((column, at) => ({ ...column, at }))
    .filter(
      ({ pinned, left, width }) =>
        pinned || (left + width > scrollLeft + layout.pinnedWidth && left < scrollLeft + viewWidth),
    );
  const [first] = columns.filter(({ pinned }) => !pinned);
  const last = columns.at(-1);
  const start = first?.left ?? layout.pinnedWidth;
  const end = first === undefined || last === undefined ? start : last.left + last.width;
  return { columns, before: start - layout.pinnedWidth, after: layout.width - end };
}
