import { commands, env, Position, Range, Uri, window, workspace, l10n } from 'vscode';
import { undoCalls } from '../../agent/undo.ts';
import type { Evidence } from '../../agent/evidence/types.ts';
import type { CallView } from '../../chat/chat-state.ts';
import { timelineOf } from '../../chat/timeline.ts';
import type { WebviewMessage } from '../../chat/messages.ts';
import { confine } from '../../workspace/confine.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import { createComposerActions, isForComposer, type ComposerActionsParts } from '../composer/composer-actions.ts';
import type { Chat } from './chat.ts';
import type { Interrupted } from './conversation.ts';
import type { ContextItem } from '../editor/editor-context.ts';
import type { EngineHolder } from '../engine/engine.ts';
import { answerAboutEvidence, isAboutEvidence } from './evidence-actions.ts';
import { evidenceAsFile } from './evidence-file.ts';
import type { GridPanels } from '../grid/grid-panels.ts';
import type { ReadOnlyDocuments } from '../editor/read-only-documents.ts';
import { term } from '../texts.ts';

export interface ChatActionsParts extends ComposerActionsParts {
  readonly holder: Pick<EngineHolder, 'get'>;
  readonly documents: ReadOnlyDocuments;
  readonly code: Workspace;
  readonly grids: Pick<GridPanels, 'open'>;
  readonly branchAt: (run: string, place: 'before' | 'after') => Promise<void>;
  readonly continueRun: (run: Interrupted) => Promise<void>;
}

/** Handles the messages that the webview sends. */
export function createChatActions(parts: ChatActionsParts) {
  const { chat, holder, documents, code, grids, branchAt, continueRun } = parts;
  const compose = createComposerActions(parts);
  return async (message: WebviewMessage, context: readonly ContextItem[]): Promise<void> => {
    if (isForComposer(message)) return compose(message, context);
    if (isAboutEvidence(message)) return answerAboutEvidence(chat, await evidenceOf(chat, holder, message.id), message);
    switch (message.type) {
      case 'ready':
        return;
      case 'stop':
        return chat.stop();
      case 'resume':
        return resume(chat, message.run, continueRun);
      case 'approve':
      case 'deny':
      case 'revise':
        if (!chat.shown.approvals.answer(message))
          chat.notify('error', l10n.t('This approval is no longer pending. Nothing was done.'));
        return;
      case 'show-timeline':
        return showTimeline(chat, holder, message.run);
      case 'undo':
        return undo(chat, holder, message.callId);
      case 'check-edit':
        return checkEdit(chat, message);
      case 'answer-question':
        if (!(await chat.shown.questions.answer(message)))
          chat.notify('error', l10n.t('This question is no longer asked.'));
        return;
      case 'open-evidence':
        return openEvidence(chat, documents, await evidenceOf(chat, holder, message.id));
      case 'open-grid':
        return grids.open(chat.state.session, message.id);
      case 'copy-evidence':
        return env.clipboard.writeText(evidenceAsFile(await evidenceOf(chat, holder, message.id)).text);
      case 'save-chart':
        return saveChart(message);
      case 'open-query':
        return openQuery(chat, documents, message.callId);
      case 'copy-text':
        return env.clipboard.writeText(message.text);
      case 'open-link':
        await env.openExternal(Uri.parse(message.url, true));
        return;
      case 'open-file':
        return openFile(code, message.path, message.line);
      case 'branch':
        return branchAt(message.run, message.place);
      case 'new-session':
        return chat.newSession();
      case 'set-up':
        await commands.executeCommand('switchboard.setUpConnections', message.system);
        return;
      case 'run-command':
        await commands.executeCommand(message.command);
    }
  };
}

function checkEdit(chat: Chat, message: Extract<WebviewMessage, { type: 'check-edit' }>): void {
  const checked = chat.shown.approvals.check(message);
  if (checked !== undefined) chat.send({ type: 'edit-checked', requestId: message.requestId, ...checked });
}

async function showTimeline(chat: Chat, holder: ChatActionsParts['holder'], run: string): Promise<void> {
  const { engine } = await holder.get();
  const { events } = await engine.sessions.read(chat.state.session);
  const timeline = timelineOf(events, run);
  if (timeline === undefined) chat.notify('error', l10n.t('This run is not in the current session.'));
  else chat.send({ type: 'timeline', run, timeline });
}

/** The calls come from what the server said it did, never from the view. */
async function undo(chat: Chat, holder: ChatActionsParts['holder'], callId: string): Promise<void> {
  const { shown } = chat;
  const items = shown.state.runs.flatMap((run) => run.items);
  const call = items.find((item): item is CallView => item.kind === 'call' && item.callId === callId);
  const [id] = call?.evidence ?? [];
  const calls =
    call?.undo === undefined || call.undone || id === undefined
      ? []
      : undoCalls(call.tool, (await evidenceOf(chat, holder, id)).value);
  if (call === undefined || calls.length === 0) chat.notify('error', l10n.t('This cannot be undone from here.'));
  else
    await shown.run({
      prompt: l10n.t('Undo: {0}', `${term(call.title)}${call.link === undefined ? '' : ` (${call.link.label})`}`),
      context: [],
      attachments: [],
      calls,
      undoes: callId,
    });
}

async function resume(chat: Chat, run: string, continueRun: ChatActionsParts['continueRun']): Promise<void> {
  const { lastStarted } = chat.shown;
  if (lastStarted?.run !== run || chat.isRunning)
    chat.notify('error', l10n.t('Another run has started since then. Nothing was done.'));
  else await continueRun(lastStarted);
}

/** Reads the full result from the session. The chat keeps only the beginning of a long one. */
async function evidenceOf(chat: Chat, holder: ChatActionsParts['holder'], id: string): Promise<Evidence> {
  const { engine } = await holder.get();
  const evidence = await engine.evidence(chat.state.session, id);
  if (evidence === undefined) throw new Error(l10n.t('{0} is not in the current session.', id));
  return evidence;
}

async function openEvidence(chat: Chat, documents: ReadOnlyDocuments, evidence: Evidence): Promise<void> {
  const { name, text } = evidenceAsFile(evidence);
  await documents.show(`${chat.state.session}/${name}`, text);
}

/** Where the user says. */
async function saveChart({ id, format, data }: Extract<WebviewMessage, { type: 'save-chart' }>): Promise<void> {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const name = `${id}.${format}`;
  const place = await window.showSaveDialog({
    ...(folder !== undefined && { defaultUri: Uri.joinPath(folder, name) }),
    filters: { [format.toUpperCase()]: [format] },
  });
  if (place !== undefined) await workspace.fs.writeFile(place, Buffer.from(data, format === 'svg' ? 'utf8' : 'base64'));
}

async function openQuery(chat: Chat, documents: ReadOnlyDocuments, callId: string): Promise<void> {
  const call = chat.state.runs
    .flatMap(({ items }) => items)
    .find((item): item is CallView => item.kind === 'call' && item.callId === callId);
  if (call === undefined) throw new Error(l10n.t('This call is not in the current session.'));
  const { query } = call.arguments;
  if (typeof query === 'string') await documents.show(`${callId}.sql`, query);
  else await documents.show(`${callId}.json`, JSON.stringify(call.arguments, undefined, 2));
}

async function openFile(code: Workspace, path: string, line: number | undefined): Promise<void> {
  const { absolute } = await confine(code, path);
  const document = await workspace.openTextDocument(Uri.file(absolute));
  const at = new Position(Math.min(line ?? 1, document.lineCount) - 1, 0);
  await window.showTextDocument(document, { selection: new Range(at, at), preview: true });
}
