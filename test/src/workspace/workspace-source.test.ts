import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Arguments, CallOptions, ToolOutcome } from '../../../src/agent/tools.ts';
import { createPlainWorkspace } from '../../../src/workspace/plain-workspace.ts';
import { createWorkspaceSource } from '../../../src/workspace/workspace-source.ts';
import type { Workspace } from '../../../src/workspace/workspace.ts';

const secret = 'outside-the-workspace-9f2c';
let home: string;
let folder: string;
let workspace: Workspace;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'switchboard-workspace-'));
  folder = join(home, 'shop');
  await put('../outside.txt', secret);
  await put('../shop-other/notes.txt', secret);
  await put('src/orders.ts', 'export const timeoutMs = 3000;\nthrow new Error("PAYMENT_TIMEOUT");\n');
  await put('src/blank.ts', '');
  await put('src/windows.ts', 'one\r\ntwo\r\n');
  await put('src/long.ts', `${'x'.repeat(5000)}\n${'y\n'.repeat(900)}`);
  await put('README.md', 'PAYMENT_TIMEOUT is raised when the provider is slow\n');
  await put('image.bin', 'PAYMENT_TIMEOUT\0binary');
  await put('.env', `DB_PASSWORD=${secret}\n`);
  await put('.env.example', 'DB_PASSWORD=\n');
  await put('keys/server.PEM', secret);
  await put('.gitignore', 'build/\n*.log\n!keep.log\n');
  await put('build/orders.js', 'PAYMENT_TIMEOUT');
  await put('debug.log', 'PAYMENT_TIMEOUT');
  await put('keep.log', 'PAYMENT_TIMEOUT kept');
  await put('packages/api/.gitignore', 'generated.ts\n');
  await put('packages/api/generated.ts', 'PAYMENT_TIMEOUT');
  await put('packages/api/server.ts', 'PAYMENT_TIMEOUT');
  await put('node_modules/library/index.js', 'PAYMENT_TIMEOUT');
  await symlink('../outside.txt', join(folder, 'link.txt'));
  await symlink('.env', join(folder, 'innocent.txt'));
  await symlink('..', join(folder, 'up'));
  await symlink('loop', join(folder, 'loop'));
  git('init', '-q', '-b', 'main');
  commit('2026-11-01T10:00:00Z', 'Orders service');
  await put('src/orders.ts', 'export const timeoutMs = 30;\nthrow new Error("PAYMENT_TIMEOUT");\n');
  commit('2026-11-02T10:00:00Z', 'Deploy: shorter payment timeout');
  workspace = createPlainWorkspace(folder);
});

afterAll(() => rm(home, { recursive: true, force: true }));

async function put(path: string, content: string): Promise<void> {
  const absolute = join(folder, path);
  await mkdir(dirname(absolute), { recursive: true });
  await writeFile(absolute, content);
}

function git(...arguments_: string[]): void {
  execFileSync('git', arguments_, { cwd: folder, stdio: 'pipe' });
}

