import { html, nothing, type TemplateResult } from 'lit';
import type { ApprovalRequest } from '../../../chat/vocabulary.ts';
import { fieldsOf } from '../../format/edit-arguments.ts';
import { argumentText } from '../../format/value.ts';
import { showInvisible } from '../../format/invisible.ts';
import { withFigures, type Figures } from '../../markdown/figures.ts';
import { icon } from '../icons.ts';
import { t } from '../../l10n.ts';

/** What a tool without a preview would be called with: its schema's form, filled in. Its words are another's. */
export function schemaForm(request: ApprovalRequest, figures: Figures): TemplateResult {
  const fields = fieldsOf(request).filter(({ argument }) => argument !== undefined);
  const given = fields.filter(({ argument = '' }) => Object.hasOwn(request.arguments, argument));
  const unset = fields.filter((field) => !given.includes(field)).map(({ label }) => showInvisible(label));
  return html`<dl class="schema-form">
      ${given.map(
        (field) =>
          html`<dt>${showInvisible(field.label)}</dt>
            <dd>
              ${value(request.arguments[field.argument ?? ''], figures)}
              ${
                field.description === undefined
                  ? nothing
                  : html`<p class="muted words">${showInvisible(field.description)}</p>`
              }
            </dd>`,
      )}
    </dl>
    ${given.length === 0 ? html`<p class="muted">${t('It is called without arguments.')}</p>` : nothing}
    ${unset.length === 0 ? nothing : html`<p class="muted words">${t('Left as the server has it: {0}', unset.join(', '))}</p>`}`;
}

function value(raw: unknown, figures: Figures): TemplateResult {
  if (raw === null) return html`<i class="muted">${t('nothing')}</i>`;
  if (typeof raw === 'boolean') return html`${icon(raw ? 'check' : 'close')} ${raw ? t('yes') : t('no')}`;
  if (Array.isArray(raw) && raw.every((entry) => typeof entry === 'string')) {
    return raw.length === 0
      ? html`<i class="muted">${t('empty list')}</i>`
      : html`<span class="lozenges"
          >${raw.map((entry) => html`<span class="lozenge">${showInvisible(entry)}</span> `)}</span
        >`;
  }
  if (raw === '') return html`<i class="muted">${t('empty text')}</i>`;
  const isTree = typeof raw === 'object';
  const text = isTree ? JSON.stringify(raw, undefined, 2) : (argumentText(raw) ?? '');
  const marked = withFigures(showInvisible(text), figures);
  return isTree ? html`<pre class="raw">${marked}</pre>` : html`<span class="words lines">${marked}</span>`;
}
