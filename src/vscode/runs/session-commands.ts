import { commands, type QuickPickItem, window, l10n } from 'vscode';
import * as z from 'zod';
import { exportJson } from '../../sessions/export-json.ts';
import { exportMarkdown } from '../../sessions/export-markdown.ts';
import type { Chat } from '../chat/chat.ts';
import type { EngineHolder } from '../engine/engine.ts';
import type { ReadOnlyDocuments } from '../editor/read-only-documents.ts';
import { searchSessions } from '../history/search-sessions.ts';

export interface SessionCommandParts {
  readonly holder: EngineHolder;
  readonly chat: Chat;
  readonly documents: ReadOnlyDocuments;
  readonly report: (error: unknown) => void;
}

const json: QuickPickItem = { label: 'JSON', description: l10n.t('machine-readable, with every event and every row') };
const formats = [{ label: 'Markdown', description: l10n.t('human-readable') }, json];

const node = z.object({ kind: z.literal('session'), id: z.string() });

export function createSessionCommands({ holder, chat, documents, report }: SessionCommandParts) {
  return {
    /** Opens a session of the history, the one shown, or one that the user chooses, as text in an editor to be saved. */
    exportSession: async (argument: unknown) => {
      const { sessions, history } = (await holder.get()).engine;
      const id =
        node.safeParse(argument).data?.id ??
        chat.shown.session ??
        (await searchSessions({ history, chat, report, title: l10n.t('Export Session') }));
      if (id === undefined) return;
      const format = await window.showQuickPick(formats, { title: l10n.t('Export Session') });
      if (format === undefined) return;
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
