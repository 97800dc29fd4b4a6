import { compileGlob, type Effort, type Glob } from './glob.ts';

/** Lines of a .gitignore. The last matching line decides. */
export interface IgnoreRules {
  /** Checks only this path; callers check its parents. Undefined if no line matches. */
  readonly verdict: (path: string, isFolder: boolean, effort: Effort) => 'ignored' | 'unignored' | undefined;
}

interface Rule {
  readonly matches: Glob;
  readonly negated: boolean;
  readonly foldersOnly: boolean;
  /** Matches only the last segment. */
  readonly anywhere: boolean;
}

export interface RuleOptions {
  readonly ignoreCase?: boolean;
}

/** Parses a .gitignore the way git does, see gitignore(5). */
export function parseIgnoreRules(lines: readonly string[], options: RuleOptions = {}): IgnoreRules {
  const fold = (text: string): string => (options.ignoreCase === true ? text.toLowerCase() : text);
  const rules = lines.flatMap((line) => parseRule(fold(line)) ?? []).toReversed();
  return {
    verdict: (path, isFolder, effort) => {
      const segments = fold(path).split('/');
      const last = segments.slice(-1);
      for (const rule of rules) {
        effort.steps += 1;
        if (rule.foldersOnly && !isFolder) continue;
        if (rule.matches(rule.anywhere ? last : segments, effort)) return rule.negated ? 'unignored' : 'ignored';
      }
      return undefined;
    },
  };
}

export function splitRules(text: string): readonly string[] {
  return text.replace(/^\uFEFF/u, '').split(/\r?\n/u);
}

const maxLineLength = 2000;

function parseRule(line: string): Rule | undefined {
  if (line.startsWith('#') || line.length > maxLineLength) return undefined;
  let pattern = trimEnd(line);
  const negated = pattern.startsWith('!');
  if (negated) pattern = pattern.slice(1);
  const foldersOnly = pattern.endsWith('/');
  if (foldersOnly) pattern = pattern.slice(0, -1);
  const anywhere = !pattern.includes('/');
  if (pattern.startsWith('/')) pattern = pattern.slice(1);
  const matches = pattern === '' ? undefined : compileGlob(anywhere && pattern === '**' ? '*' : pattern);
  return matches === undefined ? undefined : { matches, negated, foldersOnly, anywhere };
}

/** Trailing spaces count only after a backslash. */
function trimEnd(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === ' ' && line[end - 2] !== '\\') end -= 1;
  return line.slice(0, end);
}
