import { createHash } from 'node:crypto';
import { readdir, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Arena, buildArena, git, put } from './hostile-repository.ts';

let arena: Arena;

beforeAll(async () => {
  arena = await buildArena();
});

afterAll(() => arena.end());

describe('honest repositories are read', () => {
  const expectRead = async (workspace: string): Promise<string> => {
    const answers = await arena.answers(workspace);
    expect(answers).toContain('Deploy: shorter timeout');
    expect(answers).toContain('-export const timeoutMs = 3000;');
    expect(answers).not.toContain('"kind": "failure"');
    return answers;
  };

  it('a work tree that git made', async () => {
    const folder = await arena.copy();
    const tree = join(dirname(folder), 'tree');
    git(folder, 'worktree', 'add', '-q', tree, '-b', 'topic');
    expect(await expectRead(tree)).toContain('"branch": "topic"');
  });

  it('packed, detached, shallow', async () => {
    const folder = await arena.copy();
    git(folder, 'gc', '-q');
    git(folder, 'pack-refs', '--all');
    await expectRead(folder);
    git(folder, '-c', 'submodule.recurse=false', 'checkout', '-q', '--detach');
    expect(await expectRead(folder)).toContain('"branch": "HEAD"');
    const shallow = join(dirname(folder), 'shallow');
    git(dirname(folder), 'clone', '-q', '--depth', '1', `file://${folder}`, shallow);
    expect(await arena.answers(shallow)).toContain('1 commits of');
  });

  it('a part of a repository, and its path through a link', async () => {
    const folder = await arena.copy();
    await symlink(folder, join(dirname(folder), 'by-link'));
    expect(await expectRead(join(dirname(folder), 'by-link'))).toContain('"branch": "main"');
    const part = await arena.answers(join(folder, 'src'));
    expect(part).toContain('Deploy: shorter timeout');
    expect(part).not.toContain('Subproject commit');
  });

  it('a submodule, whose repository is in the one above', async () => {
    const folder = await arena.copy();
    expect(await arena.answers(join(folder, 'sub'))).toContain('inner two');
  });

  it('objects shared with another store in the workspace', async () => {
    const folder = await arena.copy();
    await rename(join(folder, '.git/objects'), join(folder, '.git/store'));
    await put(join(folder, '.git/objects/info/alternates'), '../store\n');
    await expectRead(folder);
  });

  it('a folder whose name has spaces, quotes and line ends', async () => {
    const folder = await arena.copy();
    const odd = join(dirname(folder), 'a "b"\n#\\ü :c');
    await rename(folder, odd);
    await expectRead(odd);
  });

  it('ids of 64 digits', async () => {
    const folder = join(arena.home, 'long-ids');
    await put(join(folder, 'src/orders.ts'), 'export const timeoutMs = 30;\n');
    git(folder, 'init', '-q', '-b', 'main', '--object-format=sha256', '--template=');
    git(folder, 'remote', 'add', 'origin', 'git@github.com:acme/shop.git');
    git(folder, 'add', '.');
    git(folder, 'commit', '-q', '-m', 'Long ids');
    const answers = await arena.answers(folder);
    expect(answers).toContain('"changed": false');
    expect(answers).toContain('Long ids');
    await writeFile(join(folder, 'src/orders.ts'), 'changed\n');
    expect(await arena.answers(folder)).toContain('"changed": true');
  });

  it('leaves nothing behind and changes nothing in the repository', async () => {
    const folder = await arena.copy();
    const digest = async (): Promise<string> => {
      const names = (await readdir(join(folder, '.git'), { recursive: true })).sort();
      return createHash('sha256').update(names.join('\n')).digest('hex');
    };
    const before = await digest();
    await expectRead(folder);
    expect(await digest()).toBe(before);
  });
});
