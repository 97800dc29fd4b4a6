import { commands, type Disposable, StatusBarAlignment, ThemeColor, window, l10n } from 'vscode';
import type { ServerStatus } from '../../chat/messages.ts';
import { known } from '../texts.ts';
import type { Activity } from './chat.ts';

export interface StatusItem extends Disposable {
  readonly setActivity: (activity: readonly Activity[]) => void;
  readonly setServers: (servers: readonly ServerStatus[]) => void;
}

/** A status bar item that is visible only while something is running, waiting for approval or broken. */
export function createStatusItem(): StatusItem {
  const item = window.createStatusBarItem('switchboard.status', StatusBarAlignment.Left, 10);
  item.name = 'Switchboard';
  let activity: readonly Activity[] = [];
  let broken: readonly ServerStatus[] = [];
  let isRunningShown = false;

  const draw = (): void => {
    const running = activity.filter(({ state }) => state !== 'ended');
    const waiting = running.find(({ state }) => state === 'waiting');
    // The session that is shown, if it runs.
    const [first] = running.toSorted((a, b) => Number(b.isShown) - Number(a.isShown));
    const [failed] = broken;
    if (waiting !== undefined) {
      item.text = `$(bell-dot) ${l10n.t('Switchboard: approval needed')}`;
      item.tooltip = l10n.t('Show pending approvals');
      item.command = show(waiting);
    } else if (first !== undefined) {
      const others = running.length > 1 ? ` (+${running.length - 1})` : '';
      item.text = `$(loading~spin) Switchboard: ${first.doing}${others}`;
      item.tooltip = l10n.t('Show the run');
      item.command = show(first);
    } else if (failed !== undefined) {
      item.text = `$(error) Switchboard: ${failed.title}`;
      item.tooltip = broken.map(({ title, detail }) => `${title}: ${known(detail)}`).join('\n');
      item.command = 'switchboard.testConnections';
    }
    item.backgroundColor = waiting === undefined ? undefined : new ThemeColor('statusBarItem.warningBackground');
    if (running.length > 0 || failed !== undefined) item.show();
    else item.hide();
  };

  return {
    setActivity: (now) => {
      activity = now;
      const isRunning = now.some(({ isShown }) => isShown);
      // What Cancel Run can stop.
      if (isRunning !== isRunningShown) void commands.executeCommand('setContext', 'switchboard.running', isRunning);
      isRunningShown = isRunning;
      draw();
    },
    setServers: (servers) => {
      broken = servers.filter(({ state }) => state === 'failed');
      draw();
    },
    dispose: () => item.dispose(),
  };
}

function show({ session }: Activity) {
  return { command: 'switchboard.openSession', title: l10n.t('Show'), arguments: [session] };
}
