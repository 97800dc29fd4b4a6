import { html, nothing, type TemplateResult } from 'lit';
import type { ApprovalRequest } from '../../../chat/vocabulary.ts';
import { t, term } from '../../l10n.ts';

export type View = 'preview' | 'edit' | 'raw';

const views = { preview: t('Preview'), edit: t('Edit'), raw: t('Raw') } as const;

/** Switches between the ways to look at a card. */
export function viewButtons(shown: View, onView: (view: View) => void): TemplateResult {
  return html`<div class="switch" role="group" aria-label=${t('Show')}>
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
      aria-label=${t('Reason for denial')}
      placeholder=${t('Why? (optional)')}
      maxlength="2000"
      @keydown=${onKey}
    />
    <vscode-button @click=${deny}>${t('Deny')}</vscode-button>
    <vscode-button
      secondary
      @click=${() => {
        onAnswer(undefined);
      }}
      >${t('Back')}</vscode-button
    >
  </div>`;
}

const scopeLabels = { run: t('Approve for This Run'), always: t('Always Allow Here') } as const;

type Scope = 'once' | keyof typeof scopeLabels;

/** Once, and for as long as the request allows. */
export function approveButtons(
  { preview, tool, scopes }: ApprovalRequest,
  label: string,
  onApprove: (scope: Scope) => void,
): TemplateResult {
  const where = preview?.destination.name ?? tool.server;
  const button = (scope: Scope): TemplateResult =>
    html`<vscode-button
      ?secondary=${scope !== 'once'}
      title=${
        scope === 'once'
          ? t('Ctrl+Enter or ⌘Enter')
          : scope === 'always'
            ? t('Stop asking about {0} to {1}', term(tool.title), where)
            : nothing
      }
      @click=${() => {
        onApprove(scope);
      }}
      >${scope === 'once' ? label : scopeLabels[scope]}</vscode-button
    >`;
  return html`${button('once')}${scopes.map(button)}`;
}
