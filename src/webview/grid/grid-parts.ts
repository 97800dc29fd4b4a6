import { html, nothing, type TemplateResult } from 'lit';
import { filterHelp } from '../../chat/filter-rows.ts';
import type { GridResult } from '../../chat/grid-messages.ts';
import { showReordering } from '../format/invisible.ts';
import { count } from '../format/quantity.ts';
import { oneLine, valueText } from '../format/value.ts';
import { icon } from '../components/icons.ts';
import { gutterWidth, type VisibleColumns } from './column-layout.ts';
import { contains, type Block, type Cell } from './grid-keys.ts';
import type { GridView } from './grid-view.ts';
import { known, t } from '../l10n.ts';

export interface GridActions {
  readonly sort: (column: number, add: boolean) => void;
  readonly pin: (column: number) => void;
  readonly filter: (column: number, text: string) => void;
  readonly resize: (column: number, width: number) => void;
  readonly fit: (column: number) => void;
  readonly choose: (cell: Cell, extend: boolean) => void;
  readonly chooseRow: (row: number, extend: boolean) => void;
  readonly open: () => void;
}

export interface GridParts {
  readonly result: GridResult;
  readonly view: GridView;
  readonly visible: VisibleColumns;
  /** By column of the result. */
  readonly numeric: readonly boolean[];
  readonly active: Cell;
  readonly block: Block;
  readonly actions: GridActions;
}

export interface DrawnRow {
  /** Place among the rows that are shown. */
  readonly index: number;
  /** Place in the result. */
  readonly source: number;
  readonly top: number;
  readonly cells: readonly unknown[];
}

type Drawn = VisibleColumns['columns'][number];

/** A row with room for the columns that are not drawn. */
function row(parts: GridParts, gutter: TemplateResult, cellOf: (column: Drawn) => TemplateResult): TemplateResult {
  const { columns, before, after } = parts.visible;
  const pinned = columns.filter((column) => column.pinned);
  const others = columns.filter((column) => !column.pinned);
  return html`${gutter}${pinned.map(cellOf)}${space(before)}${others.map(cellOf)}${space(after)}`;
}

function space(width: number): TemplateResult | typeof nothing {
  if (width <= 0) return nothing;
  return html`<span role="presentation" .style=${`flex: none; width: ${width}px`}></span>`;
}

/** As a property, because the content security policy blocks style attributes. */
function place({ width, left, pinned }: Drawn): string {
  return `width: ${width}px;${pinned ? ` left: ${left}px` : ''}`;
}

const gutterStyle = `width: ${gutterWidth}px`;

export function headingRow(parts: GridParts): TemplateResult {
  const gutter = html`<div class="cell gutter" role="columnheader" aria-colindex="1" .style=${gutterStyle}>
    <span class="hidden">${t('Row')}</span>
  </div>`;
  return html`<div class="row" role="row" aria-rowindex="1">
    ${row(parts, gutter, (column) => heading(parts, column))}
  </div>`;
}

function heading({ result, view, active, numeric, actions }: GridParts, drawn: Drawn): TemplateResult {
  const { index, at, width, pinned } = drawn;
  const column = result.columns[index];
  if (column === undefined) return html``;
  const sort = view.sorts.find((each) => each.column === index);
  const isActive = active.row === -1 && active.column === at;
  return html`<div
    class="cell heading ${pinned ? 'pinned' : ''} ${isActive ? 'active' : ''} ${numeric[index] === true ? 'right' : ''}"
    role="columnheader"
    id="cell--1-${at}"
    aria-colindex=${at + 2}
    aria-sort=${sort === undefined ? 'none' : sort.descending ? 'descending' : 'ascending'}
    .style=${place(drawn)}
    @mousedown=${() => {
      actions.choose({ row: -1, column: at }, false);
    }}
  >
    ${sortButton(column, view, index, actions)}${pinButton(column.name, pinned, index, actions)}
    <span
      class="resize"
      title=${t('Drag to resize, double-click to fit (Alt+Left, Alt+Right)')}
      @pointerdown=${(event: PointerEvent) => {
        startResize(event, width, (size) => {
          actions.resize(index, size);
        });
      }}
      @dblclick=${() => {
        actions.fit(index);
      }}
    ></span>
  </div>`;
}

function sortButton(
  column: GridResult['columns'][number],
  { sorts }: GridView,
  index: number,
  actions: GridActions,
): TemplateResult {
  const order = sorts.findIndex((sort) => sort.column === index);
  const sort = sorts[order];
  return html`<button
    class="sort ellipsis"
    tabindex="-1"
    title=${t('{0}: {1}. Click to sort, Shift+click to sort by several columns.', column.name, column.type)}
    @click=${({ shiftKey }: MouseEvent) => {
      actions.sort(index, shiftKey);
    }}
  >
    <span class="ellipsis">${showReordering(column.name)}</span>${
      sort === undefined
        ? nothing
        : html`${icon(sort.descending ? 'arrow-down' : 'arrow-up')}${
            sorts.length > 1 ? html`<small>${order + 1}</small>` : nothing
          }`
    }
  </button>`;
}

