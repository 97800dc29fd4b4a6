import { html, nothing, type TemplateResult } from 'lit';
import type { ToolFailure } from '../../chat/vocabulary.ts';
import { showReordering } from '../format/invisible.ts';
import { commandButtons } from './command-buttons.ts';
import { known } from '../l10n.ts';

export function failureBox({ code, message, hint }: ToolFailure): TemplateResult {
  return html`<div class="failure">
    <p class="words">${showReordering(known(message))} <code>${code}</code></p>
    ${hint === undefined ? nothing : html`<p class="words muted">${showReordering(known(hint))}</p>`}
    <div class="buttons">${commandButtons(code)}</div>
  </div>`;
}
