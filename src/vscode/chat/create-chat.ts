import { env, Uri, type LogOutputChannel, l10n } from 'vscode';
import type { HostMessage } from '../../chat/messages.ts';
import type { Base } from '../host-services.ts';
import { createChatActions, type ChatActionsParts } from './chat-actions.ts';
import { ChatView } from './chat-view.ts';
import { Chat } from './chat.ts';
import type { Interrupted } from './conversation.ts';
import { GridPanels } from '../grid/grid-panels.ts';
import type { EngineHolder, LiveEngine } from '../engine/engine.ts';
import { notifyApproval, notifyQuestion, offerToContinue } from './notifications.ts';
import type { Probes } from '../connections/probes.ts';
import { readModelStatus, readServerStatus } from '../connections/server-status.ts';
import { createComposer } from '../composer/composer.ts';
import type { Library } from '../runs/runbook-library.ts';
import { createShownSession } from './session-state.ts';
import { createStatusItem } from './status-item.ts';

export interface FrontParts extends Base {
  readonly holder: EngineHolder;
  readonly log: LogOutputChannel;
  readonly chat: Chat;
  readonly branchAt: ChatActionsParts['branchAt'];
  readonly continueRun: (run: Interrupted) => Promise<void>;
  readonly runRunbook: (name: string) => Promise<void>;
  readonly library: () => Promise<Library>;
}

export function createChat({ context, report }: Pick<Base, 'context' | 'report'>, holder: EngineHolder): Chat {
  return new Chat({
    holder,
    report,
    shown: createShownSession(context.workspaceState),
    openPage: async (url) => env.openExternal(Uri.parse(url, true)),
  });
}

/** Creates the view of the chat, its status, and the notifications for when the view is hidden. */
export function createFront(parts: FrontParts) {
  const { context, holder, probes, milestones, report, log, chat, continueRun } = parts;
  const composer = createComposer({ ...parts, send: (message) => chatView.post(message) });
  const status = createStatusItem();
  const folder = Uri.joinPath(context.extensionUri, 'dist');
  const grids = new GridPanels({
    chat,
    folder,
    evidence: async (session, id) => (await holder.get()).engine.evidence(session, id),
    log: (line) => log.warn(line),
  });
  const chatView = new ChatView({
    chat,
    folder,
    attached: composer.files.chips,
    connections: async () => connectionsMessage(await holder.get(), probes),
    handle: createChatActions({ ...parts, composer, grids }),
    log: (line) => log.warn(line),
  });
  chat.onEvent(({ value: event, session }) => {
    // The engine is not replaced while a run uses it.
    void holder.get().then((live) => probes.observe(live, event), report);
    milestones.onEvent(event, session);
  });
  chat.onActivity((activity) => {
    status.setActivity(activity);
    const waiting = activity.filter(({ isShown }) => isShown).reduce((sum, each) => sum + each.waiting, 0);
    chatView.setBadge(waiting, l10n.t('Waiting for your approval'));
  });
  chat.onApproval(({ value: request, isShown, session }) => {
    if (isShown) chat.send({ type: 'focus', target: 'approval' });
    if (!isShown || !chatView.isVisible) notifyApproval(request, session);
  });
  probes.onChanged(() => {
    if (chatView.isVisible && chat.state.runs.length === 0) composer.suggest();
  });
  chat.onQuestion(({ value: question, isShown, session }) => {
    if (isShown) chat.send({ type: 'focus', target: 'approval' });
    if (!isShown || !chatView.isVisible) notifyQuestion(question, session);
  });
  chat.onInterrupted((run) => void offerToContinue(run.prompt).then((yes) => (yes ? continueRun(run) : undefined)));
  return { chatView, status, composer, grids };
}

function connectionsMessage(live: LiveEngine, probes: Probes): HostMessage {
  return { type: 'connections', model: readModelStatus(live, probes), servers: readServerStatus(live, probes) };
}
