import { html, nothing, type TemplateResult } from 'lit';
import type { ConditionState } from '../../chat/vocabulary.ts';
import { icon } from './icons.ts';
import { t } from '../l10n.ts';

/** The conditions of a runbook, each with the values that decided it. */
export function conditionList(conditions: readonly ConditionState[]): TemplateResult | typeof nothing {
  if (conditions.length === 0) return nothing;
  return html`<ul class="conditions" aria-label=${t('Runbook conditions')}>
    ${conditions.map(
      ({ name, expression, explained, holds }) =>
        html`<li title=${expression}>
          ${icon(holds ? 'check' : 'close', holds ? 'good' : 'muted')}
          <span class="words">
            ${name} <code>${explained}</code> <span class="muted">${holds ? t('met') : t('not met')}</span>
          </span>
        </li>`,
    )}
  </ul>`;
}
