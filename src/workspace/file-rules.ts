import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readRegularFile } from '../read-regular-file.ts';
import { isCredentialEntry } from './credential-files.ts';
import type { Effort } from './glob.ts';
import { type IgnoreRules, parseIgnoreRules, splitRules } from './ignore-rules.ts';

/** Files that version control and editors never show. */
const always = ['.git', '.svn', '.hg', '.jj', 'CVS', '.DS_Store', 'Thumbs.db', 'node_modules'];

const maxGitignoreBytes = 256 * 1024;
/** Limit for one file and all rules: a few tenths of a second. Ordinary rules need a few thousand steps. */
const maxSteps = 20_000_000;

/** `costly`: the rules cannot be applied in reasonable time. */
export type Exclusion = 'credentials' | 'excluded' | 'gitignored' | 'costly';

/** Which files of one folder the tools may see. Paths are relative to the folder, with `/`, and normalized. */
export interface FileRules {
  /** Undefined if the path is visible. Also checks the parents, as git does. */
  readonly exclusion: (relativePath: string, isFolder: boolean) => Promise<Exclusion | undefined>;
  /** The same, for callers that have already checked the parents. */
  readonly exclusionOfEntry: (relativePath: string, isFolder: boolean) => Promise<Exclusion | undefined>;
  /** One line for each .gitignore that was found but not applied. */
  readonly problems: () => readonly string[];
}

/** @param globs VS Code's, as in `files.exclude`. .gitignore files are read when they are found. */
export function createFileRules(folder: string, globs: readonly string[]): FileRules {
  const excluded = parseIgnoreRules([...always, ...globs.flatMap(globToIgnore)]);
  const gitignores = new Map<string, Promise<IgnoreRules | undefined>>();
  const problems: string[] = [];
  let outer: Promise<OuterRules[]> | undefined;

  const read = async (absolute: string, label: string): Promise<IgnoreRules | undefined> => {
    const file = await readGitignore(absolute);
    if (typeof file !== 'string') return file;
    problems.push(`${label === '' ? '' : `${label}/`}.gitignore was not applied: ${file}`);
    return undefined;
  };

  const gitignoreOf = (path: string): Promise<IgnoreRules | undefined> => {
    const known = gitignores.get(path);
    if (known !== undefined) return known;
    const reading = read(join(folder, path), path);
    gitignores.set(path, reading);
    return reading;
  };

  const gitignored = async (path: string, isFolder: boolean, effort: Effort): Promise<boolean> => {
    // The nearest .gitignore with a matching rule decides.
    for (let parent = parentOf(path); effort.steps <= maxSteps; parent = parentOf(parent)) {
      const rules = await gitignoreOf(parent);
      const verdict = rules?.verdict(parent === '' ? path : path.slice(parent.length + 1), isFolder, effort);
      if (verdict !== undefined) return verdict === 'ignored';
      if (parent === '') break;
    }
    for (const { prefix, rules } of await (outer ??= readOuterGitignores(folder, read))) {
      const verdict = rules.verdict(prefix + path, isFolder, effort);
      if (verdict !== undefined) return verdict === 'ignored';
    }
    return false;
  };

  const ofEntry = async (path: string, isFolder: boolean, effort: Effort): Promise<Exclusion | undefined> => {
    if (isCredentialEntry(path, isFolder)) return 'credentials';
    if (excluded.verdict(path, isFolder, effort) === 'ignored') return 'excluded';
    const isIgnored = await gitignored(path, isFolder, effort);
    if (effort.steps > maxSteps) return 'costly';
    return isIgnored ? 'gitignored' : undefined;
  };

  return {
    exclusion: async (relativePath, isFolder) => {
      const parts = relativePath.split('/');
      const effort = { steps: 0 };
      for (let depth = 1; depth <= parts.length; depth += 1) {
        const exclusion = await ofEntry(parts.slice(0, depth).join('/'), depth < parts.length || isFolder, effort);
        if (exclusion !== undefined) return exclusion;
      }
      return undefined;
    },
    exclusionOfEntry: (relativePath, isFolder) => ofEntry(relativePath, isFolder, { steps: 0 }),
    problems: () => problems,
  };
}

