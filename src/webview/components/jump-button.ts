import { html, type TemplateResult } from 'lit';
import { icon } from './icons.ts';

/** Leads back to the end of the conversation, or to the card that waits there. */
export function jumpButton(waiting: boolean, news: number, onJump: () => void): TemplateResult {
  const label = news === 0 ? 'Newest' : `Newest (${news} new)`;
  return html`<button class="jump" @click=${onJump}>
    ${icon(waiting ? 'shield' : 'arrow-down')}${waiting ? 'Approval needed' : label}
  </button>`;
}
