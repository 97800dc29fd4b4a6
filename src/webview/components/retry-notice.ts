import { html, type PropertyValues, type TemplateResult } from 'lit';
import type { RetryView } from '../../chat/chat-state.ts';
import { Component } from '../component.ts';
import { icon } from './icons.ts';
import { known, t } from '../l10n.ts';

/** Says what failed and counts down to the next attempt. The countdown starts when the notice is first shown. */
export class RetryNotice extends Component {
  static override properties = { retry: { attribute: false }, left: { state: true } };
  declare retry: RetryView;
  /** Seconds. */
  declare private left: number;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.retry = { reason: '', attempt: 0, delayMs: 0 };
    this.left = 0;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('retry')) return;
    const until = Date.now() + this.retry.delayMs;
    const count = (): void => {
      this.left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      if (this.left === 0) clearInterval(this.timer);
    };
    clearInterval(this.timer);
    this.timer = setInterval(count, 1000);
    count();
  }

  override disconnectedCallback(): void {
    clearInterval(this.timer);
    super.disconnectedCallback();
  }

  override render(): TemplateResult {
    const when = this.left === 0 ? t('Trying again…') : t('Trying again in {0} s.', this.left);
    return html`<div class="line-notice">
      ${icon('history')}<span class="words">${known(this.retry.reason)}. ${when}</span>
      <span class="muted fixed">${t('attempt {0}', this.retry.attempt)}</span>
    </div>`;
  }
}

customElements.define('retry-notice', RetryNotice);