interface OuterRules {
  /** The path from the folder of these rules to ours, ending in `/`. */
  readonly prefix: string;
  readonly rules: IgnoreRules;
}

type ReadRules = (absolute: string, label: string) => Promise<IgnoreRules | undefined>;

/** Rules of the folders between ours and the top of its repository, nearest first: ours may be one package of many. */
async function readOuterGitignores(folder: string, read: ReadRules): Promise<OuterRules[]> {
  const found: OuterRules[] = [];
  let prefix = '';
  let label = '..';
  for (let at = folder; !existsSync(join(at, '.git')); at = dirname(at)) {
    const above = dirname(at);
    if (above === at) return [];
    prefix = `${basename(at)}/${prefix}`;
    const rules = await read(above, label);
    if (rules !== undefined) found.push({ prefix, rules: withParents(rules, prefix) });
    label = `${label}/..`;
  }
  return found;
}

/** Rules that ignore a parent folder ignore everything in ours. */
function withParents(rules: IgnoreRules, prefix: string): IgnoreRules {
  const parents = prefix.split('/').slice(0, -1);
  const ignored = parents.some(
    (_, index) => rules.verdict(parents.slice(0, index + 1).join('/'), true, { steps: 0 }) === 'ignored',
  );
  return ignored ? { verdict: () => 'ignored' } : rules;
}

function parentOf(path: string): string {
  const parent = dirname(path);
  return parent === '.' ? '' : parent;
}

/** The reason if it exists but was not read. As in git, a link does not count. */
async function readGitignore(folder: string): Promise<IgnoreRules | string | undefined> {
  const file = await readRegularFile(join(folder, '.gitignore'), { maxBytes: maxGitignoreBytes });
  if (file.kind === 'absent') return undefined;
  return file.kind === 'refused' ? file.reason : parseIgnoreRules(splitRules(file.bytes.toString('utf8')));
}

const maxAlternatives = 256;
const maxGlobLength = 1000;

/** A VS Code glob as .gitignore lines. In VS Code, `dist` means only the one at the top, and braces are supported. */
export function globToIgnore(glob: string): string[] {
  return expandBraces(glob).map((pattern) => (pattern.startsWith('**/') ? pattern : `/${pattern.replace(/^\//u, '')}`));
}

/** If braces expand to too many patterns, each group becomes `*`, which excludes more. */
function expandBraces(glob: string): readonly string[] {
  const withoutGroups = (): string => glob.replaceAll(/\{[^{}]*\}/gu, '*').replaceAll(/[{}]+/gu, '*');
  if (glob.length > maxGlobLength) return [withoutGroups()];
  let done: readonly string[] = [glob];
  for (let count = 0; count < maxAlternatives; count += 1) {
    const group = innermostGroup(done[0] ?? '');
    if (group === undefined) return done;
    done = done.flatMap((pattern) => expandOne(pattern));
    if (done.length > maxAlternatives) return [withoutGroups()];
  }
  return done;
}

function expandOne(pattern: string): readonly string[] {
  const group = innermostGroup(pattern);
  if (group === undefined) return [pattern];
  const [before, after] = [pattern.slice(0, group.open), pattern.slice(group.close + 1)];
  return pattern
    .slice(group.open + 1, group.close)
    .split(',')
    .map((alternative) => before + alternative + after);
}

function innermostGroup(pattern: string): { readonly open: number; readonly close: number } | undefined {
  const close = pattern.indexOf('}', pattern.indexOf('{') + 1);
  const open = close === -1 ? -1 : pattern.lastIndexOf('{', close);
  return open === -1 ? undefined : { open, close };
}
