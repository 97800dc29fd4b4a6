import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { GridResult } from '../../chat/grid-messages.ts';
import { Component } from '../component.ts';
import { shownCell } from './cell-viewer.ts';
import { layColumns, visibleColumns, widths, type ColumnLayout } from './column-layout.ts';
import { columnWidths, isNumeric } from './column-values.ts';
import { bodyRow, filterRow, headingRow, type DrawnRow, type GridActions } from './grid-parts.ts';
import { blockOf, commandOf, moveCell, type Block, type Cell, type GridCommand } from './grid-keys.ts';
import type { GridRows } from './grid-rows.ts';
import { createRowVirtualizer, headHeight, rowHeight } from './row-virtualizer.ts';
import { emptyView, pin, sortBy, type GridView } from './grid-view.ts';
import { t } from '../l10n.ts';

/**
 * Rows in a grid that draws only what can be seen. Sorts and filters all rows that it is given. It knows no host: it
 * tells its parent by events what a person wants to do.
 */
export class ResultGrid extends Component {
  static override properties = {
    result: { attribute: false },
    rows: { attribute: false },
    /** Changes whenever rows were added. */
    revision: { attribute: false },
    view: { attribute: false },
    active: { state: true },
    anchor: { state: true },
    opened: { state: true },
    scrollLeftNow: { state: true },
  };
  declare result: GridResult;
  declare rows: GridRows;
  declare revision: number;
  declare view: GridView;
  declare private active: Cell;
  declare private anchor: Cell;
  declare private opened: boolean;
  declare private scrollLeftNow: number;
  private order: Uint32Array = new Uint32Array();
  private layout: ColumnLayout = layColumns([], []);
  private numeric: readonly boolean[] = [];
  private unmount: (() => void) | undefined;
  private readonly virtual = createRowVirtualizer(
    () => this.find('.grid', HTMLElement),
    () => {
      this.requestUpdate();
    },
  );

  constructor() {
    super();
    this.view = emptyView;
    this.revision = 0;
    this.active = { row: 0, column: 0 };
    this.anchor = this.active;
    this.opened = false;
    this.scrollLeftNow = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.unmount = this.virtual._didMount();
  }

  override disconnectedCallback(): void {
    this.unmount?.();
    super.disconnectedCallback();
  }

  /** The rows that match, in the order in which they are shown. */
  get shown(): Uint32Array {
    return this.order;
  }

  /** The selected part, if it is more than one cell: rows and columns of the result. */
  get selection(): { readonly rows: readonly number[]; readonly columns: readonly number[] } | undefined {
    const { top, bottom, left, right } = this.block;
    if (top === bottom && left === right) return undefined;
    return {
      rows: [...this.order.subarray(top, bottom + 1)],
      columns: this.layout.placed.slice(left, right + 1).map(({ index }) => index),
    };
  }

  /** All columns, as they are shown. */
  get columns(): readonly number[] {
    return this.layout.placed.map(({ index }) => index);
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.has('view') ? changed.get('view') : this.view;
    const { any, filters, sorts } = this.view;
    const isOther = before?.any !== any || before.filters !== filters || before.sorts !== sorts;
    if (isOther || changed.has('revision')) this.arrange();
    this.numeric = isNumeric(this.result.columns, this.rows.all);
    this.layout = layColumns(columnWidths(this.result.columns, this.rows.all, this.view.sizes), this.view.pinned);
  }

  override updated(changed: PropertyValues): void {
    this.virtual._willUpdate();
    if (changed.has('active') || changed.has('anchor'))
      this.dispatchEvent(new CustomEvent('grid-arranged', { bubbles: true }));
  }

  private arrange(): void {
    const { any, filters, sorts } = this.view;
    this.order = this.rows.arrange({ any, columns: filters }, sorts);
    this.virtual.setOptions({ ...this.virtual.options, count: this.order.length });
    this.dispatchEvent(new CustomEvent('grid-arranged', { bubbles: true }));
    const row = this.order.length === 0 ? this.active.row : Math.min(this.active.row, this.order.length - 1);
    if (row !== this.active.row) this.active = this.anchor = { ...this.active, row };
  }

  private get block(): Block {
    return blockOf(this.anchor, this.active);
  }

  override render(): TemplateResult {
    const { layout, active, result } = this;
    const items = this.virtual.getVirtualItems();
    const viewWidth = this.virtual.scrollRect?.width ?? 0;
    const visible = visibleColumns(layout, this.scrollLeftNow, viewWidth);
    const parts = {
      result,
      view: this.view,
      visible,
      numeric: this.numeric,
      active,
      block: this.block,
      actions: this.actions,
    };
    const isShown = active.row === -1 || items.some(({ index }) => index === active.row);
    return html`<div class="grid-body">
      <div
        class="grid scroll"
        role="grid"
        tabindex="0"
        aria-label=${t('Rows of {0}', result.id)}
        aria-describedby="grid-help"
        aria-multiselectable="true"
        aria-rowcount=${this.order.length + 2}
        aria-colcount=${layout.placed.length + 1}
        aria-activedescendant=${isShown ? `cell-${active.row}-${active.column}` : nothing}
        @keydown=${this.onKey}
        @scroll=${this.onScroll}
      >
        <div class="grid-head" role="rowgroup" .style=${`width: ${layout.width}px`}>
          ${headingRow(parts)}${filterRow(parts)}
        </div>
        <div
          class="grid-rows"
          role="rowgroup"
          .style=${`width: ${layout.width}px; height: ${this.order.length * rowHeight}px`}
        >
          ${items.map(({ index, start }) => bodyRow(parts, this.drawn(index, start - headHeight)))}
        </div>
      </div>
      ${this.opened ? this.viewer() : nothing}
    </div>`;
  }

