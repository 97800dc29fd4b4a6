import { commands, type QuickPickItem, ThemeIcon, window, l10n } from 'vscode';
import { exportJson } from '../../sessions/export-json.ts';
import { exportMarkdown } from '../../sessions/export-markdown.ts';
import type { SessionSummary } from '../../sessions/session-store.ts';
import type { Chat } from '../chat/chat.ts';
import type { EngineHolder } from '../engine/engine.ts';
import type { ReadOnlyDocuments } from '../editor/read-only-documents.ts';
import { textLanguage } from '../plural.ts';

export interface SessionCommandParts {
  readonly holder: EngineHolder;
  readonly chat: Chat;
  readonly documents: ReadOnlyDocuments;
  readonly openChat: () => Promise<void>;
}

const json: QuickPickItem = { label: 'JSON', description: l10n.t('machine-readable, with every event and every row') };
const formats = [{ label: 'Markdown', description: l10n.t('human-readable') }, json];

interface SessionItem extends QuickPickItem {
  readonly id: string;
}

export function createSessionCommands({ holder, chat, documents, openChat }: SessionCommandParts) {
  const choose = async (title: string): Promise<string | undefined> => {
    const { engine } = await holder.get();
    const items = (await engine.sessions.list()).map((summary) => sessionItem(summary, chat.state.session));
    if (items.length === 0) {
      void window.showInformationMessage(l10n.t('No sessions yet. Ask a question to start one.'));
      return undefined;
    }
    return (await window.showQuickPick(items, { title, placeHolder: l10n.t('Newest first'), matchOnDescription: true }))
      ?.id;
  };

  return {
    showHistory: async () => {
      const id = await choose(l10n.t('Session History'));
      if (id === undefined) return;
      await chat.openSession(id);
      await openChat();
    },

    /** Opens the current session, or one that the user chooses, as text in an editor, where it can be saved. */
    exportSession: async () => {
      const id = chat.state.session === '' ? await choose(l10n.t('Export Session')) : chat.state.session;
      if (id === undefined) return;
      const format = await window.showQuickPick(formats, { title: l10n.t('Export Session') });
      if (format === undefined) return;
      const { sessions } = (await holder.get()).engine;
      const content = await sessions.read(id);
      if (format === json) await documents.show(`session-${id}.json`, exportJson(content, await sessions.evidence(id)));
      else await documents.show(`session-${id}.md`, exportMarkdown(content));
      void offerToSave();
    },
  };
}

async function offerToSave(): Promise<void> {
  const choice = await window.showInformationMessage(
    l10n.t('The exported session is open in the editor but not saved yet.'),
    l10n.t('Save As...'),
  );
  if (choice !== undefined) await commands.executeCommand('workbench.action.files.saveAs');
}

function sessionItem({ id, title, changed, lastEnd }: SessionSummary, shown: string): SessionItem {
  return {
    id,
    label: title === '' ? id : title,
    description: new Date(changed).toLocaleString(textLanguage()),
    detail: lastEnd ?? l10n.t('not finished'),
    ...(id === shown && { iconPath: new ThemeIcon('arrow-right') }),
  };
}
