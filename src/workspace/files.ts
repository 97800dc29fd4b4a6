import { lstat, opendir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { readRegularFile } from '../read-regular-file.ts';
import { systemErrorCode, WorkspaceError } from './errors.ts';
import { createFileRules } from './file-rules.ts';
import { labelOf } from './confine.ts';
import type { Workspace } from './workspace.ts';

/** Larger files are not searched, and the result says so. */
export const mostFiles = 50_000;
export const largestFile = 2 * 1024 * 1024;
const probe = 8192;

export interface FoundFile {
  readonly absolute: string;
  readonly label: string;
}

/** A walk through the workspace and its result. */
export interface Walk {
  /** `performance.now()` at which it stops. */
  readonly deadline: number;
  /** Rules that could not be applied, one line each. Filled during the walk. */
  readonly problems: string[];
}

/** Maximum time without yielding, so that an abort can arrive. */
const longestStretchMs = 40;

/** Every file of every folder that the tools may see, in a stable order. Symbolic links are not followed. */
export async function* listFiles(workspace: Workspace, signal: AbortSignal, walk: Walk): AsyncGenerator<FoundFile> {
  const folders = workspace.folders();
  let count = 0;
  let rested = performance.now();
  for (const folder of folders) {
    const root = await realpath(folder.path);
    const rules = createFileRules(root, workspace.excludes(folder));
    const waiting = [''];
    while (waiting.length > 0 && count < mostFiles && performance.now() < walk.deadline) {
      const path = waiting.pop() ?? '';
      const entries = await readFolder(join(root, path));
      const inner: string[] = [];
      for (const entry of entries) {
        if (performance.now() - rested > longestStretchMs) {
          await setImmediate();
          rested = performance.now();
        }
        signal.throwIfAborted();
        if (performance.now() > walk.deadline) break;
        const child = path === '' ? entry.name : `${path}/${entry.name}`;
        if (!entry.isFile() && !entry.isDirectory()) continue;
        if ((await rules.exclusionOfEntry(child, entry.isDirectory())) !== undefined) continue;
        if (entry.isDirectory()) inner.push(child);
        else if (count < mostFiles) {
          count += 1;
          yield { absolute: join(root, child), label: labelOf(folders, folder, child) };
        }
      }
      waiting.push(...inner.toReversed());
    }
    walk.problems.push(...rules.problems());
  }
}

async function readFolder(path: string) {
  try {
    const entries = [];
    for await (const entry of await opendir(path)) entries.push(entry);
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    // Removed meanwhile or not readable: continue with the rest of the workspace.
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'].includes(systemErrorCode(error) ?? '')) return [];
    throw error;
  }
}

/**
 * The text of a file as the user sees it, including unsaved changes.
 * @throws WorkspaceError if it is not a plain text file or is too large.
 */
export async function readText(workspace: Workspace, file: FoundFile, signal: AbortSignal): Promise<string> {
  const unsaved = workspace.unsavedText(file.absolute);
  if (unsaved !== undefined) return unsaved;
  const read = await readRegularFile(file.absolute, { maxBytes: largestFile });
  if (read.kind === 'absent') throw new WorkspaceError('not_found', `File '${file.label}' does not exist.`);
  signal.throwIfAborted();
  if (read.kind === 'refused') {
    if ((await lstat(file.absolute)).isDirectory())
      throw new WorkspaceError(
        'invalid_arguments',
        `'${file.label}' is a folder.`,
        'List its files with search_workspace.',
      );
    const code = read.reason.includes('larger') ? 'too_large' : 'invalid_arguments';
    throw new WorkspaceError(code, `'${file.label}' is not read: ${read.reason}.`);
  }
  const { bytes } = read;
  if (bytes.subarray(0, probe).includes(0))
    throw new WorkspaceError('invalid_arguments', `'${file.label}' is not text (${bytes.length} bytes).`);
  return bytes.toString('utf8');
}

/** Lines without line endings of any style. */
export function splitLines(text: string): string[] {
  const lines = text.replace(/^\uFEFF/u, '').split(/\r\n|\n|\r/u);
  if (lines.length > 1 && lines.at(-1) === '') lines.pop();
  return lines;
}
