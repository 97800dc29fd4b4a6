import { html, type TemplateResult } from 'lit';
import { icon } from './icons.ts';
import { t } from '../l10n.ts';

/** Leads back to the end of the conversation, or to the card that waits there. */
export function jumpButton(waiting: boolean, news: number, onJump: () => void): TemplateResult {
  const label = news === 0 ? t('Newest') : t('Newest ({0} new)', news);
  return html`<button class="jump" @click=${onJump}>
    ${icon(waiting ? 'shield' : 'arrow-down')}${waiting ? t('Approval needed') : label}
  </button>`;
}
