import { html, nothing, type TemplateResult } from 'lit';
import { post } from '../host.ts';
import { icon, iconButton } from './icons.ts';
import { t } from '../l10n.ts';

interface Prompt {
  readonly text: string;
  readonly context: readonly string[];
  readonly runbook?: string | undefined;
  readonly resumed: boolean;
  /** Empty until its run has started. */
  readonly run?: string;
}

/** The user's prompt with its attachments. Long prompts scroll. A resumed run does not repeat its prompt. */
export function promptBubble({ text, context, runbook, resumed, run = '' }: Prompt): TemplateResult {
  if (resumed) {
    return html`<div class="line-notice muted">
      ${icon('debug-continue')}
      <h2 class="plain">${t('Continued')}</h2>
    </div>`;
  }
  const labels = [
    ...(runbook === undefined ? [] : [{ icon: 'book', label: runbook }]),
    ...context.map((label) => ({ icon: 'attach', label })),
  ];
  return html`<div class="prompt">
    <h2 class="hidden">${t('You')}</h2>
    <p class="words scroll" dir="auto" tabindex=${text.length > 400 ? '0' : nothing}>${text}</p>
    ${
      labels.length === 0
        ? nothing
        : html`<ul class="attached">
            ${labels.map((entry) => html`<li>${icon(entry.icon)}<span class="words">${entry.label}</span></li>`)}
          </ul>`
    }
    ${
      run === ''
        ? nothing
        : html`<span class="prompt-action"
            >${iconButton('edit', t('Change this prompt in a new session'), () => post({ type: 'branch', run, place: 'before' }))}</span
          >`
    }
  </div>`;
}

/** Repeats the prompt in one line while the prompt itself is out of view. A screen reader finds the prompt as a heading. */
export function pinnedPrompt(text: string, onClick: () => void): TemplateResult {
  return html`<div class="pin" aria-hidden="true">
    <button tabindex="-1" title=${t('Show the prompt')} @click=${onClick}>
      ${icon('account')}<span class="ellipsis" dir="auto">${text.replaceAll(/\s+/gu, ' ').slice(0, 300)}</span>
    </button>
  </div>`;
}
