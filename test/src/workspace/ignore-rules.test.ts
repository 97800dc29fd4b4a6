import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { globToIgnore } from '../../../src/workspace/file-rules.ts';
import { parseIgnoreRules } from '../../../src/workspace/ignore-rules.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchboard-ignore-'));
  execFileSync('git', ['init', '-q', folder]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function isIgnored(lines: readonly string[], path: string): boolean {
  const rules = parseIgnoreRules(lines);
  const parts = path.split('/');
  return parts.some((_, index) => {
    const isFolder = index < parts.length - 1;
    return rules.verdict(parts.slice(0, index + 1).join('/'), isFolder, { steps: 0 }) === 'ignored';
  });
}

/** Git's own verdict on paths, each below a folder with its own .gitignore. */
function askGit(cases: readonly (readonly [lines: readonly string[], path: string])[]): readonly boolean[] {
  for (const [index, [lines]] of cases.entries()) {
    mkdirSync(join(folder, String(index)), { recursive: true });
    writeFileSync(join(folder, String(index), '.gitignore'), lines.join('\n'));
  }
  const paths = cases.map(([, path], index) => `${index}/${path}`);
  let output = '';
  try {
    const input = `${paths.join('\0')}\0`;
    output = execFileSync('git', ['-C', folder, 'check-ignore', '--no-index', '-z', '--stdin'], { input }).toString();
  } catch (error) {
    // 1: none is ignored.
    if (!(error instanceof Error && 'status' in error && error.status === 1)) throw error;
  }
  const ignored = new Set(output.split('\0'));
  return paths.map((path) => ignored.has(path));
}

const name = fc.stringMatching(/^[ab.]{1,3}$/u).filter((text) => !/^\.{1,2}$/u.test(text));
const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
const piece = fc.constantFrom(
  'a',
  'b',
  'ab',
  '.',
  '*',
  '*',
  '?',
  '**',
  '[ab]',
  '[!a]',
  '[^b]',
  '[a-b]',
  '\\a',
  '[[:alpha:]]',
);
const segment = fc.oneof(
  fc.constant('**'),
  fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join('')),
);
const pattern = fc
  .tuple(
    fc.constantFrom('', '', '!', '/'),
    fc.array(segment, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '', '/', ' '),
  )
  .map(([before, segments, after]) => `${before}${segments.join('/')}${after}`);
const lines = fc.array(pattern, { minLength: 1, maxLength: 4 });

describe('.gitignore rules', () => {
  it('mean what they mean to git', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(lines, path), { minLength: 60, maxLength: 60 }), (cases) => {
        expect(cases.map(([rules, file]) => isIgnored(rules, file))).toEqual(askGit(cases));
      }),
      { numRuns: 15 },
    );
  });

  it.each([
    [['# comment', 'x'], '# comment', false],
    [['\\#x'], '#x', true],
    [['\\!x'], '!x', true],
    [['x   '], 'x', true],
    [['x\\ '], 'x ', true],
    [['doc/*.txt'], 'doc/a/b.txt', false],
    [['/top'], 'sub/top', false],
    [['**'], 'a/b', true],
    [['a/**'], 'a', false],
    [['a/**/b'], 'a/b', true],
    [['[a'], '[a', false],
    [['x\\'], 'x', false],
    [['build/'], 'build', false],
    [['build/'], 'build/x', true],
    [['*', '!*.ts'], 'a.ts', false],
  ])('%j of %s: %s', (rules, file, ignored) => {
    expect(isIgnored(rules, file)).toBe(ignored);
    expect(askGit([[rules, file]])).toEqual([ignored]);
  });
});

describe('the cost is bounded by pattern length times path length', () => {
  const steps = (rule: string, file: string): number => {
    const effort = { steps: 0 };
    parseIgnoreRules([rule]).verdict(file, false, effort);
    return effort.steps;
  };

  it.each([
    ['many **', (size: number) => `${'**/'.repeat(size)}x`, (size: number) => 'a/'.repeat(size)],
    ['many ** with names', (size: number) => `${'**/a/'.repeat(size)}x`, (size: number) => 'a/'.repeat(size * 4)],
    ['many *', (size: number) => `${'*a'.repeat(size)}x`, (size: number) => 'a'.repeat(size * 4)],
    ['* and sets', (size: number) => `${'*[ab]'.repeat(size)}x`, (size: number) => 'ab'.repeat(size * 2)],
    ['both', (size: number) => `${'**/*a*a/'.repeat(size)}x`, (size: number) => 'aaa/'.repeat(size * 2)],
    ['? and *', (size: number) => `${'?*'.repeat(size)}x`, (size: number) => 'a'.repeat(size * 3)],
  ])('%s', (_name, rule, file) => {
    for (const size of [8, 16, 32, 64, 128]) {
      const [pattern_, path_] = [rule(size), file(size)];
      expect(steps(pattern_, path_)).toBeLessThan(4 * pattern_.length * path_.length);
    }
  });
});

describe("the editor's globs", () => {
  it.each([
    ['**/*.{md,log}', ['**/*.md', '**/*.log']],
    ['dist', ['/dist']],
    ['{a,b}/{c,d}', ['/a/c', '/a/d', '/b/c', '/b/d']],
    ['{a,{b,c}}', ['/a', '/b', '/a', '/c']],
    ['a{b', ['/a{b']],
    ['a}b', ['/a}b']],
  ])('%s', (glob, expected) => {
    expect(globToIgnore(glob).toSorted()).toEqual([...expected].toSorted());
  });

  it('many groups do not multiply', () => {
    expect(globToIgnore(`**/${'{a,b}'.repeat(40)}`)).toEqual([`**/${'*'.repeat(40)}`]);
    expect(globToIgnore('{'.repeat(5000)).length).toBe(1);
    expect(globToIgnore(`${'{'.repeat(2000)}a${'}'.repeat(2000)}`).length).toBe(1);
  });
});
