import { html, type TemplateResult } from 'lit';
import { icon } from './icons.ts';
import { t } from '../l10n.ts';

/** The model's thinking. Collapsed by default, because it is not part of the answer. */
export function thinkingBlock(text: string, active: boolean): TemplateResult {
  return html`<details class="thinking">
    <summary>
      ${icon('chevron-right', 'twistie')}<span class=${active ? 'shimmer' : ''}
        >${active ? t('Thinking…') : t('Thought')}</span
      >
    </summary>
    <p>${text}</p>
  </details>`;
}
