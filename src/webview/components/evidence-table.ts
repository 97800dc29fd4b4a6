import { html, nothing, type TemplateResult } from 'lit';
import type { EvidenceView } from '../../chat/vocabulary.ts';
import { Component } from '../component.ts';
import { chartShape } from '../format/chart-shape.ts';
import { showReordering } from '../format/invisible.ts';
import { count, plural } from '../format/quantity.ts';
import { asNumber, compareCells, valueText } from '../format/value.ts';
import { post } from '../host.ts';
import { icon, iconButton } from './icons.ts';

interface Sorting {
  readonly column: number;
  readonly descending: boolean;
}

const empty: EvidenceView = {
  id: '',
  tool: '',
  title: '',
  arguments: {},
  time: '',
  rowCount: 0,
  truncated: false,
  sha256: '',
  columns: [],
  rows: [],
};

/** A result as a sortable table. The host copies and opens it, because the host has all rows. */
export class EvidenceTable extends Component {
  static override properties = { evidence: { attribute: false }, sorting: { state: true }, charted: { state: true } };
  declare evidence: EvidenceView;
  declare private sorting: Sorting | undefined;
  declare private charted: boolean;

  constructor() {
    super();
    this.evidence = empty;
    this.sorting = undefined;
    this.charted = false;
  }

  takeFocus(): void {
    const section = this.find('section', HTMLElement);
    section?.focus({ preventScroll: true });
    section?.scrollIntoView({ block: 'center' });
  }

  override render(): TemplateResult {
    const { id, columns } = this.evidence;
    const rows = this.sortedRows();
    const shape = chartShape(this.evidence);
    return html`<section class="evidence" tabindex="-1" aria-label="Evidence ${id}">
      <header>
        <span class="badge">${id}</span><span class="muted words">${this.extent(rows.length)}</span>
        ${shape === undefined ? nothing : this.chartButton()}
        ${iconButton('copy', `Copy ${id} as CSV`, () => {
          post({ type: 'copy-evidence', id });
        })}
        ${iconButton('go-to-file', `Open ${id} in editor`, () => {
          post({ type: 'open-evidence', id });
        })}
      </header>
      ${this.charted && shape !== undefined ? html`<evidence-chart .shape=${shape}></evidence-chart>` : nothing}
      ${columns.length === 0 || rows.length === 0 ? nothing : this.table(rows)}
    </section>`;
  }

  private chartButton(): TemplateResult {
    const label = `Chart of ${this.evidence.id}`;
    return html`<button
      class="icon-button"
      title=${label}
      aria-label=${label}
      aria-pressed=${this.charted}
      @click=${() => {
        this.charted = !this.charted;
      }}
    >
      ${icon('graph-line')}
    </button>`;
  }

  private table(rows: readonly (readonly unknown[])[]): TemplateResult {
    const { id, columns } = this.evidence;
    const numeric = columns.map((_, index) => isNumeric(this.evidence, index));
    return html`<div class="scroll" tabindex="0" role="group" aria-label="Rows of ${id}">
      <table>
        <thead>
          <tr>
            ${columns.map((column, index) => this.heading(column, index, numeric[index] === true))}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                ${columns.map((_, index) => cell(row[index], numeric[index] === true))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  private heading(column: EvidenceView['columns'][number], index: number, numeric: boolean): TemplateResult {
    const sorted = this.sorting?.column === index ? this.sorting : undefined;
    const direction = sorted === undefined ? 'none' : sorted.descending ? 'descending' : 'ascending';
    return html`<th scope="col" aria-sort=${direction} class=${numeric ? 'right' : ''}>
      <button
        title="${column.name}: ${column.type}"
        @click=${() => {
          this.sort(index);
        }}
      >
        ${column.name}${sorted === undefined ? nothing : icon(sorted.descending ? 'arrow-down' : 'arrow-up')}
      </button>
    </th>`;
  }

  /** Cycles through ascending, descending and the original order. */
  private sort(column: number): void {
    const now = this.sorting;
    if (now?.column !== column) this.sorting = { column, descending: false };
    else this.sorting = now.descending ? undefined : { column, descending: true };
  }

  private sortedRows(): readonly (readonly unknown[])[] {
    const { sorting } = this;
    if (sorting === undefined) return this.evidence.rows;
    const { column, descending } = sorting;
    const rows = this.evidence.rows.toSorted((left, right) => compareCells(left[column], right[column]));
    return descending ? rows.reverse() : rows;
  }

  private extent(shown: number): string {
    const { rowCount, truncated, columns } = this.evidence;
    if (columns.length === 0) return 'Open it in the editor to see all of it.';
    const all = `${truncated ? 'at least ' : ''}${plural(rowCount, 'row')}`;
    if (shown === 0 && rowCount > 0) return `${all}, no longer available here`;
    return shown < rowCount ? `first ${count(shown)} of ${all}` : all;
  }
}

function cell(value: unknown, numeric: boolean): TemplateResult {
  const text = valueText(value);
  if (text === undefined) return html`<td class="muted"><i>null</i></td>`;
  return html`<td dir="auto" class=${numeric ? 'right' : ''} title=${text.length > 40 ? text : nothing}>
    ${showReordering(text)}
  </td>`;
}

/** Exact numbers arrive as text, so the column type tells them apart from text that contains digits. */
function isNumeric({ columns, rows }: EvidenceView, column: number): boolean {
  const values = rows.map((row) => row[column]).filter((value) => value !== null);
  const exact = /^(?:numeric|decimal|int8|bigint|money)/iu.test(columns[column]?.type ?? '');
  return values.length > 0 && values.every((value) => typeof value === 'number' || (exact && isNumberText(value)));
}

function isNumberText(value: unknown): boolean {
  return typeof value === 'string' && asNumber(value) !== undefined;
}

customElements.define('evidence-table', EvidenceTable);
