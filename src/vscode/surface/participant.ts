import {
  type CancellationToken,
  type ChatRequest,
  type ChatResponseStream,
  type ChatResult,
  Location,
  type LanguageModelToolInvocationOptions,
  LanguageModelTextPart,
  LanguageModelToolResult,
  MarkdownString,
  Uri,
  l10n,
} from 'vscode';
import * as z from 'zod';
import type { Attachment } from '../../agent/run/system-prompt.ts';
import { bindRunbook } from '../../agent/runbook/runbook.ts';
import { showInvisible } from '../../agent/untrusted-text.ts';
import { confine } from '../../workspace/confine.ts';
import { readText } from '../../workspace/files.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import type { Chat } from '../chat/chat.ts';
import { clip } from '../editor/editor-context.ts';
import { readSettings } from '../engine/configuration.ts';
import type { EngineHolder } from '../engine/engine.ts';
import { describeGrants } from '../runs/runbook-grants.ts';
import type { Library } from '../runs/runbook-library.ts';
import { requireConnections } from '../runs/required-connections.ts';
import { followRun } from './follow-run.ts';
import { term } from '../texts.ts';

export interface SurfaceParts {
  readonly chat: Chat;
  readonly holder: EngineHolder;
  readonly code: Workspace;
  readonly library: () => Promise<Library>;
  readonly runRunbook: (name: string) => Promise<void>;
  readonly openChat: () => Promise<void>;
}

const readLimitMs = 5000;

export const runbookInput = z.strictObject({
  name: z.string().min(1).max(200),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
});

/** Switchboard in VS Code's own chat and as a tool of its agent. Both run in the panel, where writes are approved. */
export function createSurface(parts: SurfaceParts) {
  const { chat, code, openChat } = parts;
  return {
    /** `@switchboard` in the chat. */
    participate: async (
      { prompt, command, references }: ChatRequest,
      stream: ChatResponseStream,
      token: CancellationToken,
    ): Promise<ChatResult> => {
      if (command !== undefined) {
        stream.markdown(l10n.t('The runbook runs in the Switchboard view, where you approve what it writes.'));
        stream.button({ command: 'switchboard.openChat', title: l10n.t('Show') });
        await parts.runRunbook(command);
        return {};
      }
      if (prompt.trim() === '') {
        stream.markdown(l10n.t('Ask about data, tickets, messages or code.'));
        return {};
      }
      const attachments = await attachmentsOf(references, code);
      const context = attachments.map(({ label }) => label);
      const task = { prompt, context, attachments, withoutGrants: true };
      const end = await followRun(chat.shown, task, shownIn(stream), token);
      if (end.reason === 'completed') return {};
      return { errorDetails: { message: end.message } };
    },

    /** What the agent of VS Code asks the user before it runs a runbook. */
    describeRunbook: async (input: unknown) => {
      const { bound } = await findAndBind(input, parts);
      const title = l10n.t('Run "{0}"?', showInvisible(term(bound.runbook.title)));
      const writes = bound.grants.length === 0 ? '' : `\n\n${describeGrants(bound.grants)}`;
      const message = new MarkdownString();
      message.appendText(`${l10n.t('Switchboard runs it in its own view and asks you before each write.')}${writes}`);
      return {
        invocationMessage: l10n.t('Running {0}', term(bound.runbook.title)),
        confirmationMessages: { title, message },
      };
    },

    runRunbookTool: async (
      { input }: LanguageModelToolInvocationOptions<unknown>,
      token: CancellationToken,
    ): Promise<LanguageModelToolResult> => {
      const { bound } = await findAndBind(input, parts);
      requireConnections(bound.runbook, await parts.holder.get());
      await openChat();
      const said: string[] = [];
      const listener = {
        text: (text: string) => said.push(text),
        progress: () => undefined,
        approval: () => undefined,
        link: ({ label, url }: { label: string; url: string }) => said.push(`${label}: ${url}\n`),
      };
      const task = { prompt: bound.runbook.title, context: [], attachments: [], runbook: bound, withoutGrants: true };
      const end = await followRun(chat.shown, task, listener, token);
      return new LanguageModelToolResult([
        new LanguageModelTextPart(`${said.join('')}\n${end.reason}: ${end.message}`),
      ]);
    },
  };
}

function shownIn(stream: ChatResponseStream) {
  return {
    text: (text: string) => stream.markdown(text),
    progress: (title: string) => stream.progress(title),
    approval: (title: string, destination: string | undefined) => {
      const text = new MarkdownString();
      text.appendText(
        l10n.t('{0}: waiting for your approval.', destination === undefined ? title : `${title}, ${destination}`),
      );
      stream.markdown(text);
      stream.button({ command: 'switchboard.openChat', title: l10n.t('Review') });
    },
    link: ({ url }: { url: string }) => stream.reference(Uri.parse(url, true)),
  };
}

async function findAndBind(input: unknown, { library }: SurfaceParts) {
  const { name, parameters } = runbookInput.parse(input);
  const { entries } = await library();
  const entry = entries.find(({ runbook }) => runbook.name === name);
  if (entry === undefined)
    throw new Error(
      `There is no runbook '${name}'. There are: ${entries.map(({ runbook }) => runbook.name).join(', ')}.`,
    );
  const kept = readSettings().settings['runbooks.parameters'][name];
  const bound = bindRunbook(entry.runbook, { ...kept, ...parameters });
  if (bound.kind === 'invalid') throw new Error(bound.problems.join(' '));
  return bound;
}

/** Files and lines that the prompt refers to, as far as the agent may read them. */
async function attachmentsOf(references: ChatRequest['references'], code: Workspace): Promise<readonly Attachment[]> {
  const found = await Promise.all(
    references.slice(0, 20).map(async ({ value }): Promise<Attachment | undefined> => {
      const uri = value instanceof Location ? value.uri : value instanceof Uri ? value : undefined;
      if (uri?.scheme !== 'file') return undefined;
      try {
        const { absolute, label } = await confine(code, uri.fsPath);
        const text = await readText(code, { absolute, label }, AbortSignal.timeout(readLimitMs));
        if (!(value instanceof Location)) return { label: `File ${label}`, text: clip(text), from: 'file' };
        const { start, end } = value.range;
        const lines = text.split(/\r\n|\n|\r/u).slice(start.line, end.line + 1);
        return { label: `${label}, from line ${start.line + 1}`, text: clip(lines.join('\n')), from: 'file' };
      } catch {
        return undefined; // excluded, outside of the workspace, or not text
      }
    }),
  );
  return found.filter((each) => each !== undefined);
}
