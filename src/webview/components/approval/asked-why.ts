import { html, nothing, type TemplateResult } from 'lit';
import type { ApprovalRequest } from '../../../chat/vocabulary.ts';
import { showInvisible } from '../../format/invisible.ts';
import { icon } from '../icons.ts';
import { known, t } from '../../l10n.ts';

/** The policy's reasons. A changed definition is part of the question, so it is open from the start. */
export function askedWhy({ reasons, tool }: ApprovalRequest): TemplateResult | typeof nothing {
  if (reasons.length === 0) return nothing;
  return html`<details class="why" ?open=${tool.change?.kind === 'changed'}>
    <summary class="muted">${icon('chevron-right', 'twistie')}<span>${t('Why am I asked?')}</span></summary>
    <ul>
      ${reasons.map((reason) => html`<li class="words lines">${showInvisible(known(reason))}</li>`)}
    </ul>
  </details>`;
}
