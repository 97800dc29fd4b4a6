import { basename, resolve } from 'node:path';
import type { Workspace } from './workspace.ts';

/** One folder, without an editor: what the command line has. */
export function createPlainWorkspace(folder: string): Workspace {
  const path = resolve(folder);
  const folders = [{ name: basename(path), path }];
  return {
    folders: () => folders,
    excludes: () => [],
    unsavedText: () => undefined,
    git: () => Promise.resolve('git'),
  };
}
