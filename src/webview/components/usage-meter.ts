import { html, nothing, type TemplateResult } from 'lit';
import { totalUsage, type ChatState } from '../../chat/chat-state.ts';
import { count, dollars, tokens } from '../format/quantity.ts';

/** Tokens and cost of the session so far; the tooltip has the last run's particulars. */
export function usageMeter(state: ChatState): TemplateResult | typeof nothing {
  const { tokens: total, cost } = totalUsage(state);
  if (total === 0) return nothing;
  const usage = state.runs.findLast((run) => run.usage !== undefined)?.usage;
  const particulars =
    usage === undefined
      ? ''
      : `Last run: ${count(usage.inputTokens)} tokens in (${count(usage.cacheReadTokens)} from the cache), ` +
        `${count(usage.outputTokens)} out, ${count(usage.toolCalls)} tool calls, ${count(usage.turns)} turns`;
  const words = `${tokens(total)} tokens${cost === undefined ? '' : ` · ${dollars(cost)}`}`;
  return html`<span class="meter muted" title=${particulars}>${words}</span>`;
}
