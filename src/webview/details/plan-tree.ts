import { html, nothing, type TemplateResult } from 'lit';
import type { PlanDetail } from '../../chat/evidence-details.ts';
import { icon } from '../components/icons.ts';
import { showReordering } from '../format/invisible.ts';
import { duration } from '../format/quantity.ts';
import { post } from '../host.ts';
import { estimateError, factsOf, meaningOf, shareOf } from './plan-words.ts';
import { known, t } from '../l10n.ts';

/** The steps of a plan as they depend on each other: each needs those that are further in below it. */
export function planTree(plan: PlanDetail): TemplateResult {
  return html`<div class="query-plan">
    ${plan.indexes.map(advice)}
    ${plan.hints.map((hint) => html`<p class="line-notice">${icon('lightbulb')}<span class="words">${known(hint)}</span></p>`)}
    <p class="muted">
      ${plan.execution_ms === undefined ? t('Not run: bars are parts of the estimated cost.') : t('Ran {0}: bars are parts of that time.', duration(plan.execution_ms))}
    </p>
    <ol>
      ${plan.steps.map((step, index) => planStep(step, shareOf(plan, index)))}
    </ol>
  </div>`;
}

function planStep(step: PlanDetail['steps'][number], share: number): TemplateResult {
  const error = estimateError(step);
  const percent = Math.round(share * 100);
  const own = step.own_ms === undefined ? `${percent} %` : `${duration(step.own_ms)}, ${percent} %`;
  return html`<li .style=${`margin-left: ${Math.min(step.depth, 12) * 12}px`}>
    <div class="step-line">
      <b class="words">${showReordering(step.what)}</b><span class="hidden">, ${t('level {0}', step.depth + 1)}</span>
      <span class="step-time">${own}</span>
    </div>
    <div class="step-bar ${percent >= 50 ? 'much' : ''}" aria-hidden="true">
      <span .style=${`width: ${percent}%`}></span>
    </div>
    ${step.condition === undefined ? nothing : html`<code class="words">${showReordering(step.condition)}</code>`}
    <div class="muted words">${meaningOf(step)} ${factsOf(step)}</div>
    ${error === undefined ? nothing : html`<div class="line-notice">${icon('warning', 'warning')}<span class="words">${error}</span></div>`}
  </li>`;
}

function advice({ statement, why }: PlanDetail['indexes'][number]): TemplateResult {
  return html`<div class="step-advice">
    <p class="words">${known(why)}</p>
    <code class="words">${statement}</code>
    <div class="buttons">
      <vscode-button
        secondary
        @click=${() => {
          post({ type: 'copy-text', text: statement });
        }}
        >${t('Copy CREATE INDEX')}</vscode-button
      ><span class="muted">${t('Switchboard only reads: try it on a copy first.')}</span>
    </div>
  </div>`;
}
