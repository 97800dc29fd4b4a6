import { html, nothing, type TemplateResult } from 'lit';
import type { GridHostMessage, GridMessage, GridResult } from '../../chat/grid-messages.ts';
import { tableFormats, type TableFormat } from '../../chat/table-formats.ts';
import { Component } from '../component.ts';
import { showReordering } from '../format/invisible.ts';
import { oneLine, valueText } from '../format/value.ts';
import { icon, iconButton } from '../components/icons.ts';
import { GridRows } from './grid-rows.ts';
import { readView, type GridView } from './grid-view.ts';
import { ResultGrid } from './result-grid.ts';
import { known, language, plural, t, term } from '../l10n.ts';

const formatNames: Readonly<Record<TableFormat, string>> = {
  csv: 'CSV',
  tsv: t('TSV for spreadsheets'),
  markdown: 'Markdown',
  json: 'JSON',
  insert: t('INSERT statements'),
};

const keys = t(
  'Arrow keys move, Shift selects, Enter opens a cell, Ctrl+C copies. In a heading: Enter sorts, Shift+Enter adds a column to the sort, P pins, F filters, Alt+Left and Alt+Right resize.',
);

/** A result in an editor tab. Speaks with the host, which has the rows and writes files. */
export class GridTab extends Component {
  static override properties = {
    result: { state: true },
    revision: { state: true },
    format: { state: true },
    notice: { state: true },
    isLoading: { state: true },
    arranged: { state: true },
  };
  declare private result: GridResult | undefined;
  declare private revision: number;
  declare private format: TableFormat;
  declare private notice: Extract<GridHostMessage, { type: 'grid-notice' }> | undefined;
  declare private isLoading: boolean;
  /** Changes when other rows are shown or selected. */
  declare private arranged: number;
  private readonly rows = new GridRows();
  private readonly host = acquireVsCodeApi();
  private view: GridView;
  private session = '';

  constructor() {
    super();
    this.revision = 0;
    this.arranged = 0;
    this.format = 'csv';
    this.isLoading = false;
    this.view = readView(this.host.getState());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('message', this.receive);
    this.post({ type: 'grid-ready' });
  }

  override disconnectedCallback(): void {
    window.removeEventListener('message', this.receive);
    super.disconnectedCallback();
  }

