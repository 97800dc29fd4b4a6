import { html, nothing, type TemplateResult } from 'lit';
import type { Completion, MentionKind } from '../../../chat/mentions.ts';
import { icon } from '../icons.ts';
import { t } from '../../l10n.ts';

const kinds: Readonly<Record<MentionKind, { readonly icon: string; readonly word: string }>> = {
  table: { icon: 'table', word: t('table') },
  column: { icon: 'symbol-field', word: t('column') },
  ticket: { icon: 'issues', word: t('ticket') },
  person: { icon: 'person', word: t('person') },
  file: { icon: 'file-code', word: t('file') },
  symbol: { icon: 'symbol-method', word: t('symbol') },
  channel: { icon: 'comment-discussion', word: t('channel') },
  runbook: { icon: 'notebook', word: t('runbook') },
};

export const listId = 'composer-completions';

export function optionId(index: number): string {
  return `${listId}-${index}`;
}

interface CompletionListOptions {
  readonly items: readonly Completion[];
  readonly active: Completion | undefined;
  readonly onChoose: (item: Completion) => void;
}

/** The focus stays in the text, which names the active option. */
export function completionList({ items, active, onChoose }: CompletionListOptions): TemplateResult | typeof nothing {
  if (items.length === 0) return nothing;
  return html`<ul class="completions" id=${listId} role="listbox" aria-label=${t('Suggestions')}>
    ${items.map((item, index) => {
      const { label, detail, kind } = item;
      return html`<li
        id=${optionId(index)}
        role="option"
        aria-selected=${item === active}
        title=${detail}
        @mousedown=${(event: Event) => {
          event.preventDefault();
        }}
        @click=${() => {
          onChoose(item);
        }}
      >
        ${icon(kinds[kind].icon)}<span class="hidden">${kinds[kind].word} </span><bdi class="ellipsis">${label}</bdi
        ><bdi class="detail muted ellipsis">${detail}</bdi>
      </li>`;
    })}
  </ul>`;
}
