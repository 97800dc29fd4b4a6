import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isCode } from './lock-file.ts';

/**
 * Creates a state folder and its parents, accessible only to the owner. Node's `recursive` option never returns in file
 * systems that report ENOENT for an existing folder, such as /proc.
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isMade(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolder(parent);
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    // Another process created it first.
    if (!isCode(error, 'EEXIST')) throw error;
  });
}

/** False if the parent folder does not exist. */
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
