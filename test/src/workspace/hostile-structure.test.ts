import { execFileSync } from 'node:child_process';
import { appendFile, cp, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Arena, buildArena, canary, git, put } from './hostile-repository.ts';

let arena: Arena;
let plain: string;

beforeAll(async () => {
  arena = await buildArena();
  plain = await arena.answers(await arena.copy());
});

afterAll(() => arena.end());

type Build = (folder: string) => Promise<string | void>;

const secretObjects = (): string => join(arena.secretRepository, '.git/objects');

async function replace(path: string, target: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path);
}

async function pipe(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await mkdir(dirname(path), { recursive: true });
  execFileSync('/usr/bin/mkfifo', [path]);
}

/** Makes the outside repository's last commit the one that is checked out here. */
async function pointAtSecret(folder: string): Promise<void> {
  await put(join(folder, '.git/HEAD'), `${git(arena.secretRepository, 'rev-parse', 'HEAD')}\n`);
}

async function firstLoose(folder: string): Promise<string> {
  const objects = join(folder, '.git/objects');
  const [fan = ''] = (await readdir(objects)).filter((name) => name.length === 2).sort();
  const [file = ''] = await readdir(join(objects, fan));
  return join(objects, fan, file);
}

/** The repository is not read at all; the files of the workspace still are. */
const refusedOnes: readonly (readonly [name: string, build: Build])[] = [
  ['.git is a file that names another repository', (at) => dotGit(at, () => join(arena.secretRepository, '.git'))],
  [
    '.git is a file that names another repository by a relative path',
    (at) => dotGit(at, () => relative(at, join(arena.secretRepository, '.git'))),
  ],
  [
    '.git is a file without a pointer',
    async (at) => {
      await rm(join(at, '.git'), { recursive: true });
      await put(join(at, '.git'), 'nothing\n');
    },
  ],
  [
    '.git is a file of 1 MB',
    async (at) => {
      await rm(join(at, '.git'), { recursive: true });
      await put(join(at, '.git'), `gitdir: ${'x/'.repeat(500_000)}`);
    },
  ],
  ['.git names a device', (at) => dotGit(at, () => '/dev/zero')],
  ['.git names itself', (at) => dotGit(at, () => '.git')],
  ['.git is a link to another repository', (at) => replace(join(at, '.git'), join(arena.secretRepository, '.git'))],
  ['.git is a link to itself', (at) => replace(join(at, '.git'), '.git')],
  ['.git is a link to a device', (at) => replace(join(at, '.git'), '/dev/zero')],
  ['.git is a named pipe', (at) => pipe(join(at, '.git'))],
  [
    '.git is a link to a pointer elsewhere',
    async (at) => {
      await put(join(arena.home, 'pointer'), `gitdir: ${arena.secretRepository}/.git\n`);
      await replace(join(at, '.git'), join(arena.home, 'pointer'));
    },
  ],
  [
    '.git is a link to a link to another repository',
    async (at) => {
      await rename(join(at, '.git'), join(at, 'was-git'));
      await symlink(join(arena.secretRepository, '.git'), join(at, 'hop'));
      await symlink('hop', join(at, '.git'));
    },
  ],
  [
    'a work tree of another repository, which does not name it',
    async (at) => {
      const entry = join(arena.secretRepository, '.git/worktrees/other');
      await put(join(entry, 'gitdir'), '/somewhere/else/.git\n');
      await put(join(entry, 'commondir'), '../..\n');
      await put(join(entry, 'HEAD'), 'ref: refs/heads/main\n');
      await dotGit(at, () => entry);
    },
  ],
  [
    'a work tree whose repository names it by a link',
    async (at) => {
      const entry = join(at, 'entry/worktrees/x');
      await put(join(entry, 'gitdir'), `${at}/.git\n`);
      await put(join(entry, 'commondir'), `${arena.secretRepository}/.git\n`);
      await put(join(entry, 'HEAD'), 'ref: refs/heads/main\n');
      await dotGit(at, () => entry);
    },
  ],
  ['commondir leads outside', (at) => put(join(at, '.git/commondir'), `${arena.secretRepository}/.git\n`)],
  [
    'commondir leads outside by ..',
    (at) => put(join(at, '.git/commondir'), `${relative(join(at, '.git'), join(arena.secretRepository, '.git'))}\n`),
  ],
  ['commondir is a link', (at) => replace(join(at, '.git/commondir'), arena.secretFile)],
  ['commondir is a named pipe', (at) => pipe(join(at, '.git/commondir'))],
  ['commondir is empty', (at) => put(join(at, '.git/commondir'), '\n')],
  ['objects is a link to another repository', (at) => replace(join(at, '.git/objects'), secretObjects())],
  [
    'objects is a file',
    async (at) => {
      await rm(join(at, '.git/objects'), { recursive: true });
      await put(join(at, '.git/objects'), 'x');
    },
  ],
  ['objects/pack is a link', (at) => replace(join(at, '.git/objects/pack'), join(secretObjects(), 'pack'))],
  [
    'objects/info is a link',
    async (at) => {
      await put(join(arena.home, 'info/alternates'), `${secretObjects()}\n`);
      await replace(join(at, '.git/objects/info'), join(arena.home, 'info'));
    },
  ],
  [
    'a folder of objects is a link',
    async (at) => replace(dirname(await firstLoose(at)), join(secretObjects(), 'info')),
  ],
  ['an object is a link', async (at) => replace(await firstLoose(at), arena.secretFile)],
  ['an object is a named pipe', async (at) => pipe(await firstLoose(at))],
  ['an object is a link to a device', async (at) => replace(await firstLoose(at), '/dev/zero')],
  ['a pack is a link', (at) => replace(join(at, '.git/objects/pack/pack-1.pack'), arena.secretFile)],
  ['an index of a pack is a named pipe', (at) => pipe(join(at, '.git/objects/pack/pack-1.idx'))],
  [
    'the list of packs is a link to a device',
    (at) => replace(join(at, '.git/objects/pack/multi-pack-index'), '/dev/zero'),
  ],
  ['the commit graph is a link', (at) => replace(join(at, '.git/objects/info/commit-graph'), arena.secretFile)],
  ['alternates lead outside', alternates(() => secretObjects())],
  ['alternates lead outside by ..', (at) => alternates(() => relative(join(at, '.git/objects'), secretObjects()))(at)],
  ['alternates lead outside in quotes', alternates(() => `"${secretObjects()}"`)],
  ['alternates lead outside behind a comment', alternates(() => `# cache\n\n${secretObjects()}`)],
  [
    'alternates lead outside by a link in the workspace',
    async (at) => {
      await symlink(secretObjects(), join(at, 'cache'));
      await alternates(() => join(at, 'cache'))(at);
    },
  ],
  [
    'alternates lead outside by way of a store in the workspace',
    async (at) => {
      await put(join(at, 'store/info/alternates'), `${secretObjects()}\n`);
      await alternates(() => join(at, 'store'))(at);
    },
  ],
  ['alternates lead nowhere', alternates(() => '/nonexistent/objects')],
  ['alternates are a named pipe', (at) => pipe(join(at, '.git/objects/info/alternates'))],
  ['alternates are a link to a device', (at) => replace(join(at, '.git/objects/info/alternates'), '/dev/zero')],
  ['alternates have 100 KB', alternates(() => 'x\n'.repeat(50_000))],
  ['HEAD is a link to a file elsewhere', (at) => replace(join(at, '.git/HEAD'), arena.secretFile)],
  ['HEAD is a named pipe', (at) => pipe(join(at, '.git/HEAD'))],
  ['HEAD is a link to a device', (at) => replace(join(at, '.git/HEAD'), '/dev/zero')],
  ['HEAD has 1 MB', (at) => put(join(at, '.git/HEAD'), 'a'.repeat(1_000_000))],
  [
    'HEAD names a ref outside',
    (at) => put(join(at, '.git/HEAD'), `ref: refs/../../../../${relative(arena.home, arena.secretFile)}\n`),
  ],
  ['HEAD names a file that is no ref', (at) => put(join(at, '.git/HEAD'), `ref: ${arena.secretFile}\n`)],
  [
    'HEAD names itself without end',
    async (at) => {
      await put(join(at, '.git/HEAD'), 'ref: refs/heads/a\n');
      await put(join(at, '.git/refs/heads/a'), 'ref: refs/heads/a\n');
    },
  ],
  ['HEAD holds something else', (at) => put(join(at, '.git/HEAD'), `${canary}\n`)],
  ['the branch is a link to a file elsewhere', (at) => replace(join(at, '.git/refs/heads/main'), arena.secretFile)],
  ['the branch is a named pipe', (at) => pipe(join(at, '.git/refs/heads/main'))],
  ['refs are kept in tables', (at) => put(join(at, '.git/HEAD'), 'ref: refs/heads/.invalid\n')],
  ['packed-refs is a named pipe', (at) => pipe(join(at, '.git/packed-refs'))],
  ['packed-refs is a link to a device', (at) => replace(join(at, '.git/packed-refs'), '/dev/zero')],
  ['packed-refs is a link to a file elsewhere', (at) => replace(join(at, '.git/packed-refs'), arena.secretFile)],
  ['the shallow list is a named pipe', (at) => pipe(join(at, '.git/shallow'))],
  ['the shallow list is a link', (at) => replace(join(at, '.git/shallow'), arena.secretFile)],
  ['the last commit is one of another repository', pointAtSecret],
  [
    'a bare repository of ordinary files, at the top',
    async (at) => {
      await plantBare(at);
      await rm(join(at, '.git'), { recursive: true });
    },
  ],
];

