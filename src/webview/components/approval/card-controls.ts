import { html, type TemplateResult } from 'lit';

export type View = 'preview' | 'edit' | 'raw';

const views = { preview: 'Preview', edit: 'Edit', raw: 'Raw' } as const;

/** Switches between the ways to look at a card. */
export function viewButtons(shown: View, onView: (view: View) => void): TemplateResult {
  return html`<div class="switch" role="group" aria-label="Show">
    ${(['preview', 'edit', 'raw'] as const).map(
      (view) =>
        html`<button
          aria-pressed=${shown === view}
          @click=${() => {
            onView(view);
          }}
        >
          ${views[view]}
        </button>`,
    )}
  </div>`;
}

/** Asks for the reason of a denial. `onAnswer` gets undefined if the person goes back. */
export function reasonRow(onAnswer: (reason: string | undefined) => void): TemplateResult {
  const deny = ({ target }: Event): void => {
    const row = target instanceof Element ? target.closest('.buttons') : null;
    const input = row?.querySelector('input.reason');
    onAnswer(input instanceof HTMLInputElement ? input.value : '');
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && !event.isComposing) deny(event);
    if (event.key === 'Escape') onAnswer(undefined);
    if (event.key === 'Enter' || event.key === 'Escape') event.stopPropagation();
  };
  return html`<div class="buttons">
    <input
      class="reason"
      aria-label="Reason for denial"
      placeholder="Why? (optional)"
      maxlength="2000"
      @keydown=${onKey}
    />
    <vscode-button @click=${deny}>Deny</vscode-button>
    <vscode-button
      secondary
      @click=${() => {
        onAnswer(undefined);
      }}
      >Back</vscode-button
    >
  </div>`;
}
