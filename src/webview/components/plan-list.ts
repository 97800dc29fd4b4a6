import { html, nothing, type TemplateResult } from 'lit';
import type { PlanStep } from '../../chat/vocabulary.ts';
import { showReordering } from '../format/invisible.ts';
import { icon } from './icons.ts';
import { t } from '../l10n.ts';

const looks = {
  pending: { icon: 'circle-large', word: t('to do') },
  running: { icon: 'arrow-circle-right', word: t('in progress') },
  done: { icon: 'pass-filled', word: t('done') },
  skipped: { icon: 'circle-slash', word: t('skipped') },
} as const;

/** The agent's plan as a checklist, expanded until all steps are done or skipped. */
export function planList(steps: readonly PlanStep[]): TemplateResult | typeof nothing {
  if (steps.length === 0) return nothing;
  const settled = steps.filter(({ status }) => status === 'done' || status === 'skipped').length;
  return html`<details class="plan" ?open=${settled < steps.length}>
    <summary>
      ${icon('chevron-right', 'twistie')}<span>${t('Plan')}</span
      ><span class="muted">${t('{0} of {1}', settled, steps.length)}</span>
    </summary>
    <ol>
      ${steps.map(
        ({ text, status }) =>
          html`<li class="step ${status}">
            ${icon(looks[status].icon)}<span class="words">${showReordering(text)}</span
            ><span class="hidden">, ${looks[status].word}</span>
          </li>`,
      )}
    </ol>
  </details>`;
}
