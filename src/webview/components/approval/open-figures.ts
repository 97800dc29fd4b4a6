import { html, nothing, type TemplateResult } from 'lit';
import type { OutgoingClaim } from '../../../chat/vocabulary.ts';
import { evidenceLink } from '../../markdown/render.ts';
import type { Figures } from '../../markdown/figures.ts';
import { icon } from '../icons.ts';

/** Lists the figures that no evidence supports: what a result says instead, and one button each that writes it. */
export function openFigureList({ open, correct }: Figures): TemplateResult | typeof nothing {
  if (open.length === 0) return nothing;
  return html`<ul class="warnings open-figures" aria-label="Figures without evidence">
    ${open.map((claim) => row(claim, correct))}
  </ul>`;
}

function row(claim: OutgoingClaim, correct: Figures['correct']): TemplateResult {
  const { text, suggestion } = claim;
  const none = html`No evidence supports <strong>${text}</strong>.`;
  if (suggestion === undefined) {
    return html`<li>${icon('warning', 'warning')}<span class="words">${none} Check before you approve.</span></li>`;
  }
  return html`<li>
    ${icon('warning', 'warning')}
    <span class="words"
      >${none} ${evidenceLink(suggestion.evidence, suggestion.source)} says <strong>${suggestion.text}</strong>.
      ${
        correct === undefined
          ? nothing
          : html`<button
              class="link"
              aria-label="Use ${suggestion.text} instead of ${text}"
              @click=${() => {
                correct(claim);
              }}
            >
              Use ${suggestion.text}
            </button>`
      }</span
    >
  </li>`;
}