function pinButton(name: string, pinned: boolean, index: number, actions: GridActions): TemplateResult {
  const pinLabel = pinned ? t('Unpin {0} (P)', name) : t('Pin {0} (P)', name);
  return html`<button
    class="icon-button pin"
    tabindex="-1"
    title=${pinLabel}
    aria-label=${pinLabel}
    aria-pressed=${pinned}
    @click=${() => {
      actions.pin(index);
    }}
  >
    ${icon(pinned ? 'pinned' : 'pin')}
  </button>`;
}

function startResize(event: PointerEvent, width: number, resize: (width: number) => void): void {
  const { currentTarget: handle, clientX: from, pointerId } = event;
  if (!(handle instanceof HTMLElement)) return;
  event.preventDefault();
  event.stopPropagation();
  handle.setPointerCapture(pointerId);
  const drag = ({ clientX }: PointerEvent): void => {
    resize(width + clientX - from);
  };
  handle.addEventListener('pointermove', drag);
  handle.addEventListener(
    'lostpointercapture',
    () => {
      handle.removeEventListener('pointermove', drag);
    },
    { once: true },
  );
}

export function filterRow(parts: GridParts): TemplateResult {
  const gutter = html`<div class="cell gutter" role="gridcell" aria-colindex="1" .style=${gutterStyle}>
    ${icon('filter')}<span class="hidden">${t('Filters')}</span>
  </div>`;
  return html`<div class="row filters" role="row" aria-rowindex="2">
    ${row(parts, gutter, (column) => filterCell(parts, column))}
  </div>`;
}

function filterCell({ result, view, actions }: GridParts, drawn: Drawn): TemplateResult {
  const { index, at, pinned } = drawn;
  const name = result.columns[index]?.name ?? '';
  return html`<div
    class="cell ${pinned ? 'pinned' : ''}"
    role="gridcell"
    aria-colindex=${at + 2}
    .style=${place(drawn)}
  >
    <input
      id="filter-${index}"
      type="text"
      aria-label=${t('Filter {0}', name)}
      title=${t('Filter {0}: {1}', name, known(filterHelp))}
      placeholder=${t('Filter')}
      maxlength="1000"
      spellcheck="false"
      .value=${view.filters[index] ?? ''}
      @input=${({ target }: Event) => {
        if (target instanceof HTMLInputElement) actions.filter(index, target.value);
      }}
    />
  </div>`;
}

export function bodyRow(parts: GridParts, drawn: DrawnRow): TemplateResult {
  const { index, source, top } = drawn;
  const gutter = html`<div
    class="cell gutter"
    role="rowheader"
    aria-colindex="1"
    .style=${gutterStyle}
    @mousedown=${({ shiftKey }: MouseEvent) => {
      parts.actions.chooseRow(index, shiftKey);
    }}
  >
    ${count(source + 1)}
  </div>`;
  return html`<div
    class="row ${index % 2 === 1 ? 'odd' : ''}"
    role="row"
    aria-rowindex=${index + 3}
    .style=${`transform: translateY(${top}px)`}
  >
    ${row(parts, gutter, (column) => bodyCell(parts, drawn, column))}
  </div>`;
}

/** Longer text is read in the cell viewer. */
const maxShown = 300;

function bodyCell(
  { active, block, numeric, actions }: GridParts,
  { index, cells }: DrawnRow,
  column: Drawn,
): TemplateResult {
  const cell = { row: index, column: column.at };
  const text = valueText(cells[column.index]);
  const isActive = active.row === index && active.column === column.at;
  const isSelected = contains(block, cell);
  const classes = [
    'cell',
    ...(column.pinned ? ['pinned'] : []),
    ...(numeric[column.index] === true ? ['right'] : []),
    ...(isSelected ? ['selected'] : []),
    ...(isActive ? ['active'] : []),
    ...(text === undefined ? ['null'] : []),
  ];
  return html`<div
    class=${classes.join(' ')}
    role="gridcell"
    id="cell-${index}-${column.at}"
    aria-colindex=${column.at + 2}
    aria-selected=${isSelected}
    .style=${place(column)}
    @mousedown=${({ shiftKey, button }: MouseEvent) => {
      if (button === 0) actions.choose(cell, shiftKey);
    }}
    @mouseover=${({ buttons }: MouseEvent) => {
      if (buttons === 1) actions.choose(cell, true);
    }}
    @dblclick=${actions.open}
  >
    ${text === undefined ? 'null' : showReordering(text.length > maxShown ? oneLine(text.slice(0, maxShown)) : oneLine(text))}
  </div>`;
}
