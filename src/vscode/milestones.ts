import { commands, type Disposable, type Memento, window } from 'vscode';
import type { RunEvent } from '../agent/events.ts';
import type { ModelStatus, ServerStatus } from '../chat/messages.ts';

/** Context keys that tick the steps of the walkthrough. A command ticks nothing: to open a dialog is not to be connected. */
const keys = {
  connected: 'switchboard.connected',
  investigated: 'switchboard.investigated',
  approved: 'switchboard.approved',
} as const;

export interface Milestones extends Disposable {
  readonly onEvent: (event: RunEvent, session: string | undefined) => void;
  readonly onStatus: (model: ModelStatus, servers: readonly ServerStatus[]) => void;
}

/** What the user has done of what the walkthrough leads to. */
export function createMilestones(state: Memento): Milestones {
  /** Of the run in each session. */
  const runbooks = new Map<string | undefined, string | undefined>();
  const reach = (key: string): void => {
    if (state.get(key) === true) return;
    void state.update(key, true);
    void pulse(key);
  };
  const tabs = window.tabGroups.onDidChangeTabs(({ opened }) => {
    // The Welcome page has an input that no extension can see. Steps that were done before it opened are not ticked yet.
    if (!opened.some(({ input }) => input === undefined)) return;
    for (const key of Object.values(keys)) if (state.get(key) === true) void pulse(key);
  });
  return {
    onEvent: (event, session) => {
      if (event.type === 'run-started') runbooks.set(session, event.runbook?.name);
      else if (event.type === 'approval-resolved' && event.by === 'person' && event.decision === 'allowed')
        reach(keys.approved);
      else if (
        event.type === 'run-finished' &&
        event.reason === 'completed' &&
        runbooks.get(session) === 'failed-orders'
      )
        reach(keys.investigated);
    },
    onStatus: (model, servers) => {
      const hasModel = model.state === 'ready' || model.state === 'untested';
      if (hasModel && servers.some(({ state: now }) => now === 'ready')) reach(keys.connected);
    },
    dispose: () => {
      tabs.dispose();
    },
  };
}

/** VS Code ticks a step when its key becomes true, and never again if it was true when the walkthrough was loaded. */
async function pulse(key: string): Promise<void> {
  await commands.executeCommand('setContext', key, true);
  await commands.executeCommand('setContext', key, false);
}
