import { html, nothing, type TemplateResult } from 'lit';
import type { TableDetail } from '../../chat/evidence-details.ts';
import { icon } from '../components/icons.ts';
import { showReordering } from '../format/invisible.ts';
import { post } from '../host.ts';
import { readForeignKey, readReference } from './foreign-key.ts';
import { known, plural, t, term } from '../l10n.ts';

const maxColumns = 200;

/** A table's columns, with its keys as links to the tables that they lead to. `id` is the evidence. */
export function schemaTable(id: string, table: TableDetail): TemplateResult {
  const { columns } = table;
  const rows =
    table.estimated_rows === undefined ? '' : `, ${plural(table.estimated_rows, 'about {0} row', 'about {0} rows')}`;
  const left = columns.length - maxColumns;
  return html`<div class="schema">
    <p class="words"><b>${table.schema}.${table.table}</b> <span class="muted">${term(table.kind)}${rows}</span></p>
    ${[table.comment, table.access, table.row_security].map((text) =>
      text === undefined ? nothing : html`<p class="words">${showReordering(known(text))}</p>`,
    )}
    <div class="scroll" tabindex="0" role="group" aria-label=${t('Columns of {0}', table.table)}>
      <table>
        <thead>
          <tr>
            <th scope="col">${t('Column')}</th>
            <th scope="col">${t('Type')}</th>
            <th scope="col">${t('Key')}</th>
            <th scope="col">${t('Default')}</th>
            <th scope="col">${t('Notes')}</th>
          </tr>
        </thead>
        <tbody>
          ${columns.slice(0, maxColumns).map((column) => columnRow(id, table, column))}
        </tbody>
      </table>
    </div>
    ${left > 0 ? html`<p class="muted">${t('and {0} more columns: open it in the editor', left)}</p>` : nothing}
    ${list(t('Referenced by'), table.referenced_by, (text) => reference(id, text))}
    ${list(t('Indexes'), table.indexes, showReordering)} ${list(t('Unique'), table.unique, showReordering)}
    ${list(t('Checks'), table.checks, showReordering)}
  </div>`;
}

function columnRow(id: string, table: TableDetail, column: TableDetail['columns'][number]): TemplateResult {
  const { name, type, nullable, comment, values, masked } = column;
  const isPrimary = table.primary_key.includes(name);
  const keys = table.foreign_keys.flatMap((text) => readForeignKey(text) ?? []);
  const leads = keys.filter(({ columns }) => columns.includes(name));
  const notes = [
    ...(masked === true ? [t('masked')] : []),
    ...(comment === undefined ? [] : [comment]),
    ...(values === undefined ? [] : [t('values: {0}', values.join(', '))]),
  ];
  return html`<tr>
    <td>${showReordering(name)}</td>
    <td>${type}${nullable ? nothing : html` <span class="muted">${t('not null')}</span>`}</td>
    <td>
      ${isPrimary ? html`${icon('key')} ${t('primary')} ` : nothing}${leads.map((key) => tableLink(id, key.table, `${key.table}(${key.references})`))}
    </td>
    <td>${showReordering(column.default ?? '')}</td>
    <td>${showReordering(notes.join('; '))}</td>
  </tr>`;
}

function reference(id: string, text: string): TemplateResult | string {
  const found = readReference(text);
  return found === undefined
    ? showReordering(text)
    : html`${tableLink(id, found.table, found.table)} <span class="muted">${found.key}</span>`;
}

/** Reads the schema of that table, as a call of its own. */
function tableLink(id: string, table: string, label: string): TemplateResult {
  return html`<button
    class="link"
    title=${t('Show the schema of {0}', table)}
    @click=${() => {
      post({ type: 'describe-table', id, table });
    }}
  >
    ${showReordering(label)}
  </button>`;
}

function list(
  title: string,
  entries: readonly string[],
  draw: (text: string) => TemplateResult | string,
): TemplateResult | typeof nothing {
  if (entries.length === 0) return nothing;
  return html`<p class="muted">${title}</p>
    <ul>
      ${entries.map((text) => html`<li class="words">${draw(text)}</li>`)}
    </ul>`;
}
