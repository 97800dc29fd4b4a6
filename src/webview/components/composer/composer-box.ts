import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { ContextChip, ModelStatus } from '../../../chat/messages.ts';
import { Component } from '../../component.ts';
import { loadDraft, post, saveDraft } from '../../host.ts';
import { icon } from '../icons.ts';
import { contextChips } from './context-chips.ts';
import { giveFiles } from './given-files.ts';
import { Completer } from './completer.ts';
import { completionList, listId, optionId } from './completion-list.ts';
import { PromptHistory } from './prompt-history.ts';
import type { Completion } from '../../../chat/mentions.ts';
import { t } from '../../l10n.ts';

/**
 * The input box. Enter sends, Shift+Enter adds a line, Escape stops the run, Up brings back the last prompt; `@`, `#`
 * and `/` suggest names. The draft survives closing the view.
 */
export class ComposerBox extends Component {
  static override properties = {
    chips: { attribute: false },
    attached: { attribute: false },
    busy: { attribute: false },
    model: { attribute: false },
    prompts: { attribute: false },
    meter: { attribute: false },
    draft: { state: true },
    toggled: { state: true },
    refused: { state: true },
  };
  declare chips: readonly ContextChip[];
  /** Files and texts that the user has added. */
  declare attached: readonly ContextChip[];
  declare busy: boolean;
  declare model: ModelStatus | undefined;
  /** Earlier prompts of the session, oldest first. */
  declare prompts: readonly string[];
  declare meter: TemplateResult | typeof nothing;
  declare private draft: string;
  /** Ids of chips that the user attached or removed, contrary to the suggestion. */
  declare private toggled: ReadonlySet<string>;
  /** Set if the user tried to send a message during a run. */
  declare private refused: boolean;
  private readonly completer = new Completer(this);
  private readonly history = new PromptHistory();

  constructor() {
    super();
    this.chips = [];
    this.attached = [];
    this.busy = false;
    this.model = undefined;
    this.prompts = [];
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
    return html`<div class="composer" @dragover=${onDragOver} @drop=${this.onGiven}>
      ${this.chips.length + this.attached.length === 0 ? nothing : this.chipRow()}
      ${completionList({ items: this.completer.items, active: this.completer.active, onChoose: this.choose })}
      ${this.textarea()}
      <span class="hidden" role="status">${this.completer.status}</span>
      <div class="composer-foot">
        <span class="words muted" role="status"
          >${this.refused && this.busy ? t('A run is in progress. Press Escape to stop it.') : nothing}</span
        >
        ${this.refused && this.busy ? nothing : this.meter}<span class="space"></span>${this.modelButton()}
        ${
          this.busy
            ? html`<button class="icon-button" title=${t('Stop (Escape)')} aria-label=${t('Stop')} @click=${stop}>
                ${icon('stop-circle')}
              </button>`
            : html`<button
                class="icon-button"
                title=${t('Send (Enter)')}
                aria-label=${t('Send')}
                ?disabled=${this.draft.trim() === ''}
                @click=${this.send}
              >
                ${icon('send')}
              </button>`
        }
      </div>
    </div>`;
  }

  private modelButton(): TemplateResult | typeof nothing {
    if (this.model === undefined || this.model.state === 'not-configured') return nothing;
    return html`<button
      class="model-button"
      title=${t('Choose model and effort')}
      aria-label=${t('Model: {0}. Choose model and effort', this.model.label)}
      @click=${chooseModel}
    >
      <span class="ellipsis">${this.model.label}</span>${icon('chevron-down')}
    </button>`;
  }

  private textarea(): TemplateResult {
    const { active, items, isOpen } = this.completer;
    return html`<textarea
      rows="1"
      dir="auto"
      aria-label=${t('Ask Switchboard')}
      aria-autocomplete="list"
      aria-haspopup="listbox"
      aria-controls=${isOpen ? listId : nothing}
      aria-activedescendant=${active === undefined ? nothing : optionId(items.indexOf(active))}
      placeholder=${t('Ask about data, tickets or code')}
      maxlength="200000"
      .value=${live(this.draft)}
      @input=${this.onInput}
      @compositionend=${this.followCaret}
      @click=${this.followCaret}
      @blur=${this.onBlur}
      @paste=${this.onGiven}
      @keydown=${this.onKey}
      @keyup=${this.onKeyUp}
    ></textarea>`;
  }

