import { html, nothing, type TemplateResult } from 'lit';
import { icon } from './icons.ts';

/** What the person asked, with what went along. Long prompts scroll inside. */
export function promptBubble(text: string, context: readonly string[], runbook: string | undefined): TemplateResult {
  const labels = [
    ...(runbook === undefined ? [] : [{ icon: 'book', label: runbook }]),
    ...context.map((label) => ({ icon: 'attach', label })),
  ];
  return html`<div class="prompt">
    <h2 class="hidden">You</h2>
    <p class="words scroll" tabindex=${text.length > 400 ? '0' : nothing}>${text}</p>
    ${
      labels.length === 0
        ? nothing
        : html`<ul class="attached">
            ${labels.map((entry) => html`<li>${icon(entry.icon)}<span class="words">${entry.label}</span></li>`)}
          </ul>`
    }
  </div>`;
}