  private drawn(index: number, top: number): DrawnRow {
    const source = this.order[index] ?? 0;
    return { index, source, top, cells: this.rows.at(source) };
  }

  private viewer(): TemplateResult | typeof nothing {
    const { active, result } = this;
    const source = this.order[active.row];
    const index = this.layout.placed[active.column]?.index;
    if (source === undefined || index === undefined) return nothing;
    const cell = shownCell(result, this.rows.at(source), { row: source, column: index });
    return html`<cell-viewer .cell=${cell} @close-cell=${this.closeCell}></cell-viewer>`;
  }

  private readonly closeCell = (): void => {
    this.opened = false;
    this.find('.grid', HTMLElement)?.focus();
  };

  private readonly onScroll = ({ target }: Event): void => {
    if (target instanceof HTMLElement) this.scrollLeftNow = target.scrollLeft;
  };

  private readonly actions: GridActions = {
    sort: (column, add) => {
      this.change(sortBy(this.view, column, add));
    },
    pin: (column) => {
      this.change(pin(this.view, column));
    },
    filter: (column, text) => {
      this.change({ ...this.view, filters: { ...this.view.filters, [column]: text } });
    },
    resize: (column, width) => {
      const size = Math.round(Math.max(widths.min, Math.min(width, widths.max)));
      this.change({ ...this.view, sizes: { ...this.view.sizes, [column]: size } });
    },
    fit: (column) => {
      const { [column]: _, ...sizes } = this.view.sizes;
      this.change({ ...this.view, sizes });
    },
    choose: (cell, extend) => {
      this.move(cell, extend);
    },
    chooseRow: (row, extend) => {
      this.anchor = { row: extend ? this.anchor.row : row, column: 0 };
      this.active = { row, column: this.layout.placed.length - 1 };
    },
    open: () => {
      this.opened = true;
    },
  };

  private change(view: GridView): void {
    this.view = view;
    this.dispatchEvent(new CustomEvent('grid-view', { bubbles: true, detail: view }));
  }

  private move(cell: Cell, extend: boolean): void {
    this.active = cell;
    if (!extend || cell.row === -1) this.anchor = cell;
    if (cell.row >= 0) this.virtual.scrollToIndex(cell.row);
    this.showColumn(cell.column);
  }

  /** Scrolls sideways until the column can be seen beside the pinned ones. */
  private showColumn(at: number): void {
    const column = this.layout.placed[at];
    const grid = this.find('.grid', HTMLElement);
    if (column === undefined || grid === undefined || column.pinned) return;
    const { left, width } = column;
    const end = left + width - grid.clientWidth;
    if (left < grid.scrollLeft + this.layout.pinnedWidth) grid.scrollLeft = left - this.layout.pinnedWidth;
    else if (end > grid.scrollLeft) grid.scrollLeft = end;
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLInputElement) return this.onFilterKey(event);
    if (this.obey(commandOf(event, this.active.row === -1, this.opened))) return event.preventDefault();
    const page = Math.max(1, Math.floor(((this.virtual.scrollRect?.height ?? 0) - headHeight) / rowHeight) - 1);
    const extent = { rows: this.order.length, columns: this.layout.placed.length, page };
    const cell = moveCell(this.active, event, extent);
    if (cell === undefined) return;
    event.preventDefault();
    this.move(cell, event.shiftKey);
  };

  /** Escape and Enter lead from a filter back to the rows. */
  private onFilterKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape' && event.key !== 'Enter' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    this.find('.grid', HTMLElement)?.focus();
  }

  /** Returns whether the key is one of ours. */
  private obey(command: GridCommand | undefined): boolean {
    const { row, column } = this.active;
    const index = this.layout.placed[column]?.index;
    if (command === undefined || index === undefined) return false;
    const width = this.layout.placed[column]?.width ?? 0;
    switch (command.kind) {
      case 'sort':
        this.actions.sort(index, command.add);
        break;
      case 'resize':
        this.actions.resize(index, width + command.by);
        break;
      case 'pin':
        this.actions.pin(index);
        break;
      case 'filter':
        this.find(`#filter-${index}`, HTMLInputElement)?.focus();
        break;
      case 'select-all':
        this.anchor = { row: 0, column: 0 };
        this.active = { row: this.order.length - 1, column: this.layout.placed.length - 1 };
        break;
      case 'copy':
        this.copy();
        break;
      case 'open':
        this.opened = row >= 0;
        break;
      case 'close':
        this.closeCell();
    }
    return true;
  }

  /** One cell as its plain value, several as a table. */
  private copy(): void {
    const several = this.selection !== undefined;
    const source = this.order[this.active.row];
    const index = this.layout.placed[this.active.column]?.index;
    const value = source === undefined || index === undefined ? undefined : this.rows.at(source)[index];
    this.dispatchEvent(new CustomEvent(several ? 'copy-selection' : 'copy-cell', { bubbles: true, detail: value }));
  }
}

customElements.define('result-grid', ResultGrid);
