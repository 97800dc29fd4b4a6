import { html, type TemplateResult } from 'lit';
import type { HealthDetail } from '../../chat/evidence-details.ts';
import { icon } from '../components/icons.ts';
import { showReordering } from '../format/invisible.ts';
import { t } from '../l10n.ts';

const severities = {
  high: { name: t('High'), icon: ['error', 'error'] },
  medium: { name: t('Medium'), icon: ['warning', 'warning'] },
  low: { name: t('Low'), icon: ['info', 'info'] },
} as const;

const order = ['high', 'medium', 'low'] as const;

/** What is wrong, how much it matters, and what to do. */
export function healthFindings({ problems }: HealthDetail): TemplateResult {
  if (problems.length === 0)
    return html`<p class="line-notice">
      ${icon('pass', 'good')}<span class="words">${t('No problems found.')}</span>
    </p>`;
  const sorted = problems.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  return html`<ul class="findings">
    ${sorted.map(({ severity, finding, action }) => {
      const { name, icon: sign } = severities[severity];
      return html`<li>
        ${icon(sign[0], sign[1])}
        <div class="words">
          <b>${name}</b>: ${showReordering(finding)}
          <div class="muted">${action}</div>
        </div>
      </li>`;
    })}
  </ul>`;
}