function commit(date: string, message: string): void {
  const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@shop.test'];
  git('add', '-f', '.env', '.');
  execFileSync('git', [...author, 'commit', '-q', '-m', message], {
    cwd: folder,
    env: { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
  });
}

function call(
  name: string,
  input: Arguments,
  options: Partial<CallOptions> = {},
  of = workspace,
): Promise<ToolOutcome> {
  return createWorkspaceSource(of).call(name, input, {
    signal: AbortSignal.timeout(20_000),
    run: { session: 's', run: 'r', actor: 'test' },
    ...options,
  });
}

async function result(name: string, input: Arguments, of = workspace) {
  const outcome = await call(name, input, {}, of);
  if (outcome.kind !== 'result') throw new Error(outcome.text);
  return { text: outcome.text, structured: outcome.structured ?? {} };
}

async function failure(name: string, input: Arguments, of = workspace) {
  const outcome = await call(name, input, {}, of);
  if (outcome.kind !== 'failure') throw new Error(`expected a failure, got ${outcome.text}`);
  return outcome.failure;
}

describe('reading a file', () => {
  it('gives numbered lines', async () => {
    const { text, structured } = await result('read_workspace_file', { path: 'src/orders.ts' });
    expect(text).toBe(
      'src/orders.ts, lines 1 to 2 of 2\n1\texport const timeoutMs = 30;\n2\tthrow new Error("PAYMENT_TIMEOUT");',
    );
    expect(structured).toMatchObject({ path: 'src/orders.ts', total_lines: 2, truncated: false });
  });

  it('accepts an absolute path of the workspace', async () => {
    const { structured } = await result('read_workspace_file', { path: join(folder, 'src/orders.ts') });
    expect(structured).toMatchObject({ path: 'src/orders.ts' });
  });

  it('caps lines and their length, and says where to go on', async () => {
    const { text, structured } = await result('read_workspace_file', { path: 'src/long.ts' });
    expect(structured).toMatchObject({ end_line: 400, total_lines: 901, truncated: true });
    expect(text).toContain('(line cut, 5000 characters)');
    expect(text).toContain('(lines 401 to 901 not shown)');
  });

  it('reads Windows line ends and an empty file', async () => {
    expect((await result('read_workspace_file', { path: 'src/windows.ts' })).structured['content']).toBe('one\ntwo');
    expect((await result('read_workspace_file', { path: 'src/blank.ts' })).structured['content']).toBe('');
  });

  it('prefers what is typed but not saved', async () => {
    const typing = { ...workspace, unsavedText: () => 'unsaved' };
    expect((await result('read_workspace_file', { path: 'src/orders.ts' }, typing)).structured['content']).toBe(
      'unsaved',
    );
  });

  it.each([
    ['nothing.ts', 'not_found'],
    ['src', 'invalid_arguments'],
    ['image.bin', 'invalid_arguments'],
    ['.env', 'not_allowed'],
    ['keys/server.PEM', 'not_allowed'],
    ['build/orders.js', 'not_allowed'],
    ['debug.log', 'not_allowed'],
    ['packages/api/generated.ts', 'not_allowed'],
    ['node_modules/library/index.js', 'not_allowed'],
    ['.git/config', 'not_allowed'],
    ['../outside.txt', 'not_allowed'],
    ['../shop-other/notes.txt', 'not_allowed'],
    ['src/../../outside.txt', 'not_allowed'],
    ['/etc/passwd', 'not_allowed'],
    ['link.txt', 'not_allowed'],
    ['innocent.txt', 'not_allowed'],
    ['up/outside.txt', 'not_allowed'],
    ['up/shop/.env', 'not_allowed'],
    ['loop', 'not_allowed'],
    ['src/orders.ts\0.png', 'invalid_arguments'],
    ['/dev/zero', 'not_allowed'],
    ['/proc/self/environ', 'not_allowed'],
  ])('refuses %j: %s', async (path, code) => {
    const refused = await failure('read_workspace_file', { path });
    expect(refused.code).toBe(code);
    expect(JSON.stringify(refused)).not.toContain(secret);
  });

  it('allows the template of an environment file', async () => {
    expect((await result('read_workspace_file', { path: '.env.example' })).text).toContain('DB_PASSWORD=');
  });

  it('never opens a named pipe', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(await failure('read_workspace_file', { path: 'pipe' })).toMatchObject({ code: 'invalid_arguments' });
    expect((await result('search_workspace', { query: 'PAYMENT' })).text).not.toContain('pipe');
    await rm(join(folder, 'pipe'));
  });

  it('names the argument that is wrong', async () => {
    expect((await failure('read_workspace_file', { path: 'README.md', start_line: 0 })).message).toContain(
      "'start_line'",
    );
    expect((await failure('read_workspace_file', {})).message).toContain("'path'");
  });

  it('gives away nothing outside, whatever the path', async () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      'up',
      'link.txt',
      'innocent.txt',
      '.env',
      'shop',
      'src',
      'outside.txt',
      '/',
      '~',
    );
    const odd = fc.oneof(piece, fc.string({ maxLength: 8 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(odd, { minLength: 1, maxLength: 7 }),
        fc.constantFrom('/', '\\', '//'),
        async (parts, by) => {
          const outcome = await call('read_workspace_file', { path: parts.join(by) });
          expect(outcome.text).not.toContain(secret);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('searching', () => {
  it('finds text, and leaves out what is ignored, binary, linked or secret', async () => {
    const { structured } = await result('search_workspace', { query: 'payment_timeout' });
    expect(structured['rows']).toEqual([
      ['README.md', 1, 'PAYMENT_TIMEOUT is raised when the provider is slow'],
      ['keep.log', 1, 'PAYMENT_TIMEOUT kept'],
      ['packages/api/server.ts', 1, 'PAYMENT_TIMEOUT'],
      ['src/orders.ts', 2, 'throw new Error("PAYMENT_TIMEOUT");'],
    ]);
    expect((await result('search_workspace', { query: secret })).structured['row_count']).toBe(0);
  });

  it('takes the query literally', async () => {
    expect((await result('search_workspace', { query: 'Error("PAY' })).structured['row_count']).toBe(1);
    expect((await result('search_workspace', { query: '(a+)+$' })).structured['row_count']).toBe(0);
  });

  it('narrows by file, by case and by number', async () => {
    const narrow = await result('search_workspace', { query: 'PAYMENT', include: 'src/**/*.ts' });
    expect(narrow.structured['row_count']).toBe(1);
    expect(
      (await result('search_workspace', { query: 'payment_', case_sensitive: true })).structured['row_count'],
    ).toBe(0);
    const few = await result('search_workspace', { query: 'PAYMENT', limit: 2 });
    expect(few.structured).toMatchObject({ row_count: 2, truncated: true });
    expect(few.text).toContain('more than 2 matches');
  });

  it('finds file names', async () => {
    const { structured } = await result('search_workspace', { query: 'orders', search_in: 'file_names' });
    expect(structured['rows']).toEqual([['src/orders.ts']]);
  });

  it('honours the excludes of the editor', async () => {
    const hiding = { ...workspace, excludes: () => ['**/*.{md,log}', 'packages'] };
    const { structured } = await result('search_workspace', { query: 'PAYMENT_TIMEOUT' }, hiding);
    expect(structured['rows']).toEqual([['src/orders.ts', 2, 'throw new Error("PAYMENT_TIMEOUT");']]);
    expect((await failure('read_workspace_file', { path: 'README.md' }, hiding)).code).toBe('not_allowed');
  });

  it('honours the .gitignore above a folder that is part of a repository', async () => {
    const part = createPlainWorkspace(join(folder, 'packages/api'));
    await put('packages/api/build/out.js', 'PAYMENT_TIMEOUT');
    expect((await result('search_workspace', { query: 'PAYMENT' }, part)).structured['rows']).toEqual([
      ['server.ts', 1, 'PAYMENT_TIMEOUT'],
    ]);
  });

  it.each([
    ['a link to a device', (path: string) => symlink('/dev/zero', path), 'it is a symbolic link'],
    ['a link elsewhere', (path: string) => symlink('../../outside.txt', path), 'it is a symbolic link'],
    ['a named pipe', (path: string) => execFileSync('mkfifo', [path]), 'it is not a regular file'],
    ['a folder', (path: string) => mkdir(path), 'it is not a regular file'],
    ['huge', (path: string) => writeFile(path, 'x\n'.repeat(200_000)), 'it is larger than 262144 bytes'],
  ])('says that a .gitignore was not applied: %s', async (_name, make, reason) => {
    const path = join(folder, 'odd/.gitignore');
    await put('odd/a.ts', 'PAYMENT_TIMEOUT odd');
    await make(path);
    const { text, structured } = await result('search_workspace', { query: 'PAYMENT_TIMEOUT odd' });
    expect(structured['rows']).toEqual([['odd/a.ts', 1, 'PAYMENT_TIMEOUT odd']]);
    expect(text).toContain(`odd/.gitignore was not applied: ${reason}`);
    expect((await result('read_workspace_file', { path: 'odd/a.ts' })).text).toContain('PAYMENT_TIMEOUT odd');
    await rm(join(folder, 'odd'), { recursive: true });
  });

  it('refuses a file whose rules take too long, and goes on with the others', async () => {
    const deep = `odd/${'aaaa/'.repeat(180)}`;
    await put('odd/.gitignore', `**/${'*a*a/'.repeat(100)}b\n`.repeat(400));
    await put(`${deep}a.ts`, 'PAYMENT_TIMEOUT odd');
    expect((await failure('read_workspace_file', { path: `${deep}a.ts` })).message).toContain('take too long to apply');
    expect((await result('search_workspace', { query: 'PAYMENT' })).structured['row_count']).toBe(4);
    await rm(join(folder, 'odd'), { recursive: true });
  });

  it('takes any number of ** in include', async () => {
    const include = `${'**/'.repeat(100)}orders.ts`;
    const { structured } = await result('search_workspace', { query: 'PAYMENT', include });
    expect(structured['rows']).toEqual([['src/orders.ts', 2, 'throw new Error("PAYMENT_TIMEOUT");']]);
    expect((await result('search_workspace', { query: 'PAYMENT', include: 'src' })).structured['row_count']).toBe(1);
  });

  it('finds nothing in files that usually hold credentials', async () => {
    for (const path of ['.envrc', 'prod.env', 'infra/main.tfvars', '.docker/config.json', 'server.key.old'])
      await put(`odd/${path}`, 'PAYMENT_TIMEOUT secret');
    expect((await result('search_workspace', { query: 'PAYMENT_TIMEOUT secret' })).structured['row_count']).toBe(0);
    expect((await failure('read_workspace_file', { path: 'odd/prod.env' })).code).toBe('not_allowed');
    await rm(join(folder, 'odd'), { recursive: true });
  });

  it('stops when cancelled', async () => {
    const outcome = await call('search_workspace', { query: 'x' }, { signal: AbortSignal.abort() });
    expect(outcome).toMatchObject({ kind: 'failure', failure: { code: 'cancelled' } });
  });
});

describe('several folders', () => {
  it('names files after their folder, and understands such names', async () => {
    const both: Workspace = {
      ...workspace,
      folders: () => [
        { name: 'shop', path: folder },
        { name: 'other', path: join(home, 'shop-other') },
      ],
    };
    const { structured } = await result('search_workspace', { query: secret }, both);
    expect(structured['rows']).toEqual([['other/notes.txt', 1, secret]]);
    expect((await result('read_workspace_file', { path: 'other/notes.txt' }, both)).structured['path']).toBe(
      'other/notes.txt',
    );
    expect((await failure('read_workspace_file', { path: 'other/../../outside.txt' }, both)).code).toBe('not_allowed');
  });

  it('says that no folder is open', async () => {
    const none = { ...workspace, folders: () => [] };
    expect((await failure('read_workspace_file', { path: 'a' }, none)).message).toBe('No folder is open.');
    expect((await result('search_workspace', { query: 'a' }, none)).structured['row_count']).toBe(0);
    expect((await result('get_editor_context', {}, none)).text).toContain('No folder is open.');
  });
});

describe('git history', () => {
  it('lists commits, of one file too', async () => {
    const { structured } = await result('get_git_history', { path: 'src/orders.ts', limit: 1 });
    expect(structured).toMatchObject({ row_count: 1, truncated: true });
    expect(structured['rows']).toEqual([
      [
        expect.stringMatching(/^[0-9a-f]{7,}$/u),
        expect.stringContaining('2026-11-02'),
        'Ada',
        'HEAD -> main',
        'Deploy: shorter payment timeout',
      ],
    ]);
    expect((await result('get_git_history', {})).structured['row_count']).toBe(2);
  });

  it('blames lines', async () => {
    const { structured } = await result('get_git_history', { path: 'src/orders.ts', start_line: 1, end_line: 2 });
    const rows = structured['rows'];
    expect(rows).toEqual([
      [
        1,
        expect.any(String),
        '2026-11-02T10:00:00.000Z',
        'Ada',
        'Deploy: shorter payment timeout',
        'export const timeoutMs = 30;',
      ],
      [
        2,
        expect.any(String),
        '2026-11-01T10:00:00.000Z',
        'Ada',
        'Orders service',
        'throw new Error("PAYMENT_TIMEOUT");',
      ],
    ]);
  });

  it('shows a commit without the credentials in it', async () => {
    const rows = (await result('get_git_history', {})).structured['rows'];
    const [last, first] = rows as string[][];
    expect((await result('get_git_history', { commit: last![0]! })).text).toContain('-export const timeoutMs = 3000;');
    const whole = await result('get_git_history', { commit: first![0]! });
    expect(whole.text).toContain('+PAYMENT_TIMEOUT kept');
    expect(whole.text).not.toContain(secret);
  });

  it.each([
    [{ commit: '--output=/tmp/x' }, 'invalid_arguments'],
    [{ commit: 'HEAD' }, 'invalid_arguments'],
    [{ commit: 'dddddddd' }, 'upstream_error'],
    [{ path: '--help' }, 'not_found'],
    [{ path: '../outside.txt' }, 'not_allowed'],
    [{ path: '.env', start_line: 1 }, 'not_allowed'],
    [{ path: 'src/orders.ts', start_line: 900 }, 'upstream_error'],
    [{ start_line: 1 }, 'invalid_arguments'],
  ])('refuses %j: %s', async (input, code) => {
    expect((await failure('get_git_history', input)).code).toBe(code);
  });

  it('runs no program that the repository names', async () => {
    const witness = join(home, 'ran');
    await put('evil.sh', `#!/bin/sh\ntouch ${witness}\ncat "$1" 2>/dev/null\n`);
    execFileSync('chmod', ['+x', join(folder, 'evil.sh')]);
    for (const key of [
      'core.fsmonitor',
      'diff.external',
      'diff.evil.textconv',
      'diff.evil.command',
      'filter.evil.clean',
      'filter.evil.smudge',
      'filter.evil.process',
      'core.pager',
      'gpg.program',
    ]) {
      git('config', key, join(folder, 'evil.sh'));
    }
    git('config', 'log.showSignature', 'true');
    await put('.git/info/attributes', '*.ts diff=evil filter=evil\n');
    const rows = (await result('get_git_history', { path: 'src/orders.ts' })).structured['rows'] as string[][];
    await result('get_git_history', { commit: rows[0]![0]! });
    await result('get_git_history', { path: 'src/orders.ts', start_line: 1 });
    await result('get_editor_context', {});
    expect(() => execFileSync('cat', [witness], { stdio: 'pipe' })).toThrow();
    // The witness works: without the guard, git does run it.
    spawnSync('git', ['blame', 'src/orders.ts'], { cwd: folder });
    expect(execFileSync('cat', [witness]).toString()).toBe('');
  });

  it('says where there is no repository, and where there is no git', async () => {
    const bare = createPlainWorkspace(join(home, 'shop-other'));
    expect((await failure('get_git_history', {}, bare)).code).toBe('not_found');
    const without = { ...workspace, git: () => Promise.resolve(undefined) };
    expect((await failure('get_git_history', {}, without)).code).toBe('not_configured');
  });
});

describe('the editor', () => {
  it('is described where there is one', async () => {
    const path = join(folder, 'src/orders.ts');
    const editing: Workspace = {
      ...workspace,
      editor: {
        active: () => ({
          path,
          language: 'typescript',
          lineCount: 2,
          unsaved: true,
          selection: { startLine: 2, endLine: 2, text: 'throw new Error("PAYMENT_TIMEOUT");' },
        }),
        openFiles: () => [path, '/etc/passwd'],
        diagnostics: () => [
          { path, startLine: 2, endLine: 2, severity: 'warning', message: 'unused', source: 'ts', code: '6133' },
          { path, startLine: 1, endLine: 1, severity: 'error', message: 'wrong', source: undefined, code: undefined },
          { path: '/etc/passwd', startLine: 1, endLine: 1, severity: 'error', message: 'x', source: 'y', code: 'z' },
        ],
      },
    };
    const { structured } = await result('get_editor_context', {}, editing);
    expect(structured).toMatchObject({
      active_file: 'src/orders.ts',
      open_files: ['src/orders.ts'],
      selection: { start_line: 2, text: 'throw new Error("PAYMENT_TIMEOUT");' },
      folders: [{ name: 'shop', branch: 'main' }],
    });
    const problems = await result('get_workspace_diagnostics', { path: 'src' }, editing);
    expect(problems.structured['rows']).toEqual([
      ['src/orders.ts', 1, 'error', '', 'wrong'],
      ['src/orders.ts', 2, 'warning', 'ts 6133', 'unused'],
    ]);
  });

  it('is not asked for problems where there is none', async () => {
    const names = (await createWorkspaceSource(workspace).list(AbortSignal.timeout(1000))).map((tool) => tool.name);
    expect(names).toEqual(['get_editor_context', 'search_workspace', 'read_workspace_file', 'get_git_history']);
  });
});