  private post(message: GridMessage): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the host of VS Code, not a window
    this.host.postMessage(message);
  }

  private readonly receive = ({ data }: MessageEvent<unknown>): void => {
    if (!isGridMessage(data)) return;
    switch (data.type) {
      case 'grid-result':
        this.result = data.result;
        this.session = data.session;
        this.keepState();
        return;
      case 'grid-rows':
        this.rows.put(data.from, data.rows);
        this.revision += 1;
        this.isLoading = false;
        return;
      case 'grid-notice':
        this.notice = data;
        this.isLoading = false;
    }
  };

  override render(): TemplateResult | typeof nothing {
    const { result, notice } = this;
    if (result === undefined) return nothing;
    return html`<main
      @grid-view=${this.keepView}
      @grid-arranged=${this.onArranged}
      @copy-selection=${() => {
        this.send('grid-copy');
      }}
      @copy-cell=${this.copyValue}
      @copy-value=${this.copyValue}
    >
      <h1 class="grid-title">
        <span class="badge">${result.id}</span> ${term(result.title)}
        <code class="muted ellipsis" title=${result.query}>${showReordering(oneLine(result.query))}</code>
      </h1>
      ${this.toolbar(result)}
      <p class="muted words" role="status">${this.extent(result)}</p>
      ${
        notice === undefined
          ? nothing
          : html`<p class="line-notice" role="alert">
              ${icon(notice.level === 'error' ? 'error' : 'info', notice.level)}<span class="words"
                >${known(notice.message)}</span
              >
              ${iconButton('close', t('Dismiss'), () => {
                this.notice = undefined;
              })}
            </p>`
      }
      <result-grid .result=${result} .rows=${this.rows} .revision=${this.revision} .view=${this.view}></result-grid>
      <p id="grid-help" class="hidden">${keys}</p>
    </main>`;
  }

  private toolbar(result: GridResult): TemplateResult {
    const { rows } = this.chosen();
    const what = plural(rows.length, '{0} row', '{0} rows');
    return html`<div class="grid-toolbar">
      <input
        class="find"
        type="search"
        placeholder=${t('Find in all columns')}
        aria-label=${t('Find in all columns')}
        maxlength="1000"
        .value=${this.view.any}
        @input=${({ target }: Event) => {
          if (target instanceof HTMLInputElement) this.setView({ ...this.view, any: target.value });
        }}
      />
      <span class="space"></span>
      ${this.nextPage(result)}
      <select
        aria-label=${t('Format to copy and save')}
        @change=${({ target }: Event) => {
          const chosen = tableFormats.find((name) => target instanceof HTMLSelectElement && target.value === name);
          if (chosen !== undefined) this.format = chosen;
        }}
      >
        ${tableFormats.map((name) => html`<option value=${name} ?selected=${name === this.format}>${formatNames[name]}</option>`)}
      </select>
      ${iconButton('copy', t('Copy {0} as {1}', what, formatNames[this.format]), () => {
        this.send('grid-copy');
      })}
      ${iconButton('save', t('Save {0} as {1}', what, formatNames[this.format]), () => {
        this.send('grid-save');
      })}
      <span
        class="codicon codicon-question"
        role="img"
        tabindex="0"
        title=${keys}
        aria-label=${t('Keys: {0}', keys)}
      ></span>
    </div>`;
  }

  private nextPage(result: GridResult): TemplateResult | typeof nothing {
    if (!result.truncated || result.endsBecause !== undefined) return nothing;
    return html`<button
      class="next-page"
      ?disabled=${this.isLoading}
      @click=${() => {
        this.isLoading = true;
        this.notice = undefined;
        this.post({ type: 'grid-next-page', id: result.id });
      }}
    >
      ${this.isLoading ? t('Loading…') : t('Load next page')}
    </button>`;
  }

  /** What is shown, over what it was sorted and filtered, and what is missing. */
  private extent({ rowCount, truncated, masked, endsBecause }: GridResult): string {
    const grid = this.grid;
    const matching = grid?.shown.length ?? rowCount;
    const all = truncated
      ? plural(rowCount, 'the first {0} row', 'the first {0} rows')
      : plural(rowCount, '{0} row', '{0} rows');
    const facts = [matching < rowCount ? t('{0} of {1} match', matching, all) : all];
    if (truncated)
      facts.push(
        this.view.sorts.length > 0 ? t('only these are sorted: the source has more') : t('the source has more'),
      );
    if (truncated && endsBecause !== undefined) facts.push(known(endsBecause));
    if (masked.length > 0) facts.push(t('masked: {0}', masked.join(', ')));
    const text = facts.join('; ');
    return text.charAt(0).toLocaleUpperCase(language) + text.slice(1);
  }

  private get grid(): ResultGrid | undefined {
    return this.find('result-grid', ResultGrid);
  }

  /** The selected cells, otherwise everything that is shown. */
  private chosen(): { readonly rows: readonly number[]; readonly columns: readonly number[] } {
    const { grid } = this;
    if (grid === undefined) return { rows: [], columns: [] };
    return grid.selection ?? { rows: [...grid.shown], columns: grid.columns };
  }

  private send(type: 'grid-copy' | 'grid-save'): void {
    const { rows, columns } = this.chosen();
    if (this.result === undefined || columns.length === 0) return;
    this.post({ type, id: this.result.id, format: this.format, rows: [...rows], columns: [...columns] });
  }

  private readonly copyValue = ({ detail }: CustomEvent<unknown>): void => {
    this.post({ type: 'copy-text', text: (valueText(detail) ?? '').slice(0, 200_000) });
  };

  private readonly onArranged = (): void => {
    // After the grid is drawn, because it is drawn as part of this.
    queueMicrotask(() => {
      this.arranged += 1;
    });
  };

  private readonly keepView = ({ detail }: CustomEvent<GridView>): void => {
    this.setView(detail);
  };

  private setView(view: GridView): void {
    this.view = view;
    this.keepState();
    this.requestUpdate();
  }

  /** With what the host needs to fill the tab after the window was reloaded. */
  private keepState(): void {
    this.host.setState({ ...this.view, session: this.session, id: this.result?.id });
  }
}

const shapes: Readonly<Record<GridHostMessage['type'], readonly string[]>> = {
  'grid-result': ['session', 'result'],
  'grid-rows': ['from', 'rows'],
  'grid-notice': ['message'],
};

/** The parent frame also carries messages from VS Code. Ours are always well formed. */
function isGridMessage(value: unknown): value is GridHostMessage {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  return Object.entries(shapes).some(([type, keys]) => type === value.type && keys.every((key) => key in value));
}

customElements.define('grid-tab', GridTab);
