import { html, nothing, type TemplateResult } from 'lit';
import type { OutgoingClaim } from '../../../chat/vocabulary.ts';
import { evidenceLink } from '../../markdown/render.ts';
import type { Figures } from '../../markdown/figures.ts';
import { icon } from '../icons.ts';
import { rich, t } from '../../l10n.ts';

/** Lists the figures that no evidence supports: what a result says instead, and one button each that writes it. */
export function openFigureList({ open, correct }: Figures): TemplateResult | typeof nothing {
  if (open.length === 0) return nothing;
  return html`<ul class="warnings open-figures" aria-label=${t('Figures without evidence')}>
    ${open.map((claim) => row(claim, correct))}
  </ul>`;
}

function row(claim: OutgoingClaim, correct: Figures['correct']): TemplateResult {
  const { text, suggestion } = claim;
  const none = rich('No evidence supports {0}.', html`<strong>${text}</strong>`);
  if (suggestion === undefined) {
    return html`<li>
      ${icon('warning', 'warning')}<span class="words">${none} ${t('Check before you approve.')}</span>
    </li>`;
  }
  return html`<li>
    ${icon('warning', 'warning')}
    <span class="words"
      >${none}
      ${rich('{0} says {1}.', evidenceLink(suggestion.evidence, suggestion.source), html`<strong>${suggestion.text}</strong>`)}
      ${
        correct === undefined
          ? nothing
          : html`<button
              class="link"
              aria-label=${t('Use {0} instead of {1}', suggestion.text, text)}
              @click=${() => {
                correct(claim);
              }}
            >
              ${t('Use {0}', suggestion.text)}
            </button>`
      }</span
    >
  </li>`;
}
