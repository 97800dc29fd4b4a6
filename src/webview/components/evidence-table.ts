import { html, nothing, type TemplateResult } from 'lit';
import { queryRows, type RowAnswer, type RowQuery } from '../../chat/evidence-query.ts';
import { asNumber } from '../../chat/order-rows.ts';
import type { EvidenceView } from '../../chat/vocabulary.ts';
import { Component } from '../component.ts';
import { chartShape } from '../format/chart-shape.ts';
import { countGroupKeys } from '../format/group-keys.ts';
import { showReordering } from '../format/invisible.ts';
import { valueText } from '../format/value.ts';
import { onHostMessage, post } from '../host.ts';
import { saveChart } from '../save-chart.ts';
import '../details/evidence-detail.ts';
import { icon, iconButton } from './icons.ts';
import { plural, t } from '../l10n.ts';

const allRows: RowQuery = { filter: '' };

/** Fewer rows are seen at a glance. */
const enoughToFilter = 10;

/** Tools of the database server whose results are drawn as what they are. */
const details: ReadonlySet<string> = new Set(['explain_query', 'get_table_schema', 'get_database_health']);

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

/**
 * A result as a table to sort and filter. The host has all rows, so it copies and opens them, and it answers what the
 * rows that are here cannot.
 */
export class EvidenceTable extends Component {
  static override properties = {
    evidence: { attribute: false },
    query: { state: true },
    answer: { state: true },
    charted: { attribute: false },
  };
  declare evidence: EvidenceView;
  declare private query: RowQuery;
  /** The latest answer, which can be older than the query. */
  declare private answer: RowAnswer | undefined;
  /** Undefined until somebody decides: then the chart is drawn if the query groups by what a chart shows. */
  declare charted: boolean | undefined;
  private stopListening: (() => void) | undefined;

  constructor() {
    super();
    this.evidence = empty;
    this.query = allRows;
    this.answer = undefined;
    this.charted = undefined;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stopListening = onHostMessage((message) => {
      if (message.type !== 'evidence-rows' || message.id !== this.evidence.id) return;
      if (isSame(message.query, this.query)) this.answer = message;
    });
  }

  override disconnectedCallback(): void {
    this.stopListening?.();
    super.disconnectedCallback();
  }

  takeFocus(): void {
    const section = this.find('section', HTMLElement);
    section?.focus({ preventScroll: true });
    section?.scrollIntoView({ block: 'center' });
  }

  override render(): TemplateResult {
    const { id, columns } = this.evidence;
    const answer = this.answer ?? { rows: this.evidence.rows, matching: this.evidence.rowCount };
    const { rows } = answer;
    const shape = chartShape(this.evidence);
    const isCharted = shape !== undefined && (this.charted ?? isGrouped(this.evidence));
    return html`<section class="evidence" tabindex="-1" aria-label=${t('Evidence {0}', id)}>
      <header>
        <span class="badge">${id}</span><span class="muted words">${this.extent(answer)}</span>
        ${isCharted ? this.saveButtons(shape.series) : nothing}${shape === undefined ? nothing : this.chartButton(isCharted)}
        ${
          columns.length === 0
            ? nothing
            : iconButton('table', t('Open {0} in grid', id), () => {
                post({ type: 'open-grid', id });
              })
        }
        ${iconButton('copy', t('Copy {0} as CSV', id), () => {
          post({ type: 'copy-evidence', id });
        })}
        ${iconButton('go-to-file', t('Open {0} in editor', id), () => {
          post({ type: 'open-evidence', id });
        })}
      </header>
      ${isCharted ? html`<evidence-chart .shape=${shape}></evidence-chart>` : nothing}
      ${columns.length === 0 || this.evidence.rowCount <= enoughToFilter ? nothing : this.filterBox()}
      ${columns.length === 0 && details.has(this.evidence.tool) ? html`<evidence-detail .evidence=${id}></evidence-detail>` : nothing}
      ${columns.length === 0 || rows.length === 0 ? nothing : this.table(rows)}
    </section>`;
  }

