import type { Dirent } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readRegularFile } from '../../read-regular-file.ts';
import { isInside } from '../confine.ts';
import { systemErrorCode } from '../errors.ts';
import { outside, refused } from './refusals.ts';

const maxAlternatesBytes = 64 * 1024;
const maxStores = 16;

/**
 * Ensures that git reads objects here only from regular files in allowed places: no link, pipe or device among the
 * objects, and no alternate store elsewhere.
 * @throws WorkspaceError
 */
export async function checkObjects(store: string, allowed: readonly string[], signal: AbortSignal): Promise<void> {
  const seen = new Set([store]);
  for (const path of seen) {
    for (const alternate of await checkStore(path, signal)) {
      const real = await realpathOf(resolve(path, alternate));
      if (real === undefined || !allowed.some((root) => isInside(root, real)))
        throw outside("its 'objects/info/alternates'");
      seen.add(real);
      if (seen.size > maxStores) throw refused(`it has more than ${maxStores} object stores`);
    }
  }
}

/** Returns the alternates that the store names. */
async function checkStore(store: string, signal: AbortSignal): Promise<readonly string[]> {
  for (const entry of await entriesOf(store)) {
    if (!/^(?:[0-9a-f]{2}|pack|info)$/iu.test(entry.name)) continue; // git opens nothing else
    if (!entry.isDirectory()) throw refused(`its 'objects/${entry.name}' is not a folder`);
    signal.throwIfAborted();
    for (const file of await entriesOf(join(store, entry.name)))
      if (!file.isFile() && !file.isDirectory())
        throw refused(`a file in 'objects/${entry.name}' is not a regular file`);
  }
  return readAlternates(store);
}

async function readAlternates(store: string): Promise<readonly string[]> {
  const file = await readRegularFile(join(store, 'info', 'alternates'), { maxBytes: maxAlternatesBytes });
  if (file.kind === 'refused') throw refused(`its 'objects/info/alternates' cannot be read: ${file.reason}`);
  if (file.kind === 'absent') return [];
  const lines = file.bytes.toString('utf8').split('\n');
  const paths = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (paths.some((path) => path.startsWith('"'))) throw outside("its 'objects/info/alternates'");
  return paths;
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw refused(`its objects cannot be listed (${systemErrorCode(error) ?? 'unknown'})`);
  }
}

async function realpathOf(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch {
    return undefined;
  }
}
