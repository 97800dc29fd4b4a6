import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isCode } from './lock-file.ts';

/**
 * Makes a folder of the state, and those above it, for its owner alone. Node's own way (`recursive`) never ends where
 * a folder says that it is not there when something is made in it, as /proc does.
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isMade(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolder(parent);
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    // Another process was faster.
    if (!isCode(error, 'EEXIST')) throw error;
  });
}

/** False where what it would be made in is not there. */
async function isMade(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return true;
    if (isCode(error, 'ENOENT')) return false;
    throw error;
  }
}
