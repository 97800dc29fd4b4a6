import { join } from 'node:path';
import { commands, Disposable, lm } from 'vscode';
import { createAuditCommands } from './runs/audit-commands.ts';
import { createBase, createHolder, type HostParts } from './host-services.ts';
import { onSettingsChanged } from './engine/configuration.ts';
import { createConnectionCommands } from './connections/connection-commands.ts';
import { ConnectionsView } from './connections/connections-view.ts';
import type { EngineHolder, LiveEngine } from './engine/engine.ts';
import { connectionsMessage, createFront } from './chat/create-chat.ts';
import { Chat } from './chat/chat.ts';
import { createShownSession } from './chat/session-state.ts';
import { offerServers } from './connections/offered-servers.ts';
import { createRunCommands } from './runs/run-commands.ts';
import { readServerStatus } from './connections/server-status.ts';
import { createSessionCommands } from './runs/session-commands.ts';

export type Host = ReturnType<typeof createHost>;

/** Changes that arrive this close together result in one new engine. */
const settleMs = 200;

/** Everything behind the commands and views. Created when the first of them is used. */
export function createHost(parts: HostParts) {
  const base = createBase(parts);
  const holder = createHolder(parts, base);
  const connections = new ConnectionsView(holder);
  const chat = new Chat({ holder, report: base.report, shown: createShownSession(base.context.workspaceState) });
  const openChat = async (): Promise<void> => {
    await commands.executeCommand('switchboard.chat.focus');
    chat.send({ type: 'focus', target: 'composer' });
  };
  const userRunbooks = join(base.context.globalStorageUri.fsPath, 'runbooks');
  const deps = { ...base, holder, chat, openChat, userRunbooks };
  const runs = createRunCommands(deps);
  const { chatView, status } = createFront({ ...deps, log: parts.log, continueRun: runs.continueRun });
  const show = (live: LiveEngine): void => {
    void connections.refresh(live).catch(base.report);
    status.setServers(readServerStatus(live));
    chatView.post(connectionsMessage(live));
  };
  const changed = debounce(() => {
    void holder.refresh().catch(base.report);
    parts.onServersChanged();
  });
  const subscriptions = Disposable.from(
    base.documents,
    base.logs,
    connections,
    chatView,
    status,
    holder,
    changed,
    followStates(holder, show, base.report),
    onSettingsChanged(changed),
    base.secrets.onChanged(changed),
    lm.onDidChangeChatModels(changed),
  );
  return {
    chatView,
    connections,
    openChat,
    newSession: async () => {
      await chat.newSession();
      await openChat();
    },
    cancelRun: () => chat.stop(),
    ...runs,
    ...createSessionCommands(deps),
    ...createConnectionCommands(deps),
    ...createAuditCommands(deps),
    offered: offerServers(holder, base.dist, base.context.globalStorageUri.fsPath),
    /**
     * Resolves when all child processes have exited. A run in progress is not recorded as cancelled, because the user
     * did not cancel it. It counts as interrupted and can be resumed.
     */
    end: async () => {
      await holder.end();
      subscriptions.dispose();
    },
  };
}

/** Starts the connected servers of each new engine and shows their states. */
function followStates(
  holder: EngineHolder,
  show: (live: LiveEngine) => void,
  report: (error: unknown) => void,
): Disposable {
  let current: LiveEngine | undefined;
  return holder.onChanged((live) => {
    current = live;
    live.engine.hub.onState(() => {
      if (live === current) show(live);
    });
    show(live);
    void live.engine.hub.list(AbortSignal.timeout(60_000)).catch(report);
  });
}

function debounce(work: () => void): (() => void) & Disposable {
  let timer: NodeJS.Timeout | undefined;
  const call = (): void => {
    clearTimeout(timer);
    timer = setTimeout(work, settleMs);
  };
  return Object.assign(call, { dispose: () => clearTimeout(timer) });
}
