import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatherFiles } from '../../stack/image.ts';

const run = promisify(execFile);
let folder: string;
let files: readonly { readonly name: string; readonly mode: number; readonly size: number }[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchboard-files-'));
  await gatherFiles(join(folder, 'files'));
  const names = await readdir(join(folder, 'files'), { recursive: true });
  const found = await Promise.all(
    names.map(async (name) => ({ name, ...pick(await stat(join(folder, 'files', name))) })),
  );
  files = found.flatMap(({ isFile, ...file }) => (isFile ? [file] : []));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function pick(of: { mode: number; size: number; isFile: () => boolean }) {
  return { mode: of.mode, size: of.size, isFile: of.isFile() };
}

describe('the files of the image', () => {
  it('are fewer than 140 MB', () => {
    expect(files.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(140e6);
  });

  it('have one program, no shell, and nothing that changes who runs or that others may write', () => {
    const programs = files.filter(({ name, mode }) => (mode & 0o111) !== 0 && !/\.so(?:\.\d+)*$/u.test(name));
    expect(programs.map(({ name }) => name)).toEqual(['usr/bin/node']);
    expect(files.filter(({ mode }) => (mode & 0o6022) !== 0)).toEqual([]);
  });

  it('have certificates, names, and no bundle of the editor', async () => {
    expect(await readFile(join(folder, 'files/etc/ssl/certs/ca-certificates.crt'), 'utf8')).toMatch(
      /^-----BEGIN CERTIFICATE-----/u,
    );
    const bundles = new Set(files.map(({ name }) => basename(name)));
    for (const name of ['postgres.cjs', 'jira.cjs', 'slack.cjs', 'cli.cjs', 'libpg-query.wasm', 'passwd'])
      expect(bundles).toContain(name);
    for (const name of ['extension.cjs', 'host.cjs', 'webview.js']) expect(bundles).not.toContain(name);
  });

  it('have all that the command line and the servers load: nothing outside the folder is read', async () => {
    const node = join(folder, 'files/usr/bin/node');
    const app = join(folder, 'files/app');
    const { stdout } = await run(node, [join(app, 'cli.cjs'), '--version'], { env: {} });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/u);
    for (const bundle of await readdir(join(app, 'servers'))) {
      if (!bundle.endsWith('.cjs')) continue;
      const asked = (await readFile(join(app, 'servers', bundle), 'utf8')).matchAll(
        /(?:require|import)\("(\.{1,2}\/[\w./-]+\.cjs)"\)/gu,
      );
      for (const [, path = ''] of asked) await stat(join(app, 'servers', path));
    }
  });
});
