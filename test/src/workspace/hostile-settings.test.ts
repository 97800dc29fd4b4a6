import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Arena, buildArena, canary, put } from './hostile-repository.ts';
import { hostileSettings } from './hostile-settings.ts';

let arena: Arena;
let folder: string;
let settings: string;
let plain: string;

beforeAll(async () => {
  arena = await buildArena();
  folder = await arena.copy();
  settings = await readFile(join(folder, '.git/config'), 'utf8');
  plain = await arena.answers(folder);
  const extra = line('diff.external', arena.trap) + line('core.fsmonitor', arena.trap);
  await put(join(folder, '.git/extra'), extra);
  await put(join(folder, '.git/config.worktree'), extra);
  await put(join(folder, '.git/info/attributes'), '* diff=evil filter=evil\n');
  await put(join(folder, '.git/hooks/post-index-change'), `#!/bin/sh\n${arena.trap}\n`);
});

afterAll(() => arena.end());

/** As git writes it: `[section "subsection"] variable = "value"`. */
function line(key: string, value: string): string {
  const [section = '', ...rest] = key.split('.');
  const variable = rest.pop() ?? '';
  const subsection = rest.length === 0 ? '' : ` "${rest.join('.')}"`;
  return `[${section}${subsection}]\n\t${variable} = "${value}"\n`;
}

async function plant(planted: readonly (readonly [string, string])[]): Promise<void> {
  const fill = (text: string): string =>
    text
      .replaceAll('RUN', arena.trap)
      .replaceAll('FILE', arena.secretFile)
      .replaceAll('FOLDER', join(arena.home, 'traps'))
      .replaceAll('CONFIG', join(folder, '.git/extra'))
      .replaceAll('ADDRESS', `ext::${arena.trap} `);
  await put(
    join(folder, '.git/config'),
    settings + planted.map(([key, value]) => line(fill(key), fill(value))).join(''),
  );
}

describe('a setting of the repository starts no program, reads no file and changes no answer', () => {
  it.each(hostileSettings)('%s', async (key, value) => {
    await plant([[key, value]]);
    const before = await arena.ran();
    const answers = await arena.answers(folder);
    const addresses = /^(?:remote\.origin\.url|url\.)/u.test(key);
    if (!addresses) expect(answers).toBe(plain);
    expect(answers).not.toContain(canary);
    expect(await arena.ran()).toEqual(before);
  });

  it('all of them at once', async () => {
    await plant(hostileSettings);
    const before = await arena.ran();
    const answers = await arena.answers(folder);
    expect(answers).not.toContain(canary);
    expect(answers).toContain('Deploy: shorter timeout');
    expect(await arena.ran()).toEqual(before);
  });

  it.each([
    ['a submodule with settings of its own', [['diff.submodule', 'diff']], ['show', 'HEAD']],
    ['an external diff', [['diff.external', 'RUN']], ['show', '--ext-diff', 'HEAD']],
    ['a filter', [['filter.evil.clean', 'RUN']], ['hash-object', 'src/orders.ts']],
  ] as const)('the traps work: git alone runs %s', async (_name, planted, command) => {
    await plant(planted);
    const before = (await arena.ran()).length;
    spawnSync('git', command, { cwd: folder, env: { ...process.env, GIT_CONFIG_NOSYSTEM: '1' } });
    expect((await arena.ran()).length).toBeGreaterThan(before);
  });

  it('was observed: each call ran git, and each kind of call is there', async () => {
    const before = await arena.commands();
    await arena.answers(folder);
    expect((await arena.commands()) - before).toBeGreaterThan(4);
    for (const part of ['Orders service', '-export const timeoutMs = 3000;', 'Subproject commit', '"branch": "main"'])
      expect(plain).toContain(part);
    expect(plain).toContain('https://shop.test/acme/shop/blob/');
  });
});
