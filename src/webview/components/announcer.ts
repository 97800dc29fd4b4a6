import { html, type TemplateResult } from 'lit';
import { Component } from '../component.ts';
import type { Announcement } from '../format/announce.ts';

/** The live regions: what is put here is spoken by a screen reader and seen by nobody. */
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
      // A region that is set to what it says already stays silent: one no-break space makes it another text.
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
