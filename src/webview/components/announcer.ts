import { html, type TemplateResult } from 'lit';
import { Component } from '../component.ts';
import type { Announcement } from '../format/announce.ts';

/** Live regions that screen readers announce and that are visually hidden. */
export class Announcer extends Component {
  static override properties = { polite: { state: true }, urgent: { state: true } };
  declare private polite: string;
  declare private urgent: string;

  constructor() {
    super();
    this.polite = '';
    this.urgent = '';
  }

  say(announcements: readonly Announcement[]): void {
    for (const { text, urgent } of announcements) {
      // A screen reader ignores an unchanged region, so a no-break space makes a repeated text different.
      if (urgent) this.urgent = this.urgent === text ? `${text}\u00A0` : text;
      else this.polite = this.polite === text ? `${text}\u00A0` : text;
    }
  }

  override render(): TemplateResult {
    return html`
      <div class="hidden" aria-live="polite">${this.polite}</div>
      <div class="hidden" aria-live="assertive">${this.urgent}</div>
    `;
  }
}

customElements.define('live-announcer', Announcer);
