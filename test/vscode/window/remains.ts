import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { Stack } from '../../stack/stack.ts';
import type { Editor } from './editor.ts';
import { descendants } from './processes.ts';
import type { Workbench } from './workbench.ts';

/** A folder for each failed test, emptied when a run starts. */
export const failuresFolder = fileURLToPath(new URL('../failures/', import.meta.url));

export interface Remains {
  readonly stack?: Stack | undefined;
  readonly editor?: Editor | undefined;
  readonly window?: Workbench | undefined;
  /** Where there is no window: of a page. */
  readonly page?: Page;
  readonly console?: readonly string[];
}

/**
 * Saves the traces of a failed test, and returns the same error with the folder in its message: the screen, the page's
 * console, the output of VS Code and the servers, the extension's state, the requests to the stand-ins.
 */
export async function keepRemains(name: string, error: unknown, remains: Remains): Promise<Error> {
  const folder = join(failuresFolder, name.replaceAll(/\W+/gu, '-').slice(0, 80));
  await mkdir(folder, { recursive: true });
  const kept = await Promise.allSettled(
    Object.entries(parts(remains)).map(async ([file, write]) => write(join(folder, file))),
  );
  const lost = kept.flatMap((part) => (part.status === 'rejected' ? [String(part.reason)] : []));
  const cause = error instanceof Error ? error : new Error(String(error));
  cause.message += `\nWhat remains of it: ${relative(process.cwd(), folder)}${lost.length === 0 ? '' : ` (without: ${lost.join('; ')})`}`;
  return cause;
}

/** What is in the output channels of the extension: its own log, and what each server wrote to stderr. */
export async function serverLogs({ folder }: Editor): Promise<string> {
  const logs = join(folder, 'user/logs');
  const files = await readdir(logs, { recursive: true });
  const channels = files.filter((file) => /Switchboard[^/]*\.log$/u.test(file)).sort();
  return (await Promise.all(channels.map(async (file) => `${file}\n${await readFile(join(logs, file), 'utf8')}`))).join(
    '\n',
  );
}

function parts({
  stack,
  editor,
  window,
  ...rest
}: Remains): Readonly<Record<string, (path: string) => Promise<unknown>>> {
  const text = (value: string) => (path: string) => writeFile(path, value);
  const { page = window?.page, console: lines = window?.console ?? [] } = rest;
  const limit = { timeout: 10_000 };
  return {
    ...(page !== undefined && { 'screen.png': (path) => page.screenshot({ path, ...limit }) }),
    ...(window !== undefined && {
      'window.html': async (path) => writeFile(path, await window.page.content()),
      'chat.html': async (path) => writeFile(path, await window.chat.locator('body').innerHTML(limit)),
    }),
    'console.txt': text(lines.join('\n')),
    ...(editor !== undefined && {
      'vscode.txt': text(editor.server.output()),
      'vscode-logs': (path) => cp(join(editor.folder, 'user/logs'), path, { recursive: true }),
      'server-logs.txt': async (path) => writeFile(path, await serverLogs(editor)),
      'settings.json': (path) => cp(join(editor.folder, 'user/User/settings.json'), path),
      'machine-settings.json': (path) => cp(join(editor.folder, 'user/Machine/settings.json'), path),
      'extension-state': (path) => cp(editor.stateFolder, path, { recursive: true }),
      'processes.txt': text(
        descendants(editor.server.pid)
          .map(({ pid, commandLine }) => `${pid} ${commandLine}`)
          .join('\n'),
      ),
    }),
    ...(stack !== undefined && {
      'claude.json': text(json(stack.claude?.requests().map(({ path, status, body }) => ({ path, status, body })))),
      'jira.json': text(json(stack.jira.requests().map(({ method, path, body }) => ({ method, path, body })))),
      'slack.json': text(json(stack.slack.requests().map(({ method, body }) => ({ method, body })))),
    }),
  };
}

function json(value: unknown): string {
  return JSON.stringify(value ?? null, undefined, 1);
}
