import { access, constants, realpath, stat } from 'node:fs/promises';
import { basename, delimiter, isAbsolute, join, resolve } from 'node:path';
import { isInside } from './confine.ts';
import type { Workspace } from './workspace.ts';

/** One folder without an editor, for the command line. */
export function createPlainWorkspace(folder: string): Workspace {
  const path = resolve(folder);
  const folders = [{ name: basename(path), path }];
  return {
    folders: () => folders,
    excludes: () => [],
    unsavedText: () => undefined,
    git: () => findGit(path),
  };
}

/** The first match on the PATH outside the workspace, because npm puts the open code's `node_modules/.bin` first. */
async function findGit(workspace: string): Promise<string | undefined> {
  const root = await realpath(workspace).catch(() => workspace);
  const name = process.platform === 'win32' ? 'git.exe' : 'git';
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter((entry) => isAbsolute(entry))) {
    const program = await runnable(join(folder, name));
    if (
      program !== undefined &&
      !isInside(root, program) &&
      !isInside(root, resolve(folder)) &&
      !isInside(workspace, resolve(folder))
    )
      return join(folder, name);
  }
  return undefined;
}

async function runnable(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile() ? await realpath(path) : undefined;
  } catch {
    return undefined;
  }
}
