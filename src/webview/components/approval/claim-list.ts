import { html, nothing, type TemplateResult } from 'lit';
import type { ApprovalRequest } from '../../../chat/vocabulary.ts';
import { showInvisible } from '../../format/invisible.ts';
import { evidenceLink } from '../../markdown/render.ts';
import { icon } from '../icons.ts';

/** Lists the evidence for each figure in the outgoing text. Unsupported figures are in the warnings. */
export function claimList({ claims = [] }: ApprovalRequest): TemplateResult | typeof nothing {
  const held = claims.filter(({ heldBy }) => heldBy !== undefined);
  if (held.length === 0) return nothing;
  return html`<details class="claims">
    <summary class="muted">
      ${icon('chevron-right', 'twistie')}<span
        >${held.length === 1 ? '1 figure' : `${held.length} figures`} supported by evidence</span
      >
    </summary>
    <dl class="arguments">
      ${held.map(
        ({ text, heldBy = '', evidence }) =>
          html`<dt>${showInvisible(text)}</dt>
            <dd>${evidence === undefined ? nothing : evidenceLink(evidence)} ${showInvisible(heldBy)}</dd>`,
      )}
    </dl>
  </details>`;
}
