import { env, Uri, type LogOutputChannel } from 'vscode';
import type { HostMessage } from '../../chat/messages.ts';
import type { Base } from '../host-services.ts';
import { createChatActions } from './chat-actions.ts';
import { ChatView } from './chat-view.ts';
import { Chat, type Interrupted } from './chat.ts';
import type { EngineHolder, LiveEngine } from '../engine/engine.ts';
import { notifyApproval, notifyQuestion } from './notifications.ts';
import { readServerStatus } from '../connections/server-status.ts';
import { createShownSession } from './session-state.ts';
import { createStatusItem } from './status-item.ts';

export interface FrontParts extends Base {
  readonly holder: EngineHolder;
  readonly log: LogOutputChannel;
  readonly onInterrupted: (run: Interrupted) => void;
  readonly continueRun: (run: Interrupted) => Promise<void>;
}

/** Creates the chat, its view, and the notifications for when the view is hidden. */
export function createFront(parts: FrontParts) {
  const { context, holder, log, report, onInterrupted } = parts;
  const status = createStatusItem();
  const chat: Chat = new Chat({
    holder,
    report,
    shown: createShownSession(context.workspaceState),
    onEvent: (event) => {
      status.onEvent(event);
      chatView.setBadge(status.waiting(), 'Waiting for your approval');
    },
    onApproval: (request) => {
      chat.send({ type: 'focus', target: 'approval' });
      if (!chatView.isVisible) notifyApproval(request);
    },
    onQuestion: (question) => {
      chat.send({ type: 'focus', target: 'approval' });
      if (!chatView.isVisible) notifyQuestion(question);
    },
    openPage: async (url) => env.openExternal(Uri.parse(url, true)),
    onInterrupted,
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

export function connectionsMessage(live: LiveEngine): HostMessage {
  const label = live.hasModel ? live.engine.model.id : 'No model';
  return { type: 'connections', model: { label, ready: live.hasModel }, servers: readServerStatus(live) };
}
