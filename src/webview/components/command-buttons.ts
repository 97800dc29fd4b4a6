import { html, type TemplateResult } from 'lit';
import type { ChatCommand } from '../../chat/messages.ts';
import { post } from '../host.ts';
import { t } from '../l10n.ts';

const setUp = { command: 'switchboard.setUpConnections', label: t('Set Up Connections') } as const;
const test = { command: 'switchboard.testConnections', label: t('Test Connections') } as const;
const log = { command: 'switchboard.showServerLog', label: t('Show Log') } as const;
const restart = { command: 'switchboard.restartServer', label: t('Restart Server') } as const;

const audit = { command: 'switchboard.openAuditLog', label: t('Open Audit Log') } as const;

type Step = { readonly command: ChatCommand; readonly label: string };

/** Commands that can help with a failure. None if the agent has to correct it. */
const steps: ReadonlyMap<string, readonly Step[]> = new Map([
  ['not_configured', [setUp]],
  ['unauthorized', [setUp, test]],
  ['forbidden', [test]],
  ['unreachable', [test, restart, log]],
  ['timeout', [test, log]],
  ['internal', [restart, log]],
  ['outcome_unknown', [audit]],
]);

export function commandButtons(code: string): readonly TemplateResult[] {
  return (steps.get(code) ?? []).map(
    ({ command, label }) =>
      html`<vscode-button
        secondary
        @click=${() => {
          post({ type: 'run-command', command });
        }}
        >${label}</vscode-button
      >`,
  );
}
