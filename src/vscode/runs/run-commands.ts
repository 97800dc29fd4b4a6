import { join } from 'node:path';
import { Uri, window, workspace, l10n } from 'vscode';
import type { Workspace } from '../../workspace/workspace.ts';
import { describeSelection } from './bug-from-selection.ts';
import type { Chat } from '../chat/chat.ts';
import type { Conversation, Interrupted, Task } from '../chat/conversation.ts';
import type { EngineHolder } from '../engine/engine.ts';
import { notifyFiled } from '../chat/notifications.ts';
import { copyToWorkspace, readLibrary, type LibraryEntry } from './runbook-library.ts';
import { Problem } from '../problem.ts';
import { requireConnections } from './required-connections.ts';
import { settleGrants } from './runbook-grants.ts';
import { bindWithPerson, chooseRunbook } from './runbook-runs.ts';

export interface RunCommandParts {
  readonly holder: EngineHolder;
  readonly chat: Chat;
  readonly code: Workspace;
  readonly dist: string;
  /** Folder of the user's own runbooks, for all workspaces. */
  readonly userRunbooks: string;
  readonly openChat: () => Promise<void>;
}

const gitLimitMs = 10_000;

const goToFile = { label: l10n.t('Go to File'), command: 'workbench.action.quickOpen' };

/** Commands that start a run without the composer. */
export function createRunCommands({ holder, chat, code, dist, userRunbooks, openChat }: RunCommandParts) {
  const library = () => readLibrary({ builtIn: join(dist, 'runbooks'), user: userRunbooks }, code);

  const findRunbook = async (name: string): Promise<LibraryEntry> => {
    const { entries, problems } = await library();
    const entry = entries.find(({ runbook }) => runbook.name === name);
    if (entry === undefined) throw new Error([l10n.t("There is no runbook '{0}'.", name), ...problems].join(' '));
    return entry;
  };

  return {
    library,

    /** @param name if undefined, the user chooses. */
    runRunbook: async (name: string | undefined) => {
      const entry =
        name === undefined ? await chooseRunbook(await library(), l10n.t('Run Runbook')) : await findRunbook(name);
      if (entry === undefined) return;
      requireConnections(entry.runbook, await holder.get());
      const runbook = await bindWithPerson(entry.runbook);
      if (runbook === undefined) return;
      // A built-in runbook with its own command can be tried right away. Its writes need approval until it is accepted.
      const quiet = name !== undefined && entry.origin === 'built-in';
      const { grants } = (await holder.get()).engine;
      if (!(await settleGrants(runbook, grants, quiet))) return;
      await openChat();
      await chat.run({ prompt: entry.runbook.title, context: [], attachments: [], runbook });
    },

    /** Resumes an interrupted run. Completed steps are not repeated. */
    continueRun: async ({ prompt, runbook: named }: Interrupted) => {
      const entry = named === undefined ? undefined : await findRunbook(named.name);
      const runbook = entry === undefined ? undefined : await bindWithPerson(entry.runbook, named?.parameters);
      if (entry !== undefined && runbook === undefined) return;
      await openChat();
      await chat.run({ prompt, context: [], attachments: [], runbook, resume: true });
    },

    customizeRunbook: async () => {
      const entry = await chooseRunbook(await library(), l10n.t('Customize Runbook'));
      if (entry === undefined) return;
      const builtIn = entry.origin === 'built-in';
      const path = builtIn ? await copyToWorkspace(entry, code) : entry.path;
      await window.showTextDocument(await workspace.openTextDocument(Uri.file(path)));
      if (builtIn) sayOverridden(workspace.asRelativePath(path));
    },

    fileBugFromSelection: async () => {
      const editor = window.activeTextEditor;
      const selected =
        editor === undefined ? undefined : await describeSelection(editor, code, AbortSignal.timeout(gitLimitMs));
      if (selected === undefined) throw new Problem(l10n.t('Select the code that the bug is about first.'), goToFile);
      const { runbook } = await findRunbook('bug-from-selection');
      requireConnections(runbook, await holder.get());
      const { path, lines, attachments } = selected;
      const bound = await bindWithPerson(runbook, { file: path, lines });
      if (bound === undefined) return;
      await openChat();
      await runAndAnnounce(chat.shown, {
        prompt: runbook.title,
        context: [`${path}:${lines}`],
        attachments,
        runbook: bound,
      });
    },
  };
}

function sayOverridden(path: string): void {
  void window.showInformationMessage(
    l10n.t('{0} now overrides the built-in runbook. Delete it to restore the built-in one.', path),
  );
}

async function runAndAnnounce(conversation: Conversation, task: Task): Promise<void> {
  const filed = conversation.onEvent((event) => {
    if (event.type === 'tool-call-finished' && event.link !== undefined) notifyFiled(event.link);
  });
  try {
    await conversation.run(task);
  } finally {
    filed.dispose();
  }
}
