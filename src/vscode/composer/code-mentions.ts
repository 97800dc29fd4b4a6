import { commands, type SymbolInformation, SymbolKind, Uri, workspace as editorWorkspace } from 'vscode';
import { basename, dirname } from 'node:path';
import { confine, labelOfAbsolute } from '../../workspace/confine.ts';
import { listFiles, readText, splitLines } from '../../workspace/files.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import { clip } from '../editor/editor-context.ts';
import type { PromptFiles } from './prompt-files.ts';
import { maxAttachedImage } from '../../chat/messages.ts';
import { readRegularFile } from '../../read-regular-file.ts';
import { mention, type Fact, type Mention, type MentionSearch, type MentionSource } from './mention-source.ts';

const walkMs = 10_000;
const freshMs = 30_000;
/** Lines of a symbol that the model sees. */
const maxLines = 60;
const maxSymbols = 12;

/** Files that the agent may read. */
export function fileSource(code: Workspace): MentionSource {
  return {
    trigger: '@',
    freshMs,
    load: async (signal) => {
      const files: Mention[] = [];
      if (code.folders().length === 0) return files;
      const walk = { deadline: performance.now() + walkMs, problems: [] };
      for await (const { label } of listFiles(code, signal, walk)) files.push(file(code, label));
      return files;
    },
  };
}

function file(code: Workspace, path: string): Mention {
  const folder = dirname(path);
  const shown = { label: basename(path), detail: folder === '.' ? '' : folder, insert: `@${path}` };
  const fact = async (signal: AbortSignal): Promise<Fact> => ({
    label: `File ${path}`,
    text: clip(await textOf(code, path, signal)),
  });
  return mention({ id: `file:${path}`, kind: 'file', ...shown }, fact, path);
}

async function textOf(code: Workspace, path: string, signal: AbortSignal): Promise<string> {
  const { absolute, label } = await confine(code, path);
  return readText(code, { absolute, label }, signal);
}

/** Functions, classes and the like, as the language extensions of this window know them. */
export function symbolSearch(code: Workspace): MentionSearch {
  return {
    trigger: '@',
    search: async (query) => {
      if (editorWorkspace.workspaceFolders === undefined) return [];
      const found = await commands.executeCommand<readonly SymbolInformation[] | undefined>(
        'vscode.executeWorkspaceSymbolProvider',
        query,
      );
      return (found ?? [])
        .slice(0, maxSymbols * 4)
        .flatMap((each) => symbol(code, each) ?? [])
        .slice(0, maxSymbols);
    },
  };
}

function symbol(code: Workspace, { name, kind, location }: SymbolInformation): Mention | undefined {
  const path = location.uri.scheme === 'file' ? labelOfAbsolute(code, location.uri.fsPath) : undefined;
  if (path === undefined || kind === SymbolKind.File) return undefined;
  const { start, end } = location.range;
  const place = `${path}:${start.line + 1}`;
  const fact = async (signal: AbortSignal): Promise<Fact> => {
    const lines = splitLines(await textOf(code, path, signal));
    const last = Math.min(Math.max(end.line, start.line + maxLines / 3), start.line + maxLines);
    const shown = lines.slice(start.line, last + 1);
    return { label: `${name} in ${path}, from line ${start.line + 1}`, text: clip(shown.join('\n')) };
  };
  const label = name.replace(/\(\)$/u, '');
  return mention({ id: `symbol:${place}:${label}`, kind: 'symbol', label, detail: place, insert: `@${label}` }, fact);
}

/** Files of the workspace that the agent may read. Returns why one cannot be added, for the user. */
export async function addWorkspaceFiles(
  code: Workspace,
  files: PromptFiles,
  uris: readonly string[],
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(walkMs);
  const problems: string[] = [];
  for (const uri of uris) {
    try {
      const { absolute, label } = await confine(code, Uri.parse(uri, true).fsPath);
      const problem = imageName.test(label)
        ? files.add({ name: label, kind: 'image', data: await imageAt(absolute) })
        : files.add({ name: label, kind: 'text', data: await readText(code, { absolute, label }, signal) });
      if (problem !== undefined) problems.push(problem);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  return problems[0];
}

const imageName = /\.(?:png|jpe?g|gif|webp)$/iu;

async function imageAt(path: string): Promise<string> {
  const file = await readRegularFile(path, { maxBytes: maxAttachedImage });
  return file.kind === 'read' ? file.bytes.toString('base64') : '';
}