function alternates(target: () => string): Build {
  return async (folder) => {
    await put(join(folder, '.git/objects/info/alternates'), `${target()}\n`);
    await pointAtSecret(folder);
  };
}

async function dotGit(folder: string, target: () => string): Promise<void> {
  await rm(join(folder, '.git'), { recursive: true, force: true });
  await put(join(folder, '.git'), `gitdir: ${target()}\n`);
}

async function plantBare(folder: string): Promise<void> {
  const plainGit = join(arena.home, 'plain/shop/.git');
  for (const part of ['HEAD', 'objects', 'refs'])
    await cp(join(plainGit, part), join(folder, part), { recursive: true });
  const settings = ['diff.external', 'core.fsmonitor', 'core.pager', 'core.sshCommand'].map((key) => {
    const [section, variable] = key.split('.');
    return `[${section}]\n\t${variable} = ${arena.trap}\n`;
  });
  await put(join(folder, 'config'), `[core]\n\tbare = true\n[diff]\n\tsubmodule = diff\n${settings.join('')}`);
  await cp(join(plainGit, 'modules'), join(folder, 'modules'), { recursive: true });
}

/** What is planted is ignored: the results are those of the plain repository. */
const ignoredOnes: readonly (readonly [name: string, build: Build])[] = [
  ['the settings are a named pipe', (at) => pipe(join(at, '.git/config'))],
  ['the settings are a link to a device', (at) => replace(join(at, '.git/config'), '/dev/zero')],
  ['the settings are a link to a file elsewhere', (at) => replace(join(at, '.git/config'), arena.secretFile)],
  ['the settings have 5 MB', (at) => appendFile(join(at, '.git/config'), '# x\n'.repeat(1_250_000))],
  ['the settings are no settings', (at) => put(join(at, '.git/config'), '[[[\n')],
  ['the index is a named pipe', (at) => pipe(join(at, '.git/index'))],
  ['the index is a link', (at) => replace(join(at, '.git/index'), arena.secretFile)],
  ['the index is split', (at) => put(join(at, '.git/sharedindex.0123456789'), 'x')],
  [
    'hooks',
    async (at) => {
      for (const hook of [
        'post-checkout',
        'pre-auto-gc',
        'post-index-change',
        'reference-transaction',
        'fsmonitor-watchman',
      ]) {
        await put(join(at, '.git/hooks', hook), `#!/bin/sh\n${arena.trap}\n`);
        execFileSync('/bin/chmod', ['+x', join(at, '.git/hooks', hook)]);
      }
    },
  ],
  ['attributes are a named pipe', (at) => pipe(join(at, '.git/info/attributes'))],
  ['excludes are a named pipe', (at) => pipe(join(at, '.git/info/exclude'))],
  ['sparse checkout', (at) => put(join(at, '.git/info/sparse-checkout'), '/nothing\n')],
  ['grafts', async (at) => put(join(at, '.git/info/grafts'), `${git(at, 'rev-parse', 'HEAD')}\n`)],
  [
    'a replaced commit',
    async (at) => {
      const [last, first] = [git(at, 'rev-parse', 'HEAD'), git(at, 'rev-parse', 'HEAD~1')];
      await put(join(at, '.git/refs/replace', last), `${first}\n`);
    },
  ],
  [
    'replaced refs by link',
    async (at) => replace(join(at, '.git/refs/replace'), join(arena.secretRepository, '.git/refs')),
  ],
  ['a branch that is a link', (at) => replace(join(at, '.git/refs/heads/other'), arena.secretFile)],
  [
    'a folder of branches that is a link',
    (at) => replace(join(at, '.git/refs/remotes'), join(arena.secretRepository, '.git/refs/heads')),
  ],
  ['a branch that is a named pipe', (at) => pipe(join(at, '.git/refs/heads/pipe'))],
  ['alternates by address', (at) => put(join(at, '.git/objects/info/http-alternates'), 'http://127.0.0.1:1/objects\n')],
  ['a merge that is under way', (at) => pipe(join(at, '.git/MERGE_HEAD'))],
  ['an old fetch', (at) => put(join(at, '.git/FETCH_HEAD'), `${canary}\n`)],
  ['settings of the work tree', (at) => put(join(at, '.git/config.worktree'), `[diff]\n\texternal = ${arena.trap}\n`)],
  ['a damaged commit graph', (at) => put(join(at, '.git/objects/info/commit-graph'), 'CGPH\u0001\u0001\u0004\u0000')],
  ['a damaged list of packs', (at) => put(join(at, '.git/objects/pack/multi-pack-index'), 'MIDX\u0001\u0001\u0001')],
  ['a lock that was left', (at) => put(join(at, '.git/HEAD.lock'), '')],
];

