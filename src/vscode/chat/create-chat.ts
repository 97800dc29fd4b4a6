import { Uri, type LogOutputChannel, l10n } from 'vscode';
import type { HostMessage } from '../../chat/messages.ts';
import type { Base } from '../host-services.ts';
import { createChatActions } from './chat-actions.ts';
import { ChatView } from './chat-view.ts';
import type { Chat, Interrupted } from './chat.ts';
import { GridPanels } from '../grid/grid-panels.ts';
import type { EngineHolder, LiveEngine } from '../engine/engine.ts';
import { notifyApproval, notifyQuestion, offerToContinue } from './notifications.ts';
import type { Probes } from '../connections/probes.ts';
import { readModelStatus, readServerStatus } from '../connections/server-status.ts';
import { createComposer } from '../composer/composer.ts';
import type { Library } from '../runs/runbook-library.ts';
import { createStatusItem } from './status-item.ts';

export interface FrontParts extends Base {
  readonly holder: EngineHolder;
  readonly log: LogOutputChannel;
  readonly chat: Chat;
  readonly continueRun: (run: Interrupted) => Promise<void>;
  readonly runRunbook: (name: string) => Promise<void>;
  readonly library: () => Promise<Library>;
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
  chat.onEvent((event) => {
    // The engine is not replaced while a run uses it.
    void holder.get().then((live) => probes.observe(live, event), report);
    milestones.onEvent(event);
    status.onEvent(event);
    chatView.setBadge(status.waiting(), l10n.t('Waiting for your approval'));
  });
  chat.onApproval((request) => {
    chat.send({ type: 'focus', target: 'approval' });
    if (!chatView.isVisible) notifyApproval(request);
  });
  probes.onChanged(() => {
    if (chatView.isVisible && chat.state.runs.length === 0) composer.suggest();
  });
  chat.onQuestion((question) => {
    chat.send({ type: 'focus', target: 'approval' });
    if (!chatView.isVisible) notifyQuestion(question);
  });
  chat.onInterrupted((run) => void offerToContinue(run.prompt).then((yes) => (yes ? continueRun(run) : undefined)));
  return { chatView, status, composer, grids };
}

function connectionsMessage(live: LiveEngine, probes: Probes): HostMessage {
  return { type: 'connections', model: readModelStatus(live, probes), servers: readServerStatus(live, probes) };
}
