import { diffWordsWithSpace } from 'diff';
import { html, nothing, type TemplateResult } from 'lit';
import { showInvisible } from '../../format/invisible.ts';
import { icon } from '../icons.ts';
import { t } from '../../l10n.ts';

/** What a person changed in a text, word by word. Unchanged stretches are shortened. */
export function textChanges(draft: string, text: string): TemplateResult | typeof nothing {
  if (draft === text) return nothing;
  const parts = diffWordsWithSpace(draft, text, { timeout: maxMs });
  return html`<details class="changes">
    <summary class="muted">${icon('chevron-right', 'twistie')}<span>${t("Changes from Claude's draft")}</span></summary>
    <p class="lines words">
      ${
        parts === undefined
          ? html`<del>${showInvisible(draft)}</del> <ins>${showInvisible(text)}</ins>`
          : parts.map(({ added, removed, value }) => {
              const shown = showInvisible(value);
              if (added) return html`<ins>${shown}</ins>`;
              return removed ? html`<del>${shown}</del>` : shorten(shown);
            })
      }
    </p>
  </details>`;
}

/** A text this different is shown whole, before and after. */
const maxMs = 50;
const context = 60;

function shorten(text: string): string {
  return text.length <= 3 * context ? text : `${text.slice(0, context)} … ${text.slice(-context)}`;
}
