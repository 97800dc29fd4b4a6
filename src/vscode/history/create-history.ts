import { commands, l10n, window } from 'vscode';
import * as z from 'zod';
import type { BranchPoint } from '../../sessions/branch-records.ts';
import type { HistoryEntry } from '../../sessions/history/history-store.ts';
import type { Switchboard } from '../../switchboard.ts';
import type { Chat } from '../chat/chat.ts';
import type { ReadOnlyDocuments } from '../editor/read-only-documents.ts';
import type { EngineHolder } from '../engine/engine.ts';
import { compareRunsOf, sessionOf } from './compare-runs-of.ts';
import { HistoryView, type HistoryTree } from './history-view.ts';
import { searchSessions } from './search-sessions.ts';
import { lookOf } from './session-look.ts';

export interface HistoryParts {
  readonly holder: EngineHolder;
  readonly chat: Chat;
  readonly documents: ReadOnlyDocuments;
  readonly historyTree: () => HistoryTree | undefined;
  readonly report: (error: unknown) => void;
  readonly openChat: () => Promise<void>;
}

/** The view of the sessions, and what a person does with them. */
export function createHistory(parts: HistoryParts) {
  const { holder, chat, documents, historyTree, report, openChat } = parts;
  const history = new HistoryView({ chat, holder, tree: historyTree, report });
  const tools: Tools = {
    history,
    chat,
    engine: async () => (await holder.get()).engine,
    search: async () => searchSessions({ history: (await tools.engine()).history, chat, report }),
    open: async (id) => {
      await chat.openSession(id);
      await openChat();
    },
  };
  return {
    history,
    showHistory: async () => {
      await commands.executeCommand('switchboard.history.focus');
    },
    /** From a list or a notification. Without a session, the chat as it is. */
    openSession: async (argument: unknown) => {
      const id = z.string().safeParse(argument).data ?? sessionOf(argument);
      await (id === undefined ? openChat() : tools.open(id));
    },
    searchSessions: async () => {
      const id = await tools.search();
      if (id !== undefined) await tools.open(id);
    },
    ...createEdits(tools),
    ...createBranching(tools),
    compareRuns: async (argument: unknown) => {
      const selected = (historyTree()?.selection ?? []).flatMap((node) => sessionOf(node) ?? []);
      const text = await compareRunsOf(
        await tools.engine(),
        selected,
        async () => (await entryOf(argument, tools))?.id,
      );
      if (text !== undefined) await documents.show(text.name, text.text);
    },
  };
}

interface Tools {
  readonly history: HistoryView;
  readonly chat: Chat;
  readonly engine: () => Promise<Switchboard>;
  readonly search: () => Promise<string | undefined>;
  readonly open: (id: string) => Promise<void>;
}

/** Without a session, it is the one that is shown. Without one, the person chooses. */
async function entryOf(argument: unknown, { chat, engine, search }: Tools): Promise<HistoryEntry | undefined> {
  const id = sessionOf(argument) ?? chat.shown.session ?? (await search());
  return (await (await engine()).history.list()).find((entry) => entry.id === id);
}

function titleOf(entry: HistoryEntry): string {
  return lookOf(entry, undefined, new Date()).title;
}

function createEdits(tools: Tools) {
  const edit = async (
    argument: unknown,
    change: (entry: HistoryEntry, store: Switchboard['history']) => Promise<void>,
  ): Promise<void> => {
    const entry = await entryOf(argument, tools);
    if (entry === undefined) return;
    await change(entry, (await tools.engine()).history);
    tools.history.refresh();
  };
  return {
    renameSession: (argument: unknown) =>
      edit(argument, async (entry, store) => {
        const prompt = l10n.t('Leave empty for its own title.');
        const name = await window.showInputBox({ title: l10n.t('Rename Session'), prompt, value: titleOf(entry) });
        if (name !== undefined) await store.rename(entry.id, name);
      }),
    pinSession: (argument: unknown) => edit(argument, ({ id }, store) => store.pin(id, true)),
    unpinSession: (argument: unknown) => edit(argument, ({ id }, store) => store.pin(id, false)),
    deleteSession: (argument: unknown) =>
      edit(argument, async (entry, store) => {
        const detail = l10n.t(
          'Its conversation and results are deleted and cannot be restored. What it filed or posted stays, and so does the audit log.',
        );
        const question = l10n.t('Delete the session "{0}"?', titleOf(entry));
        const choice = await window.showWarningMessage(question, { modal: true, detail }, l10n.t('Delete'));
        if (choice === undefined) return;
        await store.remove(entry.id);
        await tools.chat.forget(entry.id);
      }),
  };
}

function createBranching(tools: Tools) {
  const { chat, engine, open, history } = tools;
  const branch = async (session: string, at: BranchPoint): Promise<void> => {
    await open(await (await engine()).sessions.branch(session, at));
    history.refresh();
  };
  return {
    /** A new session with everything of this one. */
    branchSession: async (argument: unknown) => {
      const entry = await entryOf(argument, tools);
      if (entry === undefined) return;
      const { events } = await (await engine()).sessions.read(entry.id);
      const last = events.findLast(({ event }) => event.type === 'run-started')?.event;
      if (last?.type !== 'run-started') throw new Error(l10n.t('There is nothing in this session yet.'));
      await branch(entry.id, { run: last.run, place: 'after' });
    },
    /** From a message of the session that is shown. A prompt comes back to be changed. */
    branchAt: async (run: string, place: BranchPoint['place']) => {
      const { session, state } = chat.shown;
      const prompt = state.runs.find((each) => each.run === run)?.prompt;
      if (session === undefined || prompt === undefined)
        throw new Error(l10n.t('This message is not in the current session.'));
      await branch(session, { run, place });
      if (place === 'before') chat.send({ type: 'insert-prompt', text: prompt });
    },
  };
}