  private saveButtons(series: readonly string[]): readonly TemplateResult[] {
    const { id } = this.evidence;
    return (['svg', 'png'] as const).map((format) => {
      const save = (): void => {
        const drawn = this.find('.chart svg', SVGSVGElement);
        if (drawn !== undefined) void saveChart(id, format, drawn, series);
      };
      return iconButton(
        format === 'svg' ? 'save-as' : 'file-media',
        t('Save chart of {0} as {1}', id, format.toUpperCase()),
        save,
      );
    });
  }

  private chartButton(isCharted: boolean): TemplateResult {
    const label = t('Chart of {0}', this.evidence.id);
    return html`<button
      class="icon-button"
      title=${label}
      aria-label=${label}
      aria-pressed=${isCharted}
      @click=${() => {
        this.charted = !isCharted;
      }}
    >
      ${icon('graph-line')}
    </button>`;
  }

  private table(rows: readonly (readonly unknown[])[]): TemplateResult {
    const { id, columns } = this.evidence;
    const numeric = columns.map((_, index) => isNumeric(this.evidence, index));
    return html`<div class="scroll" tabindex="0" role="group" aria-label=${t('Rows of {0}', id)}>
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
    const sorted = this.query.sort?.column === index ? this.query.sort : undefined;
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

  private filterBox(): TemplateResult {
    const label = t('Filter rows of {0}', this.evidence.id);
    return html`<input
      class="filter"
      type="search"
      placeholder=${t('Filter rows')}
      aria-label=${label}
      maxlength="1000"
      .value=${this.query.filter}
      @input=${({ target }: Event) => {
        if (target instanceof HTMLInputElement) this.ask({ ...this.query, filter: target.value });
      }}
    />`;
  }

  /** Cycles through ascending, descending and the original order. */
  private sort(column: number): void {
    const now = this.query.sort;
    const again = now?.column === column;
    const sort = again && now.descending ? undefined : { column, descending: again };
    this.ask({ ...this.query, sort });
  }

  private ask(query: RowQuery): void {
    this.query = query;
    const { id, rows, rowCount } = this.evidence;
    if (isSame(query, allRows)) this.answer = undefined;
    else if (rows.length >= rowCount) this.answer = queryRows(rows, query);
    else post({ type: 'query-evidence', id, ...query });
  }

  private extent({ rows, matching }: RowAnswer): string {
    const { rowCount, truncated, columns } = this.evidence;
    if (columns.length === 0) return t('Open it in the editor to see all of it.');
    const all = truncated
      ? plural(rowCount, 'at least {0} row', 'at least {0} rows')
      : plural(rowCount, '{0} row', '{0} rows');
    if (this.query.filter.trim() !== '') {
      const held = truncated ? plural(rowCount, 'the first {0} row', 'the first {0} rows') : all;
      return rows.length < matching
        ? t('first {0} of {1} matching in {2}', rows.length, matching, held)
        : t('{0} matching in {1}', matching, held);
    }
    if (rows.length === 0 && rowCount > 0) return t('{0}, no longer available here', all);
    // Rows that were never fetched take no part in the order.
    if (this.query.sort !== undefined && truncated)
      return plural(
        rowCount,
        'first {0} row sorted, the source has more',
        'first {0} rows sorted, the source has more',
      );
    return rows.length < rowCount ? t('first {0} of {1}', rows.length, all) : all;
  }
}

/** A query that groups by one or two keys asks for what a chart shows best. */
function isGrouped({ arguments: input }: EvidenceView): boolean {
  const keys = countGroupKeys(input['query']);
  return keys === 1 || keys === 2;
}

function isSame(left: RowQuery, right: RowQuery): boolean {
  return (
    left.filter === right.filter &&
    left.sort?.column === right.sort?.column &&
    left.sort?.descending === right.sort?.descending
  );
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
