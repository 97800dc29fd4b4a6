import { html, nothing, type TemplateResult } from 'lit';
import type { ChatCommand, ModelStatus, ServerStatus } from '../../chat/messages.ts';
import { post } from '../host.ts';
import { icon } from './icons.ts';
import { t } from '../l10n.ts';

const looks = {
  ready: { icon: 'pass-filled', tone: 'good', word: t('connected') },
  starting: { icon: 'loading', tone: 'codicon-modifier-spin', word: t('starting') },
  restarting: { icon: 'sync', tone: 'codicon-modifier-spin', word: t('restarting') },
  failed: { icon: 'error', tone: 'error', word: t('failed') },
  untested: { icon: 'circle-small-filled', tone: 'muted', word: t('not tested yet') },
  'not-configured': { icon: 'circle-large', tone: 'muted', word: t('not set up') },
  off: { icon: 'circle-slash', tone: 'muted', word: t('off') },
} as const;

/** Lists the model and the servers, with the command that helps most right now. */
export function connectionList(model: ModelStatus | undefined, servers: readonly ServerStatus[]): TemplateResult {
  const rows = [...(model === undefined ? [] : [{ ...model, id: 'claude', title: t('Model') }]), ...servers];
  const missing = rows.some(({ state }) => state === 'not-configured');
  const failed = rows.some(({ state }) => state === 'failed');
  return html`<section class="connections" aria-label=${t('Connections')}>
    <ul>
      ${rows.map(
        ({ id, title, state, detail }) =>
          html`<li>
            ${icon(looks[state].icon, looks[state].tone)}<b>${title}</b>
            <span class="muted words"
              >${detail === '' ? looks[state].word : detail}${state === 'untested' ? ` (${looks[state].word})` : nothing}
              <span class="hidden">${looks[state].word}</span>
              ${state === 'failed' ? changeButton(id, title) : nothing}</span
            >
          </li>`,
      )}
    </ul>
    ${missing ? link(t('Set Up Connections…'), 'switchboard.setUpConnections') : nothing}
    ${failed ? link(t('Test Connections'), 'switchboard.testConnections') : nothing}
  </section>`;
}

/** Shown in a conversation if a server is down, because the agent may be missing its data. */
export function brokenServers(servers: readonly ServerStatus[]): TemplateResult | typeof nothing {
  const failed = servers.filter(({ state }) => state === 'failed');
  if (failed.length === 0) return nothing;
  return html`<div class="bar">
    ${icon('error', 'error')}
    <span class="words"
      >${failed.map(({ id, title, detail }) => html`<span>${title}: ${detail} ${changeButton(id, title)}</span> `)}</span
    >
    ${link(t('Test'), 'switchboard.testConnections')} ${link(t('Log'), 'switchboard.showServerLog')}
  </div>`;
}

function changeButton(system: string, title: string): TemplateResult {
  return html`<button
    class="link"
    title=${t('Change the connection to {0}', title)}
    @click=${() => {
      post({ type: 'set-up', system });
    }}
  >
    ${t('Change')}
  </button>`;
}

function link(label: string, command: ChatCommand): TemplateResult {
  return html`<button
    class="link"
    @click=${() => {
      post({ type: 'run-command', command });
    }}
  >
    ${label}
  </button>`;
}
