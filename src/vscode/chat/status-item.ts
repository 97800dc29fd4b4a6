import { commands, type Disposable, StatusBarAlignment, ThemeColor, window, l10n } from 'vscode';
import type { RunEvent } from '../../agent/events.ts';
import type { ServerStatus } from '../../chat/messages.ts';
import { known, term } from '../texts.ts';

export interface StatusItem extends Disposable {
  /** Number of pending approvals. */
  readonly waiting: () => number;
  readonly onEvent: (event: RunEvent) => void;
  readonly setServers: (servers: readonly ServerStatus[]) => void;
}

/** A status bar item that is visible only while something is running, waiting for approval or broken. */
export function createStatusItem(): StatusItem {
  const item = window.createStatusBarItem('switchboard.status', StatusBarAlignment.Left, 10);
  item.name = 'Switchboard';
  let running: string | undefined;
  // Keyed by call, because editing a card sends a new request for the same call.
  const waiting = new Set<string>();
  let broken: readonly ServerStatus[] = [];

  const draw = (): void => {
    const [failed] = broken;
    if (waiting.size > 0) {
      item.text = `$(bell-dot) ${l10n.t('Switchboard: approval needed')}`;
      item.tooltip = l10n.t('Show pending approvals');
      item.command = 'switchboard.openChat';
    } else if (running !== undefined) {
      item.text = `$(loading~spin) Switchboard: ${running}`;
      item.tooltip = l10n.t('Show the run');
      item.command = 'switchboard.openChat';
    } else if (failed !== undefined) {
      item.text = `$(error) Switchboard: ${failed.title}`;
      item.tooltip = broken.map(({ title, detail }) => `${title}: ${known(detail)}`).join('\n');
      item.command = 'switchboard.testConnections';
    }
    item.backgroundColor = waiting.size > 0 ? new ThemeColor('statusBarItem.warningBackground') : undefined;
    if (waiting.size > 0 || running !== undefined || failed !== undefined) item.show();
    else item.hide();
  };

  return {
    waiting: () => waiting.size,
    onEvent: (event) => {
      switch (event.type) {
        case 'run-started':
          running = event.runbook?.name ?? l10n.t('working');
          void commands.executeCommand('setContext', 'switchboard.running', true);
          break;
        case 'approval-requested':
          waiting.add(event.callId);
          break;
        case 'approval-resolved':
          waiting.delete(event.callId);
          break;
        case 'run-finished':
          running = undefined;
          waiting.clear();
          void commands.executeCommand('setContext', 'switchboard.running', false);
          break;
        case 'tool-call-proposed':
          running = term(event.title);
          break;
        default:
          return;
      }
      draw();
    },
    setServers: (servers) => {
      broken = servers.filter(({ state }) => state === 'failed');
      draw();
    },
    dispose: () => item.dispose(),
  };
}
