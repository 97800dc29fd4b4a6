import { html, nothing, type TemplateResult } from 'lit';
import type { ApprovalRequest } from '../../../chat/vocabulary.ts';
import { showInvisible } from '../../format/invisible.ts';
import { evidenceLink } from '../../markdown/render.ts';
import { icon } from '../icons.ts';
import { plural } from '../../l10n.ts';

/** Lists the evidence for each figure in the outgoing text. Unsupported figures are in the warnings. */
export function claimList({ claims = [] }: ApprovalRequest): TemplateResult | typeof nothing {
  const supported = claims.filter(({ supportedBy }) => supportedBy !== undefined);
  if (supported.length === 0) return nothing;
  return html`<details class="claims">
    <summary class="muted">
      ${icon('chevron-right', 'twistie')}<span
        >${plural(supported.length, '{0} figure supported by evidence', '{0} figures supported by evidence')}</span
      >
    </summary>
    <dl class="arguments">
      ${supported.map(
        ({ text, supportedBy = '', evidence }) =>
          html`<dt>${showInvisible(text)}</dt>
            <dd>${evidence === undefined ? nothing : evidenceLink(evidence)} ${showInvisible(supportedBy)}</dd>`,
      )}
    </dl>
  </details>`;
}
