/** A cell as it is shown: row -1 is the heading. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

export interface Extent {
  readonly rows: number;
  readonly columns: number;
  /** Rows that a screen shows. */
  readonly page: number;
}

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey'>;

/** Where a key leads from a cell, as the grid pattern of ARIA says. undefined for a key that does not move. */
export function moveCell(from: Cell, { key, ctrlKey, metaKey }: Pressed, extent: Extent): Cell | undefined {
  const far = ctrlKey || metaKey;
  const last = { row: extent.rows - 1, column: extent.columns - 1 };
  const target = (): Cell | undefined => {
    switch (key) {
      case 'ArrowUp':
        return { ...from, row: far ? -1 : from.row - 1 };
      case 'ArrowDown':
        return { ...from, row: far ? last.row : from.row + 1 };
      case 'ArrowLeft':
        return { ...from, column: far ? 0 : from.column - 1 };
      case 'ArrowRight':
        return { ...from, column: far ? last.column : from.column + 1 };
      case 'PageUp':
        return { ...from, row: Math.max(Math.min(from.row, 0), from.row - extent.page) };
      case 'PageDown':
        return { ...from, row: from.row + extent.page };
      case 'Home':
        return { row: far ? Math.min(0, last.row) : from.row, column: 0 };
      case 'End':
        return { row: far ? last.row : from.row, column: last.column };
      default:
        return undefined;
    }
  };
  const moved = target();
  return moved === undefined
    ? undefined
    : { row: clamp(moved.row, -1, last.row), column: clamp(moved.column, 0, last.column) };
}

/** What a key asks for besides moving. */
export type GridCommand =
  | { readonly kind: 'sort'; readonly add: boolean }
  | { readonly kind: 'resize'; readonly by: number }
  | { readonly kind: 'pin' | 'filter' | 'select-all' | 'copy' | 'open' | 'close' };

const resizeStep = 16;

export function commandOf(
  { key, altKey, ctrlKey, metaKey, shiftKey }: KeyboardEvent,
  inHeading: boolean,
  isOpen: boolean,
): GridCommand | undefined {
  if (ctrlKey || metaKey) return key === 'a' ? { kind: 'select-all' } : key === 'c' ? { kind: 'copy' } : undefined;
  if (key === 'Escape') return isOpen ? { kind: 'close' } : undefined;
  if (!inHeading) return key === 'Enter' || key === 'F2' ? { kind: 'open' } : undefined;
  if (altKey && key === 'ArrowRight') return { kind: 'resize', by: resizeStep };
  if (altKey && key === 'ArrowLeft') return { kind: 'resize', by: -resizeStep };
  if (key === 'Enter' || key === ' ') return { kind: 'sort', add: shiftKey };
  if (key === 'p') return { kind: 'pin' };
  return key === 'f' ? { kind: 'filter' } : undefined;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, Math.max(low, high)));
}

/** The block of cells between two corners. The heading is never part of it. */
export interface Block {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export function blockOf(anchor: Cell, active: Cell): Block {
  return {
    top: Math.max(0, Math.min(anchor.row, active.row)),
    bottom: Math.max(anchor.row, active.row),
    left: Math.min(anchor.column, active.column),
    right: Math.max(anchor.column, active.column),
  };
}

export function contains({ top, bottom, left, right }: Block, { row, column }: Cell): boolean {
  return row >= top && row <= bottom && column >= left && column <= right;
}
