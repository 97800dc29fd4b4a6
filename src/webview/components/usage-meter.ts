import { html, nothing, type TemplateResult } from 'lit';
import { currentRun, totalUsage, type ChatState, type RunView } from '../../chat/chat-state.ts';
import { dollars, tokens } from '../format/quantity.ts';
import { plural, t } from '../l10n.ts';

/** Shows usage against the forecast during a run that has one, otherwise the tokens and cost of the session. */
export function usageMeter(state: ChatState): TemplateResult | typeof nothing {
  const { tokens: total, cost } = totalUsage(state);
  const session = [t('{0} tokens', tokens(total)), ...(cost === undefined ? [] : [dollars(cost)])];
  const run = currentRun(state);
  if (run?.forecast !== undefined)
    return meter(soFar(run), `${origin(run)}\n${t('Session: {0}', session.join(' · '))}`);
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
  const all = `~${tokens(forecast.tokens)}`;
  const used =
    usage === undefined
      ? t('{0} tokens', all)
      : t('{0} of {1} tokens', tokens(usage.inputTokens + usage.outputTokens), all);
  if (forecast.cost === undefined) return [used];
  const cost = `~${dollars(forecast.cost)}`;
  return [used, usage?.cost === undefined ? cost : t('{0} of {1}', dollars(usage.cost), cost)];
}

function origin({ forecast, runbook }: RunView): string {
  const runs = forecast?.runs ?? 0;
  if (runbook === undefined) {
    return runs === 1
      ? t('Forecast: same as the last run')
      : plural(runs, 'Forecast: the median of {0} run', 'Forecast: the median of {0} runs');
  }
  return runs === 1
    ? t('Forecast: same as the last run of {0}', runbook)
    : plural(runs, 'Forecast: the median of {0} run of {1}', 'Forecast: the median of {0} runs of {1}', runbook);
}

function particulars({ runs }: ChatState): string {
  const usage = runs.findLast((run) => run.usage !== undefined)?.usage;
  if (usage === undefined) return '';
  return t(
    'Last run: {0} tokens in ({1} from the cache), {2} out, {3}, {4}',
    usage.inputTokens,
    usage.cacheReadTokens,
    usage.outputTokens,
    plural(usage.toolCalls, '{0} tool call', '{0} tool calls'),
    plural(usage.turns, '{0} turn', '{0} turns'),
  );
}
