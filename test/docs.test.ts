import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../src/terminal/exit-codes.ts';
import { documented, entries, fillRegions } from './stack/docs.ts';

const run = promisify(execFile);

async function tracked(...patterns: string[]): Promise<string[]> {
  const { stdout } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...patterns]);
  return stdout.split('\n').filter((file) => file !== '');
}

const readmes = (await tracked('*README.md', '.github/*.md')).filter(
  (file) => !file.startsWith('test/stack/workspace'),
);
const texts = new Map(await Promise.all(readmes.map(async (file) => [file, await readFile(file, 'utf8')] as const)));

const ours = 'https://github.com/switchboard-dev/switchboard/blob/main/';

/** In the repository; undefined where the link leads elsewhere. README has whole addresses, since the package shows it alone. */
function pathOf(target: string, file: string): string | undefined {
  if (target.startsWith(ours)) return target.slice(ours.length);
  if (/^(?:https?|command):/.test(target)) return undefined;
  return new URL(target, `file:///${file}`).pathname.slice(1).replace(/\/$/, '');
}

describe('the READMEs', () => {
  it.each(Object.keys(documented))('%s holds the tables that the code gives: else run npm run docs', async (file) => {
    const text = await readFile(file, 'utf8');
    expect(text).toBe(fillRegions(file, text));
  });

  it.each(Object.entries(entries))('%s is what the code gives: else run npm run docs', async (file, text) => {
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(JSON.parse(text));
  });

  it('begin with one of at most 150 lines, which names the command that checks everything', () => {
    const text = texts.get('README.md') ?? '';
    expect(text.split('\n').length).toBeLessThanOrEqual(151);
    expect(text).toContain('npm cit');
  });

  it('lead to files that are there', async () => {
    const files = await tracked();
    const names = new Set(
      files.flatMap((file) => file.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'))),
    );
    const broken = [...texts].flatMap(([file, text]) =>
      [...text.replaceAll(/`[^`\n]*`/g, '').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map(([, target = '']) => [target, pathOf(target, file)])
        .filter(([, path]) => path !== undefined)
        .filter(([, path = '']) => !names.has(path))
        .map(([target]) => `${file}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('show pictures that are there and small: npm run pictures draws them', async () => {
    const shown = [
      ...(texts.get('README.md') ?? '').matchAll(/(?:src|srcset)="(?:[^"]*\/raw\/main\/)?(media\/[^"]+)"/g),
    ];
    expect(shown.length).toBeGreaterThan(3);
    for (const [, file = ''] of shown) expect((await stat(file)).size, file).toBeLessThan(600_000);
  });

  it('name every variable that the code reads under a name of ours', async () => {
    const read = new Set<string>();
    for (const file of await tracked('src/*.ts', 'servers/*.ts'))
      for (const [, name = ''] of (await readFile(file, 'utf8')).matchAll(
        /'((?:SWITCHBOARD|DB|JIRA|SLACK|ANTHROPIC)_[A-Z_]*[A-Z])'/g,
      ))
        read.add(name.replace(/_FILE$/, ''));
    const all = [...texts.values()].join('\n');
    expect(read.size).toBeGreaterThan(20);
    expect([...read].filter((name) => !new RegExp(`\\b${name}\\b`).test(all))).toEqual([]);
  });

  it('name every exit code of the command line', () => {
    const text = texts.get('src/terminal/README.md') ?? '';
    expect(Object.values(exitCodes).filter((code) => !text.includes(`| ${code} |`))).toEqual([]);
  });
});
