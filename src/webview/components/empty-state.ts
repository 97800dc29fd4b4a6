import { html, nothing, type TemplateResult } from 'lit';
import type { ChatCommand, ModelStatus, ServerStatus } from '../../chat/messages.ts';
import { post } from '../host.ts';
import { connectionList } from './connection-list.ts';
import { icon } from './icons.ts';
import { t } from '../l10n.ts';

interface Job {
  readonly icon: string;
  readonly title: string;
  readonly detail: string;
  readonly start: () => void;
}

function run(command: ChatCommand): () => void {
  return () => {
    post({ type: 'run-command', command });
  };
}

interface EmptyState {
  readonly model: ModelStatus | undefined;
  readonly servers: readonly ServerStatus[];
  /** About the connected database; empty until it has answered. */
  readonly questions: readonly string[];
  /** Puts a first question in the composer. */
  readonly onAsk: (text: string) => void;
}

const anyQuestion = t('Which orders are stuck, and since when?');

/** Shows what the user can do and what is connected. */
export function emptyState({ model, servers, questions, onAsk }: EmptyState): TemplateResult {
  const jobs: readonly Job[] = [
    {
      icon: 'search',
      title: t('Investigate Failed Orders'),
      detail: t('Count them, find the cause in the code, then file and post what you approve.'),
      start: run('switchboard.investigateFailedOrders'),
    },
    {
      icon: 'bug',
      title: t('File Jira Bug from Selection'),
      detail: t('Select code in the editor first. Switchboard drafts the title, steps and links.'),
      start: run('switchboard.fileJiraBugFromSelection'),
    },
    ...(questions.length === 0 ? [anyQuestion] : questions).map((question, index) => ({
      icon: 'comment',
      title: index === 0 ? t('Ask About Live Data') : '',
      detail: question,
      start: () => {
        onAsk(question);
      },
    })),
  ];
  return html`<div class="empty">
    <h2>${t('What needs looking into?')}</h2>
    <ul class="jobs">
      ${jobs.map(
        ({ icon: name, title, detail, start }) =>
          html`<li>
            <button @click=${start}>
              ${icon(name)}<span class="words"
                >${title === '' ? nothing : html`<b>${title}</b>`}<span class="muted">${detail}</span></span
              >
            </button>
          </li>`,
      )}
    </ul>
    ${servers.length === 0 ? nothing : connectionList(model, servers)}
  </div>`;
}
