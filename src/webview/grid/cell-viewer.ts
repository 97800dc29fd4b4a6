import { html, nothing, type TemplateResult } from 'lit';
import { Component } from '../component.ts';
import { showReordering } from '../format/invisible.ts';
import { icon, iconButton } from '../components/icons.ts';
import type { GridResult } from '../../chat/grid-messages.ts';
import type { Cell } from './grid-keys.ts';
import { viewCell, type CellView } from './cell-value.ts';
import { plural, t } from '../l10n.ts';

export interface ShownCell {
  readonly value: unknown;
  readonly column: { readonly name: string; readonly type: string };
  /** Of the result, from 1. */
  readonly row: number;
  readonly isCut: boolean;
  readonly isMasked: boolean;
}

export function shownCell(
  { columns, cutCells, masked }: GridResult,
  cells: readonly unknown[],
  { row, column }: Cell,
): ShownCell | undefined {
  const head = columns[column];
  if (head === undefined) return undefined;
  return {
    value: cells[column],
    column: head,
    row: row + 1,
    isCut: cutCells.some(([cutRow, cutColumn]) => cutRow === row && cutColumn === column),
    isMasked: masked.some((name) => name === head.name || name.endsWith(`.${head.name}`)),
  };
}

/** One cell in full: what kind of value it is, and how it reads. */
export class CellViewer extends Component {
  static override properties = { cell: { attribute: false }, raw: { state: true } };
  declare cell: ShownCell | undefined;
  /** Shows JSON and bytes as they are stored. */
  declare private raw: boolean;

  constructor() {
    super();
    this.cell = undefined;
    this.raw = false;
  }

  override render(): TemplateResult | typeof nothing {
    const { cell } = this;
    if (cell === undefined) return nothing;
    const { name, type } = cell.column;
    const view = viewCell(cell.value, type, Intl.DateTimeFormat().resolvedOptions().timeZone, Date.now());
    return html`<section class="cell-viewer" aria-label=${t('Cell')}>
      <header>
        <span class="words"
          ><b>${showReordering(name)}</b> <span class="muted">${type}, ${t('row {0}', cell.row)}</span></span
        >
        ${
          view.kind === 'null'
            ? nothing
            : iconButton('copy', t('Copy value'), () => {
                this.send('copy-value', textOf(view, cell.value));
              })
        }
        ${iconButton('close', t('Close cell'), () => {
          this.send('close-cell');
        })}
      </header>
      ${this.notes(cell)}
      <p class="muted kind">${describe(view)} ${this.rawButton(view)}</p>
      ${body(view, this.raw)}
    </section>`;
  }

  private notes({ isCut, isMasked }: ShownCell): TemplateResult | typeof nothing {
    if (isMasked) return note(t('The server masks this column.'));
    return isCut
      ? note(t('Not all of it: the server cut this value. Select a part of it: substring(column, 4000, 4000).'))
      : nothing;
  }

  private rawButton({ kind }: CellView): TemplateResult | typeof nothing {
    if (kind !== 'json' && kind !== 'bytes') return nothing;
    return html`<button
      class="link"
      aria-pressed=${this.raw}
      @click=${() => {
        this.raw = !this.raw;
      }}
    >
      ${kind === 'json' ? t('As stored') : t('As text')}
    </button>`;
  }

  private send(name: string, detail?: string): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }
}

function note(text: string): TemplateResult {
  return html`<p class="line-notice">${icon('warning', 'warning')}<span class="words">${text}</span></p>`;
}

function describe(view: CellView): string {
  switch (view.kind) {
    case 'null':
      return t('No value (null). This is not the same as empty text.');
    case 'text':
      return view.text === ''
        ? t('Empty text')
        : plural(view.text.length, 'Text, {0} character', 'Text, {0} characters');
    case 'json':
      return plural(view.text.length, 'JSON, {0} character', 'JSON, {0} characters');
    case 'bytes':
      return plural(view.size, '{0} byte', '{0} bytes');
    case 'time':
      return t('Time');
  }
}

function body(view: CellView, raw: boolean): TemplateResult | typeof nothing {
  switch (view.kind) {
    case 'null':
      return nothing;
    case 'text':
      return block(view.text);
    case 'json':
      return block(raw ? view.text : view.pretty);
    case 'bytes':
      return raw ? block(view.text ?? t('These bytes are not text in UTF-8.')) : block(view.dump);
    case 'time':
      return html`<dl>
        ${view.moments.map(
          ({ label, text }) =>
            html`<dt>${label}</dt>
              <dd>${text}</dd>`,
        )}
      </dl>`;
  }
}

function block(text: string): TemplateResult {
  return html`<pre class="scroll" dir="auto" tabindex="0" role="group" aria-label=${t('Value')}>
${showReordering(text)}</pre>`;
}

function textOf(view: CellView, value: unknown): string {
  return view.kind === 'json' || view.kind === 'text' || view.kind === 'time' ? view.text : String(value);
}

customElements.define('cell-viewer', CellViewer);
