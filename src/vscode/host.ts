import { join } from 'node:path';
import { commands, Disposable, lm, workspace } from 'vscode';
import * as z from 'zod';
import type { Composer } from './composer/composer.ts';
import { chooseModel } from './composer/choose-model.ts';
import { addTerminalSelection } from './composer/terminal-selection.ts';
import { createSurface } from './surface/participant.ts';
import { createAuditCommands } from './runs/audit-commands.ts';
import { createBase, createHolder, type Base, type HostParts } from './host-services.ts';
import { onSettingsChanged } from './engine/configuration.ts';
import { createConnectionCommands } from './connections/connection-commands.ts';
import { ConnectionsView } from './connections/connections-view.ts';
import type { EngineHolder, LiveEngine } from './engine/engine.ts';
import type { ChatView } from './chat/chat-view.ts';
import type { Chat } from './chat/chat.ts';
import { createChat, createFront } from './chat/create-chat.ts';
import { readTexts } from './texts.ts';
import { offerServers } from './connections/offered-servers.ts';
import { createRunCommands } from './runs/run-commands.ts';
import { createHistory } from './history/create-history.ts';
import type { Probes } from './connections/probes.ts';
import type { StatusItem } from './chat/status-item.ts';
import { readModelStatus, readServerStatus } from './connections/server-status.ts';
import { createSessionCommands } from './runs/session-commands.ts';

export type Host = ReturnType<typeof createHost>;

/** Changes that arrive this close together result in one new engine. */
const settleMs = 200;

/** Everything behind the commands and views. Created when the first of them is used. */
export function createHost(parts: HostParts) {
  const base = createBase(parts);
  void readTexts((line) => parts.log.warn(line));
  const holder = createHolder(parts, base);
  const connections = new ConnectionsView(holder, base.probes);
  const chat = createChat(base, holder);
  const openChat = opener(chat);
  const deps = { ...base, holder, chat, openChat };
  const runs = createRunCommands({ ...deps, userRunbooks: join(base.context.globalStorageUri.fsPath, 'runbooks') });
  const sessions = createHistory({ ...deps, historyTree: parts.historyTree });
  const { chatView, status, composer, grids } = createFront({ ...deps, ...runs, ...sessions, log: parts.log });
  const changed = debounce(() => {
    void holder.refresh().catch(base.report);
    parts.onServersChanged();
  });
  const subscriptions = Disposable.from(
    base.documents,
    base.logs,
    connections,
    sessions.history,
    chatView,
    status,
    composer,
    holder,
    changed,
    followStates({ ...base, holder, show: (live) => showStates(live, { ...base, connections, chatView, status }) }),
    base.probes,
    base.milestones,
    onSettingsChanged(changed),
    base.secrets.onChanged(changed),
    lm.onDidChangeChatModels(changed),
  );
  return {
    grids,
    chatView,
    connections,
    openChat,
    newSession: () => chat.newSession().then(openChat),
    cancelRun: () => chat.stop(),
    chooseModel,
    askAboutLine: (argument: unknown) => askAboutLine(argument, composer, openChat),
    addTerminalSelection: async () => {
      await addTerminalSelection(composer.addTerminal);
      await openChat();
    },
    ...runs,
    ...sessions,
    ...createSessionCommands(deps),
    ...createConnectionCommands(deps),
    ...createAuditCommands(deps),
    ...createSurface({ ...deps, ...runs }),
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

function opener(chat: Chat): () => Promise<void> {
  return async () => {
    await commands.executeCommand('switchboard.chat.focus');
    chat.send({ type: 'focus', target: 'composer' });
  };
}

const linePlace = z.object({ code: z.string().max(200), path: z.string(), line: z.int() });

async function askAboutLine(argument: unknown, composer: Composer, openChat: () => Promise<void>): Promise<void> {
  const { code, path, line } = linePlace.parse(argument);
  await openChat();
  await composer.askAbout(code, `${workspace.asRelativePath(path)}:${line}`);
}

interface Display extends Pick<Base, 'probes' | 'milestones' | 'report'> {
  readonly connections: ConnectionsView;
  readonly chatView: ChatView;
  readonly status: StatusItem;
}

function showStates(live: LiveEngine, { connections, chatView, status, probes, milestones, report }: Display): void {
  const [model, servers] = [readModelStatus(live, probes), readServerStatus(live, probes)];
  void connections.refresh(live).catch(report);
  status.setServers(servers);
  milestones.onStatus(model, servers);
  chatView.post({ type: 'connections', model, servers });
}

interface FollowedStates {
  readonly holder: EngineHolder;
  readonly probes: Probes;
  readonly show: (live: LiveEngine) => void;
  readonly report: (error: unknown) => void;
}

const startLimitMs = 60_000;
const testLimitMs = 60_000;

/** Starts the connected servers of each new engine, tests their connections and shows their states. */
function followStates({ holder, probes, show, report }: FollowedStates): Disposable {
  let current: LiveEngine | undefined;
  return Disposable.from(
    probes.onChanged(() => {
      if (current !== undefined) show(current);
    }),
    holder.onChanged((live) => {
      current = live;
      live.engine.hub.onState(() => {
        if (live !== current) return;
        show(live);
        void probes.testServers(live, AbortSignal.timeout(testLimitMs));
      });
      show(live);
      void live.engine.hub.list(AbortSignal.timeout(startLimitMs)).catch(report);
    }),
  );
}

function debounce(work: () => void): (() => void) & Disposable {
  let timer: NodeJS.Timeout | undefined;
  const call = (): void => {
    clearTimeout(timer);
    timer = setTimeout(work, settleMs);
  };
  return Object.assign(call, { dispose: () => clearTimeout(timer) });
}