describe('a repository that leads outside or has irregular files is not read', () => {
  it.each(refusedOnes)('%s', async (_name, build) => {
    const folder = await arena.copy();
    await build(folder);
    const answers = await arena.answers(folder, 'src');
    expect(answers).not.toContain(canary);
    expect(answers).not.toContain('Orders service');
    expect(answers).toContain('export const timeoutMs = 30;');
    expect(answers).not.toMatch(/fatal:/u);
    expect(await arena.ran()).toEqual([]);
  });
});

describe('what git would read besides the objects is not read', () => {
  it.each(ignoredOnes)('%s', async (name, build) => {
    const folder = await arena.copy();
    await build(folder);
    const answers = await arena.answers(folder);
    // Without readable settings there is no remote to link to.
    const isSettings = name.startsWith('the settings');
    const link = /"permalink": "[^"]*"/u;
    expect(isSettings ? answers.replace(/,\n *"permalink": "[^"]*"/u, '') : answers).toBe(
      isSettings ? plain.replace(/,\n *"permalink": "[^"]*"/u, '') : plain,
    );
    expect(link.test(answers)).toBe(!isSettings);
    expect(await arena.ran()).toEqual([]);
  });
});

describe("a model's path never becomes git's working folder", () => {
  it.each([
    ['a bare repository of ordinary files', false],
    ['the same, in a workspace whose path is a link', true],
  ])('%s', async (_name, linked) => {
    const folder = await arena.copy();
    await plantBare(join(folder, 'vendor'));
    const workspace = linked ? join(dirname(folder), 'linked') : folder;
    if (linked) await symlink(folder, workspace);
    const answers = await arena.answers(
      workspace,
      'vendor',
      'vendor/HEAD',
      join(workspace, 'vendor'),
      join(folder, 'vendor'),
    );
    expect(answers).not.toContain(canary);
    expect(answers).toContain('0 commits of vendor');
    expect(await arena.ran()).toEqual([]);
  });

  it('a workspace program called git never runs either', async () => {
    const folder = await arena.copy();
    await put(join(folder, 'node_modules/.bin/git'), await readFile(arena.trap, 'utf8'));
    execFileSync('/bin/chmod', ['+x', join(folder, 'node_modules/.bin/git')]);
    const path = process.env['PATH'];
    process.env['PATH'] = `${join(folder, 'node_modules/.bin')}:.:${path}`;
    expect(await arena.answers(folder)).toBe(plain);
    process.env['PATH'] = path;
    expect(await arena.ran()).toEqual([]);
  });

  it("git's environment variables have no effect either", async () => {
    const folder = await arena.copy();
    const variables = {
      GIT_DIR: join(arena.secretRepository, '.git'),
      GIT_EXTERNAL_DIFF: arena.trap,
      GIT_PAGER: arena.trap,
      GIT_SSH_COMMAND: arena.trap,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'diff.external',
      GIT_CONFIG_VALUE_0: arena.trap,
      GIT_CONFIG_PARAMETERS: `'diff.external=${arena.trap}'`,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: secretObjects(),
      GIT_EXEC_PATH: join(arena.home, 'traps'),
      GIT_TRACE: arena.secretFile,
    };
    Object.assign(process.env, variables);
    const answers = await arena.answers(folder);
    for (const name of Object.keys(variables)) Reflect.deleteProperty(process.env, name);
    expect(answers).toBe(plain);
    expect(await arena.ran()).toEqual([]);
    expect(await readFile(arena.secretFile, 'utf8')).toBe(`${canary}\n`);
  });
});