  private chipRow(): TemplateResult {
    return contextChips({
      chips: this.chips,
      attached: this.attached,
      isOn: (chip) => this.isOn(chip),
      onToggle: (id) => {
        this.toggle(id);
      },
      onDetach: (id) => {
        post({ type: 'detach', id });
        this.takeFocus();
      },
    });
  }

  private isOn({ id, suggested }: ContextChip): boolean {
    return suggested !== this.toggled.has(id);
  }

  private toggle(id: string): void {
    const toggled = new Set(this.toggled);
    if (!toggled.delete(id)) toggled.add(id);
    this.toggled = toggled;
  }

  private readonly onInput = (event: Event): void => {
    this.refused = false;
    this.history.reset();
    this.setDraft(this.input()?.value ?? '');
    // What an input method is composing is not a name yet.
    if (!(event instanceof InputEvent && event.isComposing)) this.followCaret();
  };

  private readonly followCaret = (): void => {
    const input = this.input();
    if (input === undefined) return;
    const caret = input.selectionStart === input.selectionEnd ? input.selectionEnd : -1;
    this.completer.follow(input.value, caret);
  };

  private readonly onBlur = (): void => {
    this.completer.close();
  };

  private readonly onGiven = (event: ClipboardEvent | DragEvent): void => {
    if (giveFiles(event instanceof DragEvent ? event.dataTransfer : event.clipboardData)) event.preventDefault();
  };

  private readonly onKeyUp = ({ key, isComposing }: KeyboardEvent): void => {
    if (!isComposing && ['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(key)) this.followCaret();
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    // `isComposing`: Enter confirms a word in an input method, and arrows choose one.
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const isHandled = this.completer.isOpen ? this.onListKey(event) : this.onHistoryKey(event);
    if (isHandled) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.send();
    }
  };

  private onListKey({ key, shiftKey }: KeyboardEvent): boolean {
    const { active } = this.completer;
    if (key === 'Enter' && this.completer.acceptTyped()) return false;
    if (key === 'Escape') this.completer.close();
    else if (key === 'ArrowDown' || key === 'ArrowUp') this.completer.move(key === 'ArrowDown' ? 1 : -1);
    else if ((key === 'Enter' || key === 'Tab') && !shiftKey && active !== undefined) this.choose(active);
    else return false;
    return true;
  }

  /** Up from the first line, Down from the last. */
  private onHistoryKey({ key, shiftKey }: KeyboardEvent): boolean {
    const input = this.input();
    if (input === undefined || shiftKey || input.selectionStart !== input.selectionEnd) return false;
    const { value, selectionEnd: caret } = input;
    const isUp = key === 'ArrowUp' && !value.slice(0, caret).includes('\n');
    const isDown = key === 'ArrowDown' && !value.slice(caret).includes('\n');
    if (!isUp && !isDown) return false;
    const prompt = isUp ? this.history.back(this.prompts, value) : this.history.forward(this.prompts);
    if (prompt !== undefined) this.write(prompt, prompt.length);
    return prompt !== undefined;
  }

  private readonly choose = (item: Completion): void => {
    const completed = this.completer.accept(this.draft, item);
    if (completed !== undefined) this.write(completed.text, completed.caret);
  };

  private write(text: string, caret: number): void {
    this.setDraft(text);
    void this.updateComplete.then(() => this.input()?.setSelectionRange(caret, caret));
  }

  private readonly send = (): void => {
    const text = this.draft.trim();
    this.refused = text !== '' && this.busy;
    if (text === '' || this.busy) return;
    const mentions = this.completer.take(text);
    post({
      type: 'send',
      text,
      chips: [...this.attached, ...this.chips.filter((chip) => this.isOn(chip))].map(({ id }) => id),
      ...(mentions.length > 0 && { mentions: [...mentions] }),
    });
    this.setDraft('');
    this.history.reset();
    this.completer.close();
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

/** Without this, nothing can be dropped here. */
function onDragOver(event: DragEvent): void {
  event.preventDefault();
}

function chooseModel(): void {
  post({ type: 'run-command', command: 'switchboard.chooseModel' });
}

function stop(): void {
  post({ type: 'stop' });
}

customElements.define('composer-box', ComposerBox);
