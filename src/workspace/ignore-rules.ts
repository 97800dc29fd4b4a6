import { compileGlob, type Effort, type Glob } from './glob.ts';

/** Lines of a .gitignore, the last one that matches decides. */
export interface IgnoreRules {
  /** Of this path alone, parents are the caller's: undefined where no line says anything. */
  readonly verdict: (path: string, isFolder: boolean, effort: Effort) => 'ignored' | 'unignored' | undefined;
}

interface Rule {
  readonly matches: Glob;
  readonly negated: boolean;
  readonly foldersOnly: boolean;
  /** Looks at the last segment alone. */
  readonly anywhere: boolean;
}

export interface RuleOptions {
  readonly ignoreCase?: boolean;
}

/** As git reads a .gitignore, see gitignore(5). */
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

/** Spaces at the end count only behind a backslash. */
function trimEnd(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === ' ' && line[end - 2] !== '\\') end -= 1;
  return line.slice(0, end);
}
