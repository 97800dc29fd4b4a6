import { html, nothing, type TemplateResult } from 'lit';
import type { RunEnd } from '../../chat/vocabulary.ts';
import type { RunEndView, RunView } from '../../chat/chat-state.ts';
import type { WebviewMessage } from '../../chat/messages.ts';
import { showReordering } from '../format/invisible.ts';
import { dollars, tokens } from '../format/quantity.ts';
import { post } from '../host.ts';
import type { Known } from '../markdown/references.ts';
import { withEvidence } from '../markdown/render.ts';
import { commandButtons } from './command-buttons.ts';
import { icon, iconButton } from './icons.ts';
import { known, plural, t } from '../l10n.ts';

const looks: Readonly<Record<RunEnd, { readonly icon: string; readonly title: string; readonly tone: string }>> = {
  completed: { icon: 'pass', title: t('Done'), tone: 'muted' },
  inconclusive: { icon: 'question', title: t('No conclusion'), tone: 'warning' },
  cancelled: { icon: 'circle-slash', title: t('Stopped'), tone: 'muted' },
  denied: { icon: 'circle-slash', title: t('Denied'), tone: 'muted' },
  waiting: { icon: 'watch', title: t('Waiting for an approval'), tone: 'warning' },
  budget: { icon: 'dashboard', title: t('Limit reached'), tone: 'warning' },
  refused: { icon: 'circle-slash', title: t('Claude refused'), tone: 'warning' },
  failed: { icon: 'error', title: t('Failed'), tone: 'error' },
};

/** For a write that may or may not have been made. */
const unknown = { icon: 'question', title: t('Outcome unknown'), tone: 'warning' } as const;

interface Surroundings {
  /** True if no later run has started, so that continuing makes sense. */
  readonly last: boolean;
  /** Evidence that the message can refer to. */
  readonly known: Known;
}

/** Shows how a run ended and what the user can do next. */
export function runEnd(run: RunView, end: RunEndView, { last, known }: Surroundings): TemplateResult {
  const { icon: name, title, tone } = end.code === 'outcome_unknown' ? unknown : looks[end.reason];
  if (end.reason === 'completed') {
    const answer = run.items.findLast((item) => item.kind === 'text')?.text ?? '';
    return html`<footer class="run-end muted" title=${ended(end)}>
      ${icon(name)}<span>${title}${spent(run)}</span>
      ${answer === '' ? nothing : iconButton('copy', t('Copy answer'), () => post({ type: 'copy-text', text: answer }))}
      ${branchButton(run)}
    </footer>`;
  }
  return html`<footer class="run-end card ${tone}">
    <p>
      ${icon(name)}<span class="words"
        ><strong>${title}.</strong> ${withEvidence(showReordering(ended(end)), known)}</span
      >
    </p>
    <p class="muted">${spent(run).replace(/^ · /u, '')}${branchButton(run)}</p>
    ${last ? html`<div class="buttons">${nextSteps(end, run)}</div>` : nothing}
  </footer>`;
}

/** What happened, in the language of the panel if it is one of the usual ways to end. */
function ended({ message }: RunEndView): string {
  return known(message);
}

function branchButton({ run }: RunView): TemplateResult | typeof nothing {
  if (run === '') return nothing;
  return iconButton('git-branch', t('Go on from here in a new session'), () =>
    post({ type: 'branch', run, place: 'after' }),
  );
}

function spent({ usage }: RunView): string {
  if (usage === undefined) return '';
  const cost = usage.cost === undefined ? '' : ` · ${dollars(usage.cost)}`;
  const turns = plural(usage.turns, '{0} turn', '{0} turns');
  return ` · ${turns} · ${t('{0} tokens', tokens(usage.inputTokens + usage.outputTokens))}${cost}`;
}

function nextSteps({ reason, code }: RunEndView, { run, prompt }: RunView): readonly TemplateResult[] {
  const goOn: WebviewMessage = run === '' ? { type: 'send', text: prompt, chips: [] } : { type: 'resume', run };
  switch (reason) {
    case 'failed':
      // No Try Again button: it could repeat the write. The user must check the outcome first.
      if (code === 'outcome_unknown') return commandButtons(code);
      return [step(t('Try Again'), goOn), ...commandButtons(code ?? 'timeout')];
    case 'budget':
    case 'cancelled':
    case 'waiting':
      return [step(t('Continue'), goOn)];
    case 'inconclusive':
      return [step(t('Continue'), { type: 'send', text: t('Keep looking.'), chips: [] })];
    default:
      return [];
  }
}

function step(label: string, message: WebviewMessage): TemplateResult {
  return html`<vscode-button
    secondary
    @click=${() => {
      post(message);
    }}
    >${label}</vscode-button
  >`;
}
