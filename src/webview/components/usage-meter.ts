import { html, nothing, type TemplateResult } from 'lit';
import { currentRun, totalUsage, type ChatState, type RunView } from '../../chat/chat-state.ts';
import { count, dollars, plural, tokens } from '../format/quantity.ts';

/** Shows usage against the forecast during a run that has one, otherwise the tokens and cost of the session. */
export function usageMeter(state: ChatState): TemplateResult | typeof nothing {
  const { tokens: total, cost } = totalUsage(state);
  const session = [`${tokens(total)} tokens`, ...(cost === undefined ? [] : [dollars(cost)])];
  const run = currentRun(state);
  if (run?.forecast !== undefined) return meter(soFar(run), `${origin(run)}\nSession: ${session.join(' · ')}`);
  return total === 0 ? nothing : meter(session, particulars(state));
}

/** The first part is shortened if there is no room for both. */
function meter([first, second]: readonly string[], title: string): TemplateResult {
  return html`<span class="meter muted" title=${title}
    ><span class="ellipsis">${first}</span>${second === undefined ? nothing : html`<span>· ${second}</span>`}</span
  >`;
}

function soFar({ forecast, usage }: RunView): readonly string[] {
  if (forecast === undefined) return [];
  const used = usage === undefined ? '' : `${tokens(usage.inputTokens + usage.outputTokens)} of `;
  const spent = usage?.cost === undefined ? '' : `${dollars(usage.cost)} of `;
  const all = `${used}~${tokens(forecast.tokens)} tokens`;
  return forecast.cost === undefined ? [all] : [all, `${spent}~${dollars(forecast.cost)}`];
}

function origin({ forecast, runbook }: RunView): string {
  const runs = forecast?.runs ?? 0;
  const whose = runbook === undefined ? '' : ` of ${runbook}`;
  return `Forecast: ${runs === 1 ? `same as the last run${whose}` : `the median of ${plural(runs, 'run')}${whose}`}`;
}

function particulars({ runs }: ChatState): string {
  const usage = runs.findLast((run) => run.usage !== undefined)?.usage;
  if (usage === undefined) return '';
  return (
    `Last run: ${count(usage.inputTokens)} tokens in (${count(usage.cacheReadTokens)} from the cache), ` +
    `${count(usage.outputTokens)} out, ${plural(usage.toolCalls, 'tool call')}, ${plural(usage.turns, 'turn')}`
  );
}
