import { lstat, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { systemErrorCode, WorkspaceError } from './errors.ts';
import { createFileRules, type Exclusion } from './file-rules.ts';
import type { Workspace, WorkspaceFolder } from './workspace.ts';

/** A file or folder that the tools may access. */
export interface ConfinedPath {
  readonly folder: WorkspaceFolder;
  /** With symbolic links resolved: open this one. */
  readonly absolute: string;
  /**
   * The path as the model writes it: relative to the folder, with `/`, and prefixed with the folder's name if there are
   * several.
   */
  readonly label: string;
}

const refusals: Readonly<Record<Exclusion, string>> = {
  credentials: 'files of this kind usually contain credentials and are never read',
  excluded: 'it is excluded by the settings files.exclude or search.exclude',
  gitignored: 'it is ignored by .gitignore',
  costly: 'the rules of its .gitignore files take too long to apply',
};

/**
 * The only way from a path that the model wrote to a path that is opened. Symbolic links are resolved first, so that
 * what is checked is what is opened.
 * @throws WorkspaceError if the path is outside every workspace folder, excluded or missing.
 */
export async function confine(workspace: Workspace, path: string): Promise<ConfinedPath> {
  const folders = workspace.folders();
  if (folders.length === 0)
    throw new WorkspaceError('not_found', 'No folder is open.', 'Ask the user to open a folder.');
  if (path.includes('\0')) throw new WorkspaceError('invalid_arguments', "'path' contains a NUL character.");
  let missing = false;
  for (const [folder, candidate] of candidates(folders, path)) {
    const root = await realpath(folder.path);
    if (!isInside(resolve(folder.path), candidate) && !isInside(root, candidate)) continue;
    const real = await resolveLinks(candidate);
    if (real === undefined) missing = true;
    if (real === undefined || !isInside(root, real)) continue;
    await refuseExcluded(workspace, folder, { root, real, asked: candidate }, path);
    return { folder, absolute: real, label: labelOf(folders, folder, relative(root, real)) };
  }
  if (missing)
    throw new WorkspaceError('not_found', `File '${path}' does not exist.`, 'Find file names with search_workspace.');
  const open = folders.map((folder) => folder.name).join(', ');
  throw new WorkspaceError('not_allowed', `'${path}' is outside the workspace.`, `Open folders: ${open}.`);
}

/** The tools' name for a path; undefined if it is not in any folder. */
export function labelOfAbsolute(workspace: Workspace, absolute: string): string | undefined {
  const folders = workspace.folders();
  const folder = folders.find((candidate) => isInside(resolve(candidate.path), absolute));
  return folder === undefined ? undefined : labelOf(folders, folder, relative(resolve(folder.path), absolute));
}

export function labelOf(folders: readonly WorkspaceFolder[], folder: WorkspaceFolder, path: string): string {
  const slashed = path.split(sep).join('/');
  if (folders.length === 1) return slashed === '' ? '.' : slashed;
  return slashed === '' ? folder.name : `${folder.name}/${slashed}`;
}

/** `shop/src/a.ts` may be in a folder named shop, or in a subfolder shop of any folder. The first that exists counts. */
function* candidates(folders: readonly WorkspaceFolder[], path: string): Generator<[WorkspaceFolder, string]> {
  for (const folder of folders) {
    if (isAbsolute(path)) yield [folder, resolve(path)];
    else {
      const [first, ...rest] = path.split(/[/\\]/u);
      if (folders.length > 1 && first === folder.name) yield [folder, resolve(folder.path, join('.', ...rest))];
      yield [folder, resolve(folder.path, path)];
    }
  }
}

async function refuseExcluded(
  workspace: Workspace,
  folder: WorkspaceFolder,
  paths: { readonly root: string; readonly real: string; readonly asked: string },
  named: string,
): Promise<void> {
  const rules = createFileRules(paths.root, workspace.excludes(folder));
  const isFolder = (await lstat(paths.real)).isDirectory();
  // Checks both the given name and its target: a link must not make an excluded file readable, nor the reverse.
  const asked = isInside(paths.root, paths.asked)
    ? relative(paths.root, paths.asked)
    : relative(folder.path, paths.asked);
  for (const path of new Set([relative(paths.root, paths.real), asked])) {
    if (path === '') continue;
    const exclusion = await rules.exclusion(path.split(sep).join('/'), isFolder);
    if (exclusion !== undefined)
      throw new WorkspaceError('not_allowed', `'${named}' is not read: ${refusals[exclusion]}.`);
  }
}

async function resolveLinks(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'ELOOP' || code === 'ENAMETOOLONG' || code === 'EACCES')
      throw new WorkspaceError('not_allowed', `The path cannot be opened (${code}).`, undefined, { cause: error });
    throw error;
  }
}

export function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}
