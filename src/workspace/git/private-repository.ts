import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRegularFile } from '../../read-regular-file.ts';
import { findRepository, type FoundRepository } from './find-repository.ts';
import { type Head, readHead, readRefs } from './read-refs.ts';
import { refused } from './refusals.ts';
import { runGit } from './run-git.ts';

/** A repository of our own around the objects of another one. */
export interface PrivateRepository {
  readonly found: FoundRepository;
  readonly head: Head;
  /** Runs git in it and returns its stdout. */
  readonly git: (...arguments_: readonly string[]) => Promise<string>;
  readonly folder: string;
}

const maxShallowBytes = 4 * 1024 * 1024;

/**
 * A repository's configuration can make git run programs and read files under about a hundred keys, and each release
 * adds more. They cannot all be turned off, so git never sees the configuration. It gets a temporary repository with
 * our own settings, the refs as we read them, and the original's objects. The original's configuration, hooks, index,
 * attributes, submodules, grafts and replacements stay invisible.
 */
export async function usePrivateRepository<Result>(
  git: string,
  workspaceFolder: string,
  signal: AbortSignal,
  use: (repository: PrivateRepository) => Promise<Result>,
): Promise<Result> {
  const found = await findRepository(workspaceFolder, signal);
  const head = await readHead(found);
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-git-'));
  try {
    await writeRepository(folder, found, head, signal);
    return await use({ found, head, folder, git: (...arguments_) => runGit(git, folder, arguments_, signal) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeRepository(folder: string, found: FoundRepository, head: Head, signal: AbortSignal): Promise<void> {
  const refs = await readRefs(found, signal);
  if (head.ref !== undefined) refs.set(head.ref, head.commit);
  const packed = [...refs].map(([name, id]) => `${id} ${name}\n`).sort(byName);
  await mkdir(join(folder, 'objects', 'info'), { recursive: true });
  await mkdir(join(folder, 'refs'));
  await Promise.all([
    writeFile(join(folder, 'config'), configuration(head)),
    writeFile(join(folder, 'empty'), ''),
    writeFile(join(folder, 'HEAD'), head.ref === undefined ? `${head.commit}\n` : `ref: ${head.ref}\n`),
    writeFile(join(folder, 'packed-refs'), packed.join('')),
    writeFile(join(folder, 'objects', 'info', 'alternates'), `${quote(found.objects)}\n`),
    copyShallow(folder, found),
  ]);
}

function byName(a: string, b: string): number {
  return a.slice(a.indexOf(' ')) < b.slice(b.indexOf(' ')) ? -1 : 1;
}

function configuration(head: Head): string {
  return head.commit.length === 64
    ? '[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n'
    : '[core]\n\trepositoryformatversion = 0\n\tbare = true\n';
}

/** Lists the commits whose parents are missing. Without it, git would consider the history damaged. */
async function copyShallow(folder: string, { commonDirectory }: FoundRepository): Promise<void> {
  const file = await readRegularFile(join(commonDirectory, 'shallow'), { maxBytes: maxShallowBytes });
  if (file.kind === 'absent') return;
  if (file.kind === 'refused') throw refused(`its 'shallow' cannot be read: ${file.reason}`);
  const commits = file.bytes.toString('utf8').split('\n');
  await writeFile(join(folder, 'shallow'), commits.filter((line) => /^[0-9a-f]{40,64}$/u.test(line)).join('\n'));
}

/** Git's format for quoted paths: every byte that is not plain ASCII is octal. */
function quote(path: string): string {
  const bytes = [...Buffer.from(path.replaceAll('\\', process.platform === 'win32' ? '/' : '\\'))];
  const plain = /[\w/.:+ -]/u;
  const characters = bytes.map((byte) => {
    const character = String.fromCodePoint(byte);
    return plain.test(character) && byte < 0x80 ? character : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `"${characters.join('')}"`;
}
