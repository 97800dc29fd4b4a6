import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { workspace, l10n } from 'vscode';
import { describeIssues } from '../../agent/yaml.ts';
import { maxRunbookBytes, parseRunbook, type Runbook } from '../../agent/runbook/runbook.ts';
import { readRegularFile } from '../../read-regular-file.ts';
import { confine } from '../../workspace/confine.ts';
import type { Workspace } from '../../workspace/workspace.ts';

export interface LibraryEntry {
  readonly runbook: Runbook;
  readonly origin: 'built-in' | 'user' | 'workspace';
  readonly path: string;
}

export interface Library {
  readonly entries: readonly LibraryEntry[];
  /** One line for each file that is not a valid runbook. */
  readonly problems: readonly string[];
}

/** The folder for runbooks in a workspace. */
const workspaceFolder = '.switchboard/runbooks';

/**
 * Reads all runbooks. A workspace runbook overrides a user runbook of the same name, and both override a built-in one.
 * Workspace runbooks are read only if the workspace is trusted.
 */
export async function readLibrary(
  folders: { readonly builtIn: string; readonly user: string },
  code: Workspace,
): Promise<Library> {
  const problems: string[] = [];
  const entries = new Map<string, LibraryEntry>();
  const add = async (folder: string, origin: LibraryEntry['origin']): Promise<void> => {
    for (const path of await markdownFiles(folder)) {
      const file = await readRegularFile(path, { maxBytes: maxRunbookBytes, followLinks: true });
      if (file.kind === 'absent') continue; // deleted in the meantime, or a broken link
      if (file.kind === 'refused') {
        problems.push(l10n.t('{0}: could not read the runbook: {1}', path, file.reason));
        continue;
      }
      const parsed = parseRunbook(file.bytes.toString('utf8'), path);
      if (parsed.kind === 'valid') entries.set(parsed.runbook.name, { runbook: parsed.runbook, origin, path });
      else problems.push(describeIssues(path, parsed.issues));
    }
  };
  await add(folders.builtIn, 'built-in');
  await add(folders.user, 'user');
  for (const folder of workspace.isTrusted ? code.folders() : [])
    await add(join(folder.path, workspaceFolder), 'workspace');
  return { entries: [...entries.values()], problems };
}

/** Copies a runbook into the workspace so that the user can edit it. Returns the path. Never overwrites a file. */
export async function copyToWorkspace(entry: LibraryEntry, code: Workspace): Promise<string> {
  const [folder] = code.folders();
  if (folder === undefined)
    throw new Error(l10n.t('Open a folder first. Customized runbooks are saved in its .switchboard folder.'));
  const { absolute } = await confine(code, folder.path);
  const target = join(absolute, workspaceFolder, `${entry.runbook.name}.md`);
  await mkdir(join(absolute, workspaceFolder), { recursive: true });
  try {
    await writeFile(target, await readFile(entry.path, 'utf8'), { flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return target;
}

async function markdownFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => name.endsWith('.md'))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
