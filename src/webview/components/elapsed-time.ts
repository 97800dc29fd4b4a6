import { nothing } from 'lit';
import { Component } from '../component.ts';
import { duration } from '../format/quantity.ts';
import { elapsedOf } from '../running-calls.ts';

/** How long a call has been running, in whole seconds, from its first second on. */
export class ElapsedTime extends Component {
  static override properties = { callId: { attribute: false } };
  declare callId: string;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.callId = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.timer = setInterval(() => this.requestUpdate(), 1000);
  }

  override disconnectedCallback(): void {
    clearInterval(this.timer);
    super.disconnectedCallback();
  }

  override render(): string | typeof nothing {
    const seconds = Math.floor(elapsedOf(this.callId) / 1000);
    return seconds === 0 ? nothing : duration(seconds * 1000);
  }
}

customElements.define('elapsed-time', ElapsedTime);
