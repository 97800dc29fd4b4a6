import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, matchesGlob } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { settingsSchema } from '../src/settings.ts';
import { version } from '../servers/contract/version.ts';
import config from './vitest.config.ts';

const globs = z.array(z.string()).default([]);
const configSchema = z.object({
  test: z.object({ projects: z.array(z.object({ test: z.object({ include: globs, exclude: globs }) })) }),
});

const run = promisify(execFile);

async function trackedFiles(...patterns: string[]): Promise<string[]> {
  const { stdout } = await run('git', ['ls-files', '--', ...patterns]);
  return stdout.split('\n').filter((file) => file !== '');
}

const manifest = JSON.parse(await readFile('package.json', 'utf8')) as {
  version: string;
  devDependencies: Record<string, string>;
  dependencies?: Record<string, string>;
};

describe('the project', () => {
  it('has one version', () => {
    expect(manifest.version).toBe(version);
  });

  it('has only the names at its top that it is meant to have', async () => {
    const meant =
      /^(?:package\.json|package-lock\.json|tsconfig\.json|esbuild\.mjs|src|servers|media|test|README\.md|CHANGELOG\.md|LICENSE|\..+)$/;
    const names = new Set((await trackedFiles()).map((file) => file.split('/')[0] ?? ''));
    expect([...names].filter((name) => !meant.test(name))).toEqual([]);
  });

  it('has no long file: at most 300 lines, and 400 of tests', async () => {
    const long: string[] = [];
    for (const file of await trackedFiles('src/*', 'servers/*', 'test/*')) {
      if (!/\.(?:ts|css|mjs)$/.test(file)) continue;
      const lines = (await readFile(file, 'utf8')).split('\n').length - 1;
      if (lines > (file.startsWith('test/') ? 400 : 300)) long.push(`${file}: ${lines} lines`);
    }
    expect(long).toEqual([]);
  });

  it('has no crowded folder: at most 25 files, else it gets rooms', async () => {
    const counts = new Map<string, number>();
    for (const file of await trackedFiles('src/*', 'servers/*', 'test/*', 'media/*')) {
      const folder = dirname(file);
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
    expect([...counts].filter(([, count]) => count > 25)).toEqual([]);
  });

  it('imports zod as a namespace: the named import brings every locale along', async () => {
    const wrong: string[] = [];
    for (const file of await trackedFiles('*.ts')) {
      if (/import (?:type )?\{[^}]*\bz\b[^}]*\} from 'zod'/.test(await readFile(file, 'utf8'))) wrong.push(file);
    }
    expect(wrong).toEqual([]);
  });

  it('has a lock file that npm ci accepts: it holds what is optional on other systems too', async () => {
    interface Locked {
      readonly packages: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
    }
    const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8')) as Locked;
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages),
      ),
    );
    expect(missing).toEqual([]);
  });

  it('pins every dependency exactly, and bundles all of them', () => {
    expect(manifest.dependencies).toBeUndefined();
    expect(Object.entries(manifest.devDependencies).filter(([, wanted]) => !/^\d+\.\d+\.\d+/.test(wanted))).toEqual([]);
  });

  it('has a lock file that says what each package must be, on every system', async () => {
    const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8')) as {
      readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
    };
    const bare = Object.entries(packages).filter(
      ([path, { integrity }]) => path !== '' && !integrity?.startsWith('sha512-'),
    );
    expect(bare.map(([path]) => path)).toEqual([]);
  });

  it('has a lock file without addresses', async () => {
    expect(await readFile('package-lock.json', 'utf8')).not.toMatch(/"resolved"/);
  });

  it('tells of every setting in the README of VS Code', async () => {
    const readme = await readFile('src/vscode/README.md', 'utf8');
    const missing = Object.keys(settingsSchema.shape).filter((name) => !readme.includes(`\`switchboard.${name}\``));
    expect(missing).toEqual([]);
  });

  it('runs every test file in one of its projects', async () => {
    const projects = configSchema.parse(config).test.projects.map(({ test }) => test);
    const isRun = (file: string): boolean =>
      projects.some(
        ({ include, exclude }) =>
          include.some((glob) => matchesGlob(file, glob)) && !exclude.some((glob) => matchesGlob(file, glob)),
      );
    const files = (await trackedFiles('test/*.test.ts')).filter((file) => !file.startsWith('test/stack/workspace/'));
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((file) => !isRun(file))).toEqual([]);
  });

  it('skips, narrows and postpones no test', async () => {
    const wrong: string[] = [];
    for (const file of await trackedFiles('test/*.test.ts')) {
      if (/\b(?:it|test|describe)\.(?:skip|only|todo|fails)\b/.test(await readFile(file, 'utf8'))) wrong.push(file);
    }
    expect(wrong.filter((file) => file !== 'test/project.test.ts')).toEqual([]);
  });
});
