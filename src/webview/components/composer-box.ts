import { html, nothing, type TemplateResult } from 'lit';
import type { ContextChip } from '../../chat/messages.ts';
import { Component } from '../component.ts';
import { loadDraft, post, saveDraft } from '../host.ts';
import { icon } from './icons.ts';

const chipIcons = { selection: 'list-selection', file: 'file-code', diagnostics: 'warning' } as const;

/** The input box. Enter sends, Shift+Enter adds a line, Escape stops the run. The draft survives closing the view. */
export class ComposerBox extends Component {
  static override properties = {
    chips: { attribute: false },
    busy: { attribute: false },
    meter: { attribute: false },
    draft: { state: true },
    toggled: { state: true },
    refused: { state: true },
  };
  declare chips: readonly ContextChip[];
  declare busy: boolean;
  declare meter: TemplateResult | typeof nothing;
  declare private draft: string;
  /** Ids of chips that the user attached or removed, contrary to the suggestion. */
  declare private toggled: ReadonlySet<string>;
  /** Set if the user tried to send a message during a run. */
  declare private refused: boolean;

  constructor() {
    super();
    this.chips = [];
    this.busy = false;
    this.meter = nothing;
    this.draft = loadDraft();
    this.toggled = new Set();
    this.refused = false;
  }

  /** Adds text to the draft for the user to review and send. */
  async insert(text: string): Promise<void> {
    const before = this.draft.trimEnd();
    if (!before.endsWith(text)) this.setDraft(before === '' ? text : `${before}\n${text}`);
    await this.updateComplete;
    this.takeFocus();
  }

  takeFocus(): void {
    this.input()?.focus();
  }

  /** True while the user is typing. Nothing else may take the focus then. */
  isWriting(): boolean {
    return this.draft !== '' && document.activeElement === this.input();
  }

  override render(): TemplateResult {
    return html`<div class="composer">
      ${this.chips.length === 0 ? nothing : this.chipRow()}
      <textarea
        rows="1"
        aria-label="Ask Switchboard"
        placeholder="Ask about data, tickets or code"
        maxlength="200000"
        .value=${this.draft}
        @input=${this.onInput}
        @keydown=${this.onKey}
      ></textarea>
      <div class="composer-foot">
        <span class="words muted" role="status"
          >${this.refused && this.busy ? 'A run is in progress. Press Escape to stop it.' : nothing}</span
        >
        ${this.refused && this.busy ? nothing : this.meter}<span class="space"></span>
        ${
          this.busy
            ? html`<button class="icon-button" title="Stop (Escape)" aria-label="Stop" @click=${stop}>
                ${icon('stop-circle')}
              </button>`
            : html`<button
                class="icon-button"
                title="Send (Enter)"
                aria-label="Send"
                ?disabled=${this.draft.trim() === ''}
                @click=${this.send}
              >
                ${icon('send')}
              </button>`
        }
      </div>
    </div>`;
  }

  private chipRow(): TemplateResult {
    return html`<ul class="chips" aria-label="Context">
      ${this.chips.map((chip) => {
        const on = this.isOn(chip);
        return html`<li>
          <button
            class="chip ${on ? 'on' : ''}"
            aria-pressed=${on}
            title=${`${chip.detail}: ${on ? 'attached to your message' : 'click to attach'}`}
            @click=${() => {
              this.toggle(chip.id);
            }}
          >
            ${icon(chipIcons[chip.kind])}<span class="ellipsis">${chip.label}</span>${icon(on ? 'close' : 'add')}
          </button>
        </li>`;
      })}
    </ul>`;
  }

  private isOn({ id, suggested }: ContextChip): boolean {
    return suggested !== this.toggled.has(id);
  }

  private toggle(id: string): void {
    const toggled = new Set(this.toggled);
    if (!toggled.delete(id)) toggled.add(id);
    this.toggled = toggled;
  }

  private readonly onInput = (): void => {
    this.refused = false;
    this.setDraft(this.input()?.value ?? '');
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    // `isComposing`: Enter confirms a word in an input method and must not send.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.send();
  };

  private readonly send = (): void => {
    const text = this.draft.trim();
    this.refused = text !== '' && this.busy;
    if (text === '' || this.busy) return;
    post({ type: 'send', text, chips: this.chips.filter((chip) => this.isOn(chip)).map(({ id }) => id) });
    this.setDraft('');
    this.toggled = new Set();
  };

  private setDraft(draft: string): void {
    this.draft = draft;
    saveDraft(draft);
  }

  private input(): HTMLTextAreaElement | undefined {
    return this.find('textarea', HTMLTextAreaElement);
  }
}

function stop(): void {
  post({ type: 'stop' });
}

customElements.define('composer-box', ComposerBox);
