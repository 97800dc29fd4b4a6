import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readRegularFile } from '../../read-regular-file.ts';
import { systemErrorCode, WorkspaceError } from '../errors.ts';
import type { FoundRepository } from './find-repository.ts';
import { refused } from './refusals.ts';

export interface Head {
  /** The full commit id. */
  readonly commit: string;
  /** `refs/heads/main`; undefined for a detached HEAD. */
  readonly ref: string | undefined;
}

const maxRefBytes = 4096;
const maxPackedBytes = 32 * 1024 * 1024;
/** Above this limit, commits are listed without the names of further refs. */
const maxRefs = 20_000;
const maxDepth = 20;
const maxHops = 5;
const id = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u;

/** Display name of a branch, without `refs/heads/`. `HEAD` without a branch, as in git. */
export function branchOf({ ref }: Head): string {
  return ref?.replace(/^refs\/heads\//u, '') ?? 'HEAD';
}

/**
 * What is checked out, read from the files.
 * @throws WorkspaceError if there is no commit yet, or if the ref format is not supported.
 */
export async function readHead(repository: FoundRepository): Promise<Head> {
  let text = await readRefFile(join(repository.gitDirectory, 'HEAD'), "its 'HEAD'");
  let ref: string | undefined;
  for (let hop = 0; hop < maxHops && text !== undefined; hop += 1) {
    const target = /^ref:\s*(.+)$/u.exec(text)?.[1];
    if (target === undefined) break;
    if (!isRefName(target)) throw refused("its 'HEAD' names no ref");
    if (target === 'refs/heads/.invalid') throw refused('it keeps its refs in the reftable format');
    ref = target;
    text = await readRef(repository, target);
  }
  if (text === undefined) throw new WorkspaceError('not_found', 'The repository has no commits yet.');
  if (!id.test(text)) throw refused("its 'HEAD' names no commit");
  return { commit: text, ref };
}

async function readRef(repository: FoundRepository, name: string): Promise<string | undefined> {
  const loose = await readRefFile(join(repository.commonDirectory, name), 'a ref');
  return loose ?? (await readPackedRefs(repository)).get(name);
}

async function readRefFile(path: string, name: string): Promise<string | undefined> {
  const file = await readRegularFile(path, { maxBytes: maxRefBytes });
  if (file.kind === 'refused') throw refused(`${name} cannot be read: ${file.reason}`);
  return file.kind === 'absent' ? undefined : file.bytes.toString('utf8').trimEnd();
}

/** Names and ids of branches, tags and remote branches. A file that is not a plain ref is skipped. */
export async function readRefs(repository: FoundRepository, signal: AbortSignal): Promise<Map<string, string>> {
  const refs = await readPackedRefs(repository);
  for (const kind of ['heads', 'tags', 'remotes']) {
    for await (const name of listLoose(repository.commonDirectory, `refs/${kind}`, signal)) {
      const file = await readRegularFile(join(repository.commonDirectory, name), { maxBytes: maxRefBytes });
      const text = file.kind === 'read' ? file.bytes.toString('utf8').trimEnd() : '';
      if (id.test(text)) refs.set(name, text);
      if (refs.size >= maxRefs) return refs;
    }
  }
  return refs;
}

async function* listLoose(root: string, folder: string, signal: AbortSignal, depth = 0): AsyncGenerator<string> {
  signal.throwIfAborted();
  // Links count as neither folders nor files here, so they are not followed.
  for (const entry of depth > maxDepth ? [] : await entriesOf(join(root, folder))) {
    const name = `${folder}/${entry.name}`;
    if (!isRefName(name)) continue;
    if (entry.isDirectory()) yield* listLoose(root, name, signal, depth + 1);
    else if (entry.isFile()) yield name;
  }
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'].includes(systemErrorCode(error) ?? '')) return [];
    throw error;
  }
}

async function readPackedRefs({ commonDirectory }: FoundRepository): Promise<Map<string, string>> {
  const file = await readRegularFile(join(commonDirectory, 'packed-refs'), { maxBytes: maxPackedBytes });
  if (file.kind === 'refused') throw refused(`its 'packed-refs' cannot be read: ${file.reason}`);
  const refs = new Map<string, string>();
  if (file.kind === 'absent') return refs;
  for (const line of file.bytes.toString('utf8').split('\n')) {
    const space = line.indexOf(' ');
    const [object, name] = [line.slice(0, space), line.slice(space + 1).trimEnd()];
    if (space > 0 && id.test(object) && isRefName(name)) refs.set(name, object);
  }
  return refs;
}

/** Valid for `git check-ref-format` and below `refs/`, so that the name stays in its folder. */
function isRefName(name: string): boolean {
  if (!name.startsWith('refs/') || name.length > 1000) return false;
  // oxlint-disable-next-line no-control-regex -- it forbids control characters
  if (/[\u0000-\u0020\u007F~^:?*[\\]|\.\.|@\{/u.test(name)) return false;
  return name.split('/').every((part) => part !== '' && !part.startsWith('.') && !/(?:\.|\.lock)$/u.test(part));
}
