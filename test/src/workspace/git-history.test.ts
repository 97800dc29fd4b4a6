import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPlainWorkspace } from '../../../src/workspace/plain-workspace.ts';
import { secret, ShopRepository } from './shop-repository.ts';

let shop: ShopRepository;

beforeAll(async () => {
  shop = await ShopRepository.create();
});

afterAll(() => shop.remove());

describe('git history', () => {
  it('lists commits, also of one file', async () => {
    const { structured } = await shop.result('get_git_history', { path: 'src/orders.ts', limit: 1 });
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
    expect((await shop.result('get_git_history', {})).structured['row_count']).toBe(2);
  });

  it('blames lines', async () => {
    const { structured } = await shop.result('get_git_history', { path: 'src/orders.ts', start_line: 1, end_line: 2 });
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
    const rows = (await shop.result('get_git_history', {})).structured['rows'];
    const [last, first] = rows as string[][];
    expect((await shop.result('get_git_history', { commit: last![0]! })).text).toContain(
      '-export const timeoutMs = 3000;',
    );
    const whole = await shop.result('get_git_history', { commit: first![0]! });
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
  ])('rejects %j: %s', async (input, code) => {
    expect((await shop.failure('get_git_history', input)).code).toBe(code);
  });

  it('runs no program that the repository names', async () => {
    const witness = join(shop.home, 'ran');
    await shop.put('evil.sh', `#!/bin/sh\ntouch ${witness}\ncat "$1" 2>/dev/null\n`);
    execFileSync('chmod', ['+x', join(shop.folder, 'evil.sh')]);
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
      shop.git('config', key, join(shop.folder, 'evil.sh'));
    }
    shop.git('config', 'log.showSignature', 'true');
    await shop.put('.git/info/attributes', '*.ts diff=evil filter=evil\n');
    const rows = (await shop.result('get_git_history', { path: 'src/orders.ts' })).structured['rows'] as string[][];
    await shop.result('get_git_history', { commit: rows[0]![0]! });
    await shop.result('get_git_history', { path: 'src/orders.ts', start_line: 1 });
    await shop.result('get_editor_context', {});
    expect(() => execFileSync('cat', [witness], { stdio: 'pipe' })).toThrow();
    // The trap works: without the guard, git runs it.
    spawnSync('git', ['blame', 'src/orders.ts'], { cwd: shop.folder });
    expect(execFileSync('cat', [witness]).toString()).toBe('');
  });

  it('reports a missing repository and a missing git', async () => {
    const bare = createPlainWorkspace(join(shop.home, 'shop-other'));
    expect((await shop.failure('get_git_history', {}, bare)).code).toBe('not_found');
    const without = { ...shop.workspace, git: () => Promise.resolve(undefined) };
    expect((await shop.failure('get_git_history', {}, without)).code).toBe('not_configured');
  });
});
