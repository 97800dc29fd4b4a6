import { execFileSync } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createPlainWorkspace } from '../../../src/workspace/plain-workspace.ts';
import { createWorkspaceSource } from '../../../src/workspace/workspace-source.ts';
import type { Workspace } from '../../../src/workspace/workspace.ts';
import { secret, ShopRepository } from './shop-repository.ts';

let shop: ShopRepository;

beforeAll(async () => {
  shop = await ShopRepository.create();
});

afterAll(() => shop.remove());

describe('reading a file', () => {
  it('gives numbered lines', async () => {
    const { text, structured } = await shop.result('read_workspace_file', { path: 'src/orders.ts' });
    expect(text).toBe(
      'src/orders.ts, lines 1 to 2 of 2\n1\texport const timeoutMs = 30;\n2\tthrow new Error("PAYMENT_TIMEOUT");',
    );
    expect(structured).toMatchObject({ path: 'src/orders.ts', total_lines: 2, truncated: false });
  });

  it('accepts an absolute path of the workspace', async () => {
    const { structured } = await shop.result('read_workspace_file', { path: join(shop.folder, 'src/orders.ts') });
    expect(structured).toMatchObject({ path: 'src/orders.ts' });
  });

  it('limits lines and their length, and says where to continue', async () => {
    const { text, structured } = await shop.result('read_workspace_file', { path: 'src/long.ts' });
    expect(structured).toMatchObject({ end_line: 400, total_lines: 901, truncated: true });
    expect(text).toContain('(line cut, 5000 characters)');
    expect(text).toContain('(lines 401 to 901 not shown)');
  });

  it('reads Windows line ends and an empty file', async () => {
    expect((await shop.result('read_workspace_file', { path: 'src/windows.ts' })).structured['content']).toBe(
      'one\ntwo',
    );
    expect((await shop.result('read_workspace_file', { path: 'src/blank.ts' })).structured['content']).toBe('');
  });

  it('prefers unsaved changes', async () => {
    const typing = { ...shop.workspace, unsavedText: () => 'unsaved' };
    expect((await shop.result('read_workspace_file', { path: 'src/orders.ts' }, typing)).structured['content']).toBe(
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
  ])('rejects %j: %s', async (path, code) => {
    const refused = await shop.failure('read_workspace_file', { path });
    expect(refused.code).toBe(code);
    expect(JSON.stringify(refused)).not.toContain(secret);
  });

  it('allows the template of an environment file', async () => {
    expect((await shop.result('read_workspace_file', { path: '.env.example' })).text).toContain('DB_PASSWORD=');
  });

  it('never opens a named pipe', async () => {
    execFileSync('mkfifo', [join(shop.folder, 'pipe')]);
    expect(await shop.failure('read_workspace_file', { path: 'pipe' })).toMatchObject({ code: 'invalid_arguments' });
    expect((await shop.result('search_workspace', { query: 'PAYMENT' })).text).not.toContain('pipe');
    await rm(join(shop.folder, 'pipe'));
  });

  it('names the argument that is wrong', async () => {
    expect((await shop.failure('read_workspace_file', { path: 'README.md', start_line: 0 })).message).toContain(
      "'start_line'",
    );
    expect((await shop.failure('read_workspace_file', {})).message).toContain("'path'");
  });

  it('reveals nothing outside, whatever the path', async () => {
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
          const outcome = await shop.call('read_workspace_file', { path: parts.join(by) });
          expect(outcome.text).not.toContain(secret);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('searching', () => {
  it('finds text, and skips ignored, binary, linked and secret files', async () => {
    const { structured } = await shop.result('search_workspace', { query: 'payment_timeout' });
    expect(structured['rows']).toEqual([
      ['README.md', 1, 'PAYMENT_TIMEOUT is raised when the provider is slow'],
      ['keep.log', 1, 'PAYMENT_TIMEOUT kept'],
      ['packages/api/server.ts', 1, 'PAYMENT_TIMEOUT'],
      ['src/orders.ts', 2, 'throw new Error("PAYMENT_TIMEOUT");'],
    ]);
    expect((await shop.result('search_workspace', { query: secret })).structured['row_count']).toBe(0);
  });

  it('takes the query literally', async () => {
    expect((await shop.result('search_workspace', { query: 'Error("PAY' })).structured['row_count']).toBe(1);
    expect((await shop.result('search_workspace', { query: '(a+)+$' })).structured['row_count']).toBe(0);
  });

  it('narrows by file, by case and by number', async () => {
    const narrow = await shop.result('search_workspace', { query: 'PAYMENT', include: 'src/**/*.ts' });
    expect(narrow.structured['row_count']).toBe(1);
    expect(
      (await shop.result('search_workspace', { query: 'payment_', case_sensitive: true })).structured['row_count'],
    ).toBe(0);
    const few = await shop.result('search_workspace', { query: 'PAYMENT', limit: 2 });
    expect(few.structured).toMatchObject({ row_count: 2, truncated: true });
    expect(few.text).toContain('more than 2 matches');
  });

  it('finds file names', async () => {
    const { structured } = await shop.result('search_workspace', { query: 'orders', search_in: 'file_names' });
    expect(structured['rows']).toEqual([['src/orders.ts']]);
  });

  it("honors the editor's excludes", async () => {
    const hiding = { ...shop.workspace, excludes: () => ['**/*.{md,log}', 'packages'] };
    const { structured } = await shop.result('search_workspace', { query: 'PAYMENT_TIMEOUT' }, hiding);
    expect(structured['rows']).toEqual([['src/orders.ts', 2, 'throw new Error("PAYMENT_TIMEOUT");']]);
    expect((await shop.failure('read_workspace_file', { path: 'README.md' }, hiding)).code).toBe('not_allowed');
  });

  it('honors the .gitignore above a folder that is part of a repository', async () => {
    const part = createPlainWorkspace(join(shop.folder, 'packages/api'));
    await shop.put('packages/api/build/out.js', 'PAYMENT_TIMEOUT');
    expect((await shop.result('search_workspace', { query: 'PAYMENT' }, part)).structured['rows']).toEqual([
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
    const path = join(shop.folder, 'odd/.gitignore');
    await shop.put('odd/a.ts', 'PAYMENT_TIMEOUT odd');
    await make(path);
    const { text, structured } = await shop.result('search_workspace', { query: 'PAYMENT_TIMEOUT odd' });
    expect(structured['rows']).toEqual([['odd/a.ts', 1, 'PAYMENT_TIMEOUT odd']]);
    expect(text).toContain(`odd/.gitignore was not applied: ${reason}`);
    expect((await shop.result('read_workspace_file', { path: 'odd/a.ts' })).text).toContain('PAYMENT_TIMEOUT odd');
    await rm(join(shop.folder, 'odd'), { recursive: true });
  });

  it('skips a file whose rules take too long, and continues with the others', async () => {
    // A search also stops after a time, which a slow machine needs for this: here, the clock stands.
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => {
      vi.useRealTimers();
      return rm(join(shop.folder, 'odd'), { recursive: true });
    });
    const deep = `odd/${'aaaa/'.repeat(180)}`;
    await shop.put('odd/.gitignore', `**/${'*a*a/'.repeat(100)}b\n`.repeat(400));
    await shop.put(`${deep}a.ts`, 'PAYMENT_TIMEOUT odd');
    expect((await shop.failure('read_workspace_file', { path: `${deep}a.ts` })).message).toContain(
      'take too long to apply',
    );
    expect((await shop.result('search_workspace', { query: 'PAYMENT' })).structured['row_count']).toBe(4);
  });

  it('takes any number of ** in include', async () => {
    const include = `${'**/'.repeat(100)}orders.ts`;
    const { structured } = await shop.result('search_workspace', { query: 'PAYMENT', include });
    expect(structured['rows']).toEqual([['src/orders.ts', 2, 'throw new Error("PAYMENT_TIMEOUT");']]);
    expect((await shop.result('search_workspace', { query: 'PAYMENT', include: 'src' })).structured['row_count']).toBe(
      1,
    );
  });

  it('finds nothing in files that usually contain credentials', async () => {
    for (const path of ['.envrc', 'prod.env', 'infra/main.tfvars', '.docker/config.json', 'server.key.old'])
      await shop.put(`odd/${path}`, 'PAYMENT_TIMEOUT secret');
    expect((await shop.result('search_workspace', { query: 'PAYMENT_TIMEOUT secret' })).structured['row_count']).toBe(
      0,
    );
    expect((await shop.failure('read_workspace_file', { path: 'odd/prod.env' })).code).toBe('not_allowed');
    await rm(join(shop.folder, 'odd'), { recursive: true });
  });

  it('stops when cancelled', async () => {
    const outcome = await shop.call('search_workspace', { query: 'x' }, { signal: AbortSignal.abort() });
    expect(outcome).toMatchObject({ kind: 'failure', failure: { code: 'cancelled' } });
  });
});

describe('several folders', () => {
  it('names files after their folder, and understands such names', async () => {
    const both: Workspace = {
      ...shop.workspace,
      folders: () => [
        { name: 'shop', path: shop.folder },
        { name: 'other', path: join(shop.home, 'shop-other') },
      ],
    };
    const { structured } = await shop.result('search_workspace', { query: secret }, both);
    expect(structured['rows']).toEqual([['other/notes.txt', 1, secret]]);
    expect((await shop.result('read_workspace_file', { path: 'other/notes.txt' }, both)).structured['path']).toBe(
      'other/notes.txt',
    );
    expect((await shop.failure('read_workspace_file', { path: 'other/../../outside.txt' }, both)).code).toBe(
      'not_allowed',
    );
  });

  it('says that no folder is open', async () => {
    const none = { ...shop.workspace, folders: () => [] };
    expect((await shop.failure('read_workspace_file', { path: 'a' }, none)).message).toBe('No folder is open.');
    expect((await shop.result('search_workspace', { query: 'a' }, none)).structured['row_count']).toBe(0);
    expect((await shop.result('get_editor_context', {}, none)).text).toContain('No folder is open.');
  });
});

describe('the editor', () => {
  it('is described if there is one', async () => {
    const path = join(shop.folder, 'src/orders.ts');
    const editing: Workspace = {
      ...shop.workspace,
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
    const { structured } = await shop.result('get_editor_context', {}, editing);
    expect(structured).toMatchObject({
      active_file: 'src/orders.ts',
      open_files: ['src/orders.ts'],
      selection: { start_line: 2, text: 'throw new Error("PAYMENT_TIMEOUT");' },
      folders: [{ name: 'shop', branch: 'main' }],
    });
    const problems = await shop.result('get_workspace_diagnostics', { path: 'src' }, editing);
    expect(problems.structured['rows']).toEqual([
      ['src/orders.ts', 1, 'error', '', 'wrong'],
      ['src/orders.ts', 2, 'warning', 'ts 6133', 'unused'],
    ]);
  });

  it('is not asked for problems if there is none', async () => {
    const names = (await createWorkspaceSource(shop.workspace).list(AbortSignal.timeout(1000))).map(
      (tool) => tool.name,
    );
    expect(names).toEqual([
      'get_editor_context',
      'search_workspace',
      'read_workspace_file',
      'get_git_history',
      'find_error_origin',
    ]);
  });
});
