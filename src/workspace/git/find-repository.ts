import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { readRegularFile } from '../../read-regular-file.ts';
import { isInside } from '../confine.ts';
import { systemErrorCode, WorkspaceError } from '../errors.ts';
import { checkObjects } from './check-objects.ts';
import { outside, refused } from './refusals.ts';

/** A repository of a workspace folder, found by reading files. Every path is absolute and without links. */
export interface FoundRepository {
  /** The folder that contains HEAD. */
  readonly gitDirectory: string;
  /** The folder that contains refs, packed-refs and config. The same folder, except for a linked work tree. */
  readonly commonDirectory: string;
  readonly objects: string;
  /** From the top of the work tree to the workspace folder, with `/`; empty for the top itself. */
  readonly prefix: string;
}

const maxPointerBytes = 8192;

/**
 * Finds the repository as git does, in the folder or a parent, but accepts it only if all its parts are in the
 * workspace or in the `.git` of one of its parents. A folder from an archive could claim any of the user's repositories
 * as its own. A linked work tree is accepted if its repository names it in return, which no archive can cause.
 * @throws WorkspaceError
 */
export async function findRepository(folder: string, signal: AbortSignal): Promise<FoundRepository> {
  const root = await realpath(folder);
  const parents = [...parentsOf(root)];
  const roots = [root, ...parents.map((parent) => join(parent, '.git'))];
  const top = await findTop([root, ...parents]);
  const place = await resolveGitDirectory(top, roots);
  const allowed = [...roots, ...place.alsoAllowed];
  const commonDirectory = await resolveCommonDirectory(place.gitDirectory, allowed);
  const objects = await resolveInside(join(commonDirectory, 'objects'), allowed, "its 'objects'");
  await checkObjects(objects, allowed, signal);
  const prefix = relative(top, root).split(sep).join('/');
  return { gitDirectory: place.gitDirectory, commonDirectory, objects, prefix };
}

function* parentsOf(path: string): Generator<string> {
  for (let at = dirname(path), below = path; at !== below; below = at, at = dirname(at)) yield at;
}

async function findTop(candidates: readonly string[]): Promise<string> {
  for (const candidate of candidates) if ((await statOf(join(candidate, '.git'))) !== undefined) return candidate;
  throw new WorkspaceError('not_found', 'The folder is not in a git repository.');
}

interface GitDirectory {
  readonly gitDirectory: string;
  readonly alsoAllowed: readonly string[];
}

async function resolveGitDirectory(top: string, roots: readonly string[]): Promise<GitDirectory> {
  const entry = join(top, '.git');
  const about = await statOf(entry);
  if (about?.isFile() !== true)
    return { gitDirectory: await resolveInside(entry, roots, "its '.git'"), alsoAllowed: [] };
  const pointer = await readPointer(entry, "'.git'");
  const target = /^gitdir: *(.+)$/u.exec(pointer)?.[1];
  if (target === undefined) throw refused("its '.git' does not point to a repository");
  const gitDirectory = await realpathOf(resolve(top, target), "its '.git'");
  if (roots.some((root) => isInside(root, gitDirectory))) return { gitDirectory, alsoAllowed: [] };
  if (!(await namesInReturn(gitDirectory, entry))) throw outside("its '.git'");
  return { gitDirectory, alsoAllowed: [dirname(dirname(gitDirectory))] };
}

/** `<repository>/worktrees/<name>/gitdir` contains the path of the work tree's `.git`, written by `git worktree add`. */
async function namesInReturn(gitDirectory: string, entry: string): Promise<boolean> {
  if (basename(dirname(gitDirectory)) !== 'worktrees') return false;
  const back = await readRegularFile(join(gitDirectory, 'gitdir'), { maxBytes: maxPointerBytes });
  if (back.kind !== 'read') return false;
  const named = resolve(gitDirectory, back.bytes.toString('utf8').trimEnd());
  if (basename(named) !== '.git') return false;
  try {
    return join(await realpath(dirname(named)), '.git') === entry;
  } catch {
    return false;
  }
}

async function resolveCommonDirectory(gitDirectory: string, allowed: readonly string[]): Promise<string> {
  const pointer = join(gitDirectory, 'commondir');
  if ((await statOf(pointer)) === undefined) return gitDirectory;
  const target = await readPointer(pointer, "'commondir'");
  return resolveInside(resolve(gitDirectory, target), allowed, "its 'commondir'");
}

async function readPointer(path: string, name: string): Promise<string> {
  const file = await readRegularFile(path, { maxBytes: maxPointerBytes });
  if (file.kind !== 'read') throw refused(`${name} cannot be read${file.kind === 'refused' ? `: ${file.reason}` : ''}`);
  const text = file.bytes.toString('utf8').replace(/[\r\n]+$/u, '');
  if (/[\0\r\n]/u.test(text) || text === '') throw refused(`${name} is not one line`);
  return text;
}

/** The real path, if it is a folder in an allowed place. */
async function resolveInside(path: string, allowed: readonly string[], name: string): Promise<string> {
  const real = await realpathOf(path, name);
  if (!allowed.some((root) => isInside(root, real))) throw outside(name);
  if ((await statOf(real))?.isDirectory() !== true) throw refused(`${name} is not a folder`);
  return real;
}

async function realpathOf(path: string, name: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    throw refused(`${name} cannot be opened (${systemErrorCode(error) ?? 'unknown'})`);
  }
}

async function statOf(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw refused(`it cannot be accessed (${code ?? 'unknown'})`);
  }
}
