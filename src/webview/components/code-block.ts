import { html, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { post } from '../host.ts';
import { highlight, type CodeNode } from '../markdown/highlight.ts';
import { iconButton } from './icons.ts';
import { t } from '../l10n.ts';

interface Code {
  /** A Markdown info string. */
  readonly language: string;
  /** Not highlighted yet, because more of it follows. */
  readonly growing?: boolean;
  /** Before the Copy button. */
  readonly actions?: TemplateResult | undefined;
}

/** Highlighted code with a Copy button. */
export function codeBlock(code: string, { language, growing = false, actions }: Code): TemplateResult {
  const copy = (): void => {
    post({ type: 'copy-text', text: code });
  };
  return html`<div class="code-block">
    <div class="code-actions">${actions}${iconButton('copy', t('Copy'), copy)}</div>
    <pre tabindex="0" role="group" aria-label=${language === '' ? t('Code') : t('Code, {0}', language)}><code>${guard(
      [code, language, growing],
      () => (growing ? code : highlight(code, language).map(piece)),
    )}</code></pre>
  </div>`;
}

function piece(node: CodeNode): TemplateResult | string {
  if (typeof node === 'string') return node;
  return html`<span class="code-${node.scope.split('.')[0]}">${node.children.map(piece)}</span>`;
}
