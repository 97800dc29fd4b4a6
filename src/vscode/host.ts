import { commands, Disposable, type ExtensionContext, lm, type LogOutputChannel, Uri } from 'vscode';
import type { HostMessage } from '../chat/messages.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { offerServers } from './offered-servers.ts';
import { createAuditCommands } from './audit-commands.ts';
import { createChatActions } from './chat-actions.ts';
import { ChatView } from './chat-view.ts';
import { Chat } from './chat.ts';
import { onSettingsChanged } from './configuration.ts';
import { createConnectionCommands } from './connection-commands.ts';
import { ConnectionsView } from './connections-view.ts';
import { createEditorWorkspace } from './editor-workspace.ts';
import { EngineHolder, type Assemble, type LiveEngine } from './engine.ts';
import { findEditorModel } from './lm-model.ts';
import { notifyApproval } from './notices.ts';
import { ReadOnlyDocuments } from './read-only-documents.ts';
import { createRunCommands } from './run-commands.ts';
import { createSecretBox, type SecretBox } from './secrets.ts';
import { createServerLogs, type ServerLogs } from './server-logs.ts';
import { readServerStatus } from './server-status.ts';
import { createSessionCommands } from './session-commands.ts';
import { createShownSession } from './session-state.ts';
import { createStatusItem } from './status-item.ts';

export interface HostParts {
  readonly context: ExtensionContext;
  readonly log: LogOutputChannel;
  readonly assemble: () => Promise<Assemble>;
  /** What is offered to VS Code's own agent may have changed. */
  readonly onServersChanged: () => void;
}

export type Host = ReturnType<typeof createHost>;

/** Several windows and settings files change together: one new engine for all of it. */
const settleMs = 200;

/** Everything behind the commands and views. Made when the first of them is used. */
export function createHost(parts: HostParts) {
  const { context, log } = parts;
  const base = {
    context,
    report: (error: unknown): void => log.error(error instanceof Error ? error : String(error)),
    dist: Uri.joinPath(context.extensionUri, 'dist').fsPath,
    code: createEditorWorkspace(),
    logs: createServerLogs(),
    secrets: createSecretBox(context.secrets, process.env),
    documents: new ReadOnlyDocuments(),
  };
  const holder = createHolder(parts, base);
  const connections = new ConnectionsView(holder);
  const { chat, chatView, status } = createFront({ ...base, log, holder });
  const openChat = async (): Promise<void> => {
    await commands.executeCommand('switchboard.chat.focus');
    chat.send({ type: 'focus', target: 'composer' });
  };
  const show = (live: LiveEngine): void => {
    connections.refresh();
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
  const deps = { ...base, holder, chat, openChat };
  return {
    chatView,
    connections,
    openChat,
    newSession: async () => {
      await chat.newSession();
      await openChat();
    },
    cancelRun: () => chat.stop(),
    ...createRunCommands(deps),
    ...createSessionCommands(deps),
    ...createConnectionCommands(deps),
    ...createAuditCommands(deps),
    offered: offerServers(holder, base.dist, context.globalStorageUri.fsPath),
    /** Resolves when no child process is left. */
    end: async () => {
      chat.stop();
      await holder.end();
      subscriptions.dispose();
    },
  };
}

interface Base {
  readonly report: (error: unknown) => void;
  readonly dist: string;
  readonly code: Workspace;
  readonly logs: ServerLogs;
  readonly secrets: SecretBox;
  readonly documents: ReadOnlyDocuments;
  readonly context: ExtensionContext;
}

function createHolder(
  { log, assemble }: HostParts,
  { secrets, logs, code, dist, report, context }: Base,
): EngineHolder {
  return new EngineHolder({
    secrets,
    assemble,
    editorModel: findEditorModel,
    environment: process.env,
    onProblem: (problem) => log.warn(problem),
    base: {
      distFolder: dist,
      stateFolder: context.globalStorageUri.fsPath,
      mcpConfig: undefined,
      workspace: code,
      onServerLine: logs.append,
      report,
    },
  });
}

/** The chat, what shows it, and what speaks up where it is not seen. */
function createFront(parts: Base & { readonly holder: EngineHolder; readonly log: LogOutputChannel }) {
  const { context, holder, log, report } = parts;
  const status = createStatusItem();
  const chat: Chat = new Chat({
    holder,
    report,
    shown: createShownSession(context.workspaceState),
    onEvent: (event) => {
      status.onEvent(event);
      if (event.type === 'approval-resolved' || event.type === 'run-finished') chatView.setBadge(0, '');
    },
    onApproval: (request) => {
      chatView.setBadge(1, 'An approval is waiting');
      chat.send({ type: 'focus', target: 'approval' });
      if (!chatView.isVisible) notifyApproval(request);
    },
  });
  const chatView: ChatView = new ChatView({
    chat,
    folder: Uri.joinPath(context.extensionUri, 'dist'),
    connections: async () => connectionsMessage(await holder.get()),
    handle: createChatActions({ ...parts, chat }),
    log: (line) => log.warn(line),
  });
  return { chat, chatView, status };
}

function connectionsMessage(live: LiveEngine): HostMessage {
  const label = live.hasModel ? live.engine.model.id : 'No model';
  return { type: 'connections', model: { label, ready: live.hasModel }, servers: readServerStatus(live) };
}

/** Starts the connected servers of every new engine, so that their state is known, and follows it. */
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
