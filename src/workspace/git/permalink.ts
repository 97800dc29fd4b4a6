import { createHash } from 'node:crypto';
import { relative, sep } from 'node:path';
import { readRegularFile } from '../../read-regular-file.ts';
import { WorkspaceError } from '../errors.ts';
import { type PrivateRepository, usePrivateRepository } from './private-repository.ts';
import { branchOf } from './read-refs.ts';
import { readRemotes } from './remotes.ts';

export interface CodePlace {
  readonly commit: string;
  readonly branch: string;
  /** Whether the file differs from the commit. */
  readonly changed: boolean;
  /** Link to the lines at that commit, if the remote has a web page. */
  readonly permalink: string | undefined;
}

const maxFileBytes = 16 * 1024 * 1024;

/** Locates lines of a file in git. Undefined if the file is not in a repository. */
export async function findCodePlace(
  git: string,
  file: { readonly folder: string; readonly path: string; readonly startLine: number; readonly endLine: number },
  signal: AbortSignal,
): Promise<CodePlace | undefined> {
  try {
    return await usePrivateRepository(git, file.folder, signal, async (repository) => {
      const { commit } = repository.head;
      const branch = branchOf(repository.head);
      const inside = relative(file.folder, file.path).split(sep).join('/');
      const path = [repository.found.prefix, inside].filter((part) => part !== '').join('/');
      const committed = await idInCommit(repository, path);
      if (committed === undefined) return { commit, branch, changed: true, permalink: undefined };
      const changed = !(await contentHas(file.path, committed));
      return { commit, branch, changed, permalink: permalinkOf(await readRemotes(repository), commit, path, file) };
    });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error) return undefined; // no repository, no commit yet, or a repository that cannot be read
    throw error;
  }
}

async function idInCommit({ head, git }: PrivateRepository, path: string): Promise<string | undefined> {
  try {
    return (await git('rev-parse', '--verify', '--end-of-options', `${head.commit}:${path}`)).trim();
  } catch (error) {
    if (error instanceof WorkspaceError && error.code === 'upstream_error') return undefined;
    throw error;
  }
}

/**
 * Compares without git filters, because `git status` would run filters that the repository configures. A file that such
 * a filter transforms counts as changed.
 */
async function contentHas(path: string, id: string): Promise<boolean> {
  const file = await readRegularFile(path, { maxBytes: maxFileBytes });
  if (file.kind !== 'read') return false;
  const withoutReturns = Buffer.from(file.bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
  return [file.bytes, withoutReturns].some((bytes) => blobId(bytes, id.length === 64 ? 'sha256' : 'sha1') === id);
}

function blobId(bytes: Buffer, algorithm: 'sha1' | 'sha256'): string {
  return createHash(algorithm).update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/** @param remotes lines of `remote.<name>.url <url>`. Prefers origin. */
export function permalinkOf(
  remotes: string,
  commit: string,
  path: string,
  lines: { readonly startLine: number; readonly endLine: number },
): string | undefined {
  const list = remotes.split('\n').filter((line) => line !== '');
  const chosen = list.find((line) => line.startsWith('remote.origin.url ')) ?? list[0];
  const web = webAddress(chosen?.slice(chosen.indexOf(' ') + 1) ?? '');
  if (web === undefined) return undefined;
  const file = path.split('/').map(encodeURIComponent).join('/');
  const { startLine, endLine } = lines;
  const host = new URL(web).host;
  if (host.includes('bitbucket')) return `${web}/src/${commit}/${file}#lines-${startLine}:${endLine}`;
  const range =
    startLine === endLine ? `#L${startLine}` : `#L${startLine}-${host.includes('gitlab') ? '' : 'L'}${endLine}`;
  return `${web}/${host.includes('gitlab') ? '-/' : ''}blob/${commit}/${file}${range}`;
}

/** URL of the repository's web page, without credentials. Undefined for a local path. */
function webAddress(remote: string): string | undefined {
  const scp = /^(?:[\w.-]+@)?([\w.-]+):(?!\/\/)(.+)$/u.exec(remote);
  const text = scp === null ? remote : `ssh://${scp[1]}/${scp[2]}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!['https:', 'http:', 'ssh:', 'git:'].includes(url.protocol) || url.hostname === '') return undefined;
  const path = url.pathname.replace(/\.git\/?$/u, '').replace(/\/$/u, '');
  const port = url.protocol.startsWith('http') && url.port !== '' ? `:${url.port}` : '';
  return `${url.protocol === 'http:' ? 'http' : 'https'}://${url.hostname}${port}${path}`;
}
