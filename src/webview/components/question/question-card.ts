import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { FormView, QuestionView } from '../../../chat/chat-state.ts';
import { Component } from '../../component.ts';
import { showReordering } from '../../format/invisible.ts';
import { post } from '../../host.ts';
import { icon } from '../icons.ts';
import { initialAnswers, questionField, type Answers } from './question-field.ts';
import { known, t } from '../../l10n.ts';

/** Asks the user what a third-party server wants to know: a form, or whether to open a web page. */
export class QuestionCard extends Component {
  static override properties = {
    asked: { attribute: false },
    answers: { state: true },
    answered: { state: true },
  };
  declare asked: QuestionView | undefined;
  declare private answers: Answers;
  /** The user's answer, until the host has processed it. */
  declare private answered: string | undefined;

  constructor() {
    super();
    this.asked = undefined;
    this.answers = new Map();
    this.answered = undefined;
  }

  /** Focuses the card itself and not a button, so that a key press meant for something else answers nothing. */
  takeFocus(): void {
    this.find('.question', HTMLElement)?.focus({ preventScroll: true });
    const fits = this.clientHeight <= (this.closest('.transcript')?.clientHeight ?? 0);
    this.scrollIntoView({ block: fits ? 'nearest' : 'start' });
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('asked')) return;
    this.answered = undefined;
    const { asked } = this;
    if (changed.get('asked')?.id !== asked?.id)
      this.answers = asked?.kind === 'form' ? initialAnswers(asked) : new Map();
  }

  override render(): TemplateResult | typeof nothing {
    const { asked } = this;
    if (asked === undefined) return nothing;
    const title = `question-${asked.id}`;
    return html`<section class="question card" tabindex="-1" aria-labelledby=${title} @keydown=${this.onKey}>
      <header>
        ${icon('question', 'attention')}
        <h3 id=${title}>
          ${
            asked.kind === 'form'
              ? t('{0} asks a question', showReordering(asked.server))
              : t('{0} asks you to open a web page', showReordering(asked.server))
          }
        </h3>
      </header>
      <p class="words lines">${showReordering(asked.message)}</p>
      ${
        asked.kind === 'form'
          ? this.form(asked)
          : html`<p class="words"><strong>${asked.host}</strong></p>
              <p class="muted words address">${asked.url}</p>`
      }
      ${
        asked.problem === undefined
          ? nothing
          : html`<p class="line-notice" role="alert">
              ${icon('error', 'error')}<span class="words">${showReordering(known(asked.problem))}</span>
            </p>`
      }
      <div class="answer">${this.buttons(asked)}</div>
    </section>`;
  }

  private form(asked: FormView): TemplateResult {
    return html`${
        asked.fields.length === 0
          ? nothing
          : html`<div class="form">
              ${asked.fields.map((field) => questionField(field, this.answers.get(field.name) ?? '', this.onAnswer))}
            </div>`
      }
      <p class="muted words">${t('Do not enter passwords or tokens. The server receives what you enter.')}</p>`;
  }

  private buttons(asked: QuestionView): TemplateResult {
    if (this.answered !== undefined) {
      return html`<p class="line-notice">${icon('loading', 'codicon-modifier-spin')}${this.answered}</p>`;
    }
    const accept = asked.kind === 'form' ? t('Send') : t('Open {0}', asked.host);
    return html`<div class="buttons">
      <vscode-button title=${asked.kind === 'form' ? t('Ctrl+Enter or ⌘Enter') : nothing} @click=${this.accept}
        >${accept}</vscode-button
      >
      <vscode-button
        secondary
        @click=${() => {
          this.answer('decline', t('Declined.'));
        }}
        >${t('Decline')}</vscode-button
      >
      <vscode-button
        secondary
        @click=${() => {
          this.answer('cancel', t('Dismissed.'));
        }}
        >${t('Dismiss')}</vscode-button
      >
    </div>`;
  }

  private readonly onAnswer = (name: string, value: string | readonly string[]): void => {
    this.answers = new Map(this.answers).set(name, value);
  };

  private readonly accept = (): void => {
    this.answer('accept', this.asked?.kind === 'form' ? t('Sending…') : t('Opening…'));
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    // It must not stop the run and lose what was entered.
    if (event.key === 'Escape') event.stopPropagation();
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || this.asked?.kind !== 'form') return;
    event.preventDefault();
    event.stopPropagation();
    this.accept();
  };

  private answer(action: 'accept' | 'decline' | 'cancel', words: string): void {
    const { asked } = this;
    if (asked === undefined || this.answered !== undefined) return;
    this.answered = words;
    const typed = Object.fromEntries(
      [...this.answers].map(([name, value]) => [name, typeof value === 'string' ? value : [...value]] as const),
    );
    post({
      type: 'answer-question',
      id: asked.id,
      action,
      ...(action === 'accept' && asked.kind === 'form' && { typed }),
    });
  }
}

customElements.define('question-card', QuestionCard);
