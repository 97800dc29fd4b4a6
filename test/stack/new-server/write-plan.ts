import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plan } from './plan.ts';

/**
 * All or nothing: whatever fails, everything is as it was before.
 * @param also further files that `finish` may change.
 */
export async function writePlan(
  { added, changed }: Plan,
  root: string,
  also: readonly string[],
  finish: (files: readonly string[]) => void,
): Promise<void> {
  const before = new Map([...changed].map(([file, texts]) => [file, texts.before]));
  for (const file of also) before.set(file, await readFile(join(root, file), 'utf8'));
  const made: string[] = [];
  try {
    for (const [file, text] of added) {
      made.push(...missingFolders(root, dirname(file)), file);
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), text, { flag: 'wx' });
    }
    for (const [file, { after }] of changed) await writeFile(join(root, file), after);
    finish([...added.keys(), ...changed.keys()]);
  } catch (error) {
    for (const path of made.toReversed()) await rm(join(root, path), { recursive: true, force: true });
    for (const [file, text] of before) await writeFile(join(root, file), text);
    throw error;
  }
}

/** Outermost first. */
function missingFolders(root: string, folder: string): readonly string[] {
  if (folder === '.' || existsSync(join(root, folder))) return [];
  return [...missingFolders(root, dirname(folder)), folder];
}
