import { html, nothing, type TemplateResult } from 'lit';
import type { RunEnd } from '../../chat/vocabulary.ts';
import type { RunEndView, RunView } from '../../chat/chat-state.ts';
import { count, dollars, tokens } from '../format/quantity.ts';
import { post } from '../host.ts';
import { commandButtons } from './command-buttons.ts';
import { icon, iconButton } from './icons.ts';

const looks: Readonly<Record<RunEnd, { readonly icon: string; readonly title: string; readonly tone: string }>> = {
  completed: { icon: 'pass', title: 'Done', tone: 'muted' },
  inconclusive: { icon: 'question', title: 'No conclusion', tone: 'warning' },
  cancelled: { icon: 'circle-slash', title: 'Stopped', tone: 'muted' },
  denied: { icon: 'circle-slash', title: 'Denied', tone: 'muted' },
  budget: { icon: 'dashboard', title: 'Limit reached', tone: 'warning' },
  refused: { icon: 'circle-slash', title: 'Claude refused', tone: 'warning' },
  failed: { icon: 'error', title: 'Failed', tone: 'error' },
};

/** How a run ended and what can be done next. `last`: no later run has begun, so going on makes sense. */
export function runEnd(run: RunView, end: RunEndView, last: boolean): TemplateResult {
  const { icon: name, title, tone } = looks[end.reason];
  if (end.reason === 'completed') {
    const answer = run.items.findLast((item) => item.kind === 'text')?.text ?? '';
    return html`<footer class="run-end muted" title=${end.message}>
      ${icon(name)}<span>${title}${spent(run)}</span>
      ${answer === '' ? nothing : iconButton('copy', 'Copy answer', () => post({ type: 'copy-text', text: answer }))}
    </footer>`;
  }
  return html`<footer class="run-end card ${tone}">
    <p>
      ${icon(name)}<span class="words"><strong>${title}.</strong> ${end.message}</span>
    </p>
    <p class="muted">${spent(run).replace(/^ · /u, '')}</p>
    ${last ? html`<div class="buttons">${nextSteps(end, run.prompt)}</div>` : nothing}
  </footer>`;
}

function spent({ usage }: RunView): string {
  if (usage === undefined) return '';
  const cost = usage.cost === undefined ? '' : ` · ${dollars(usage.cost)}`;
  return ` · ${count(usage.turns)} turn${usage.turns === 1 ? '' : 's'} · ${tokens(usage.inputTokens + usage.outputTokens)} tokens${cost}`;
}

function nextSteps({ reason, code }: RunEndView, prompt: string): readonly TemplateResult[] {
  switch (reason) {
    case 'failed':
      return [sendButton('Try Again', prompt), ...commandButtons(code ?? 'timeout')];
    case 'budget':
    case 'inconclusive':
    case 'cancelled':
      return [sendButton('Continue', 'Continue where you stopped.')];
    default:
      return [];
  }
}

function sendButton(label: string, text: string): TemplateResult {
  const send = (): void => {
    post({ type: 'send', text, chips: [] });
  };
  return html`<vscode-button secondary @click=${send}>${label}</vscode-button>`;
}
