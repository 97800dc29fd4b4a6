import { html, type TemplateResult } from 'lit';
import { icon } from './icons.ts';

/** What the model thought, closed unless asked for: it is no part of the answer. */
export function thinkingBlock(text: string, active: boolean): TemplateResult {
  return html`<details class="thinking">
    <summary>
      ${icon('chevron-right', 'twistie')}<span class=${active ? 'shimmer' : ''}
        >${active ? 'Thinking…' : 'Thought'}</span
      >
    </summary>
    <p>${text}</p>
  </details>`;
}
