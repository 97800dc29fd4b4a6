/**
 * Limits the cost of matching. A repository brings its own patterns, and checking a file must take bounded time.
 */
export interface Effort {
  steps: number;
}

/** Matches path segments against a .gitignore pattern. Callers handle case. */
export type Glob = (segments: readonly string[], effort: Effort) => boolean;

type Test = (character: string) => boolean;
const anyRun = Symbol('*');
const anySegments = Symbol('**');
type Token = string | Test | typeof anyRun;
type Segment = string | readonly Token[];

/**
 * `*` and `?` stay within a segment, `**` as a whole segment spans any number of segments. Undefined if git, too,
 * considers the pattern one that matches nothing. Time is bounded by pattern length times path length, because only the
 * last `*` and the last `**` are retried.
 */
export function compileGlob(pattern: string): Glob | undefined {
  const parts: (Segment | typeof anySegments)[] = [];
  for (const text of pattern.split('/')) {
    if (text === '**') {
      if (parts.at(-1) !== anySegments) parts.push(anySegments);
      continue;
    }
    const segment = compileSegment(text);
    if (segment === undefined) return undefined;
    parts.push(segment);
  }
  return (segments, effort) =>
    matchRuns(parts, segments, anySegments, effort, (part, text) =>
      typeof part === 'string' ? part === text : part !== anySegments && matchSegment(part, text, effort),
    );
}

function matchSegment(tokens: readonly Token[], text: string, effort: Effort): boolean {
  // A trailing `**` requires something below it. A trailing `*` also matches nothing.
  const last = tokens.at(-1) === anyRun ? tokens.slice(0, -1) : tokens;
  if (last.length === tokens.length) return matchRuns(tokens, text.split(''), anyRun, effort, matchesToken);
  return matchRuns([...last, anyRun], [...text.split(''), '/'], anyRun, effort, matchesToken);
}

function matchesToken(token: Token, character: string): boolean {
  return typeof token === 'function' ? token(character) : token === character;
}

/** Classic wildcard matching: when the rest fails to match, the wildcard takes one more item. */
function matchRuns<Part, Item>(
  parts: readonly Part[],
  items: readonly Item[],
  wildcard: Part,
  effort: Effort,
  matches: (part: Part, item: Item) => boolean,
): boolean {
  let part = 0;
  let item = 0;
  let retry: { readonly part: number; item: number } | undefined;
  while (item < items.length) {
    effort.steps += 1;
    const current = parts[part];
    const next = items[item];
    if (current !== undefined && current === wildcard) {
      if (part === parts.length - 1) return true;
      part += 1;
      retry = { part, item };
    } else if (current !== undefined && next !== undefined && matches(current, next)) {
      part += 1;
      item += 1;
    } else if (retry === undefined) return false;
    else {
      retry.item += 1;
      item = retry.item;
      part = retry.part;
    }
  }
  return part === parts.length;
}

function compileSegment(text: string): Segment | undefined {
  const tokens: Token[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '\\') {
      index += 1;
      if (index === text.length) return undefined;
      tokens.push(text.charAt(index));
    } else if (character === '*') {
      if (tokens.at(-1) !== anyRun) tokens.push(anyRun);
    } else if (character === '?') tokens.push(() => true);
    else if (character === '[') {
      const set = compileSet(text, index + 1);
      if (set === undefined) return undefined;
      tokens.push(set.test);
      index = set.end;
    } else tokens.push(character);
  }
  return tokens.every((token) => typeof token === 'string') ? tokens.join('') : tokens;
}

const named: Readonly<Record<string, RegExp>> = {
  alnum: /[a-z0-9]/i,
  alpha: /[a-z]/i,
  blank: /[ \t]/,
  digit: /\d/,
  lower: /[a-z]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t-\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9a-f]/i,
};

/** `[a-z]`, `[!a-z]`, `[[:alpha:]]`; `end` is the position of the closing bracket. */
function compileSet(text: string, start: number): { readonly test: Test; readonly end: number } | undefined {
  const negated = text[start] === '!' || text[start] === '^';
  const tests: Test[] = [];
  let index = negated ? start + 1 : start;
  for (let first = true; ; first = false) {
    if (index >= text.length) return undefined;
    if (text[index] === ']' && !first) break;
    const posix = text.startsWith('[:', index)
      ? /^[a-z]+(?=:\])/.exec(text.slice(index + 2, index + 12))?.[0]
      : undefined;
    const pattern = posix === undefined ? undefined : named[posix];
    if (posix !== undefined) {
      if (pattern === undefined) return undefined;
      tests.push((character) => pattern.test(character));
      index += posix.length + 4;
      continue;
    }
    if (text[index] === '\\') index += 1;
    const low = text.charAt(index);
    index += 1;
    if (text[index] === '-' && index + 1 < text.length && text[index + 1] !== ']') {
      index += text[index + 1] === '\\' ? 2 : 1;
      const high = text.charAt(index);
      index += 1;
      tests.push((character) => low <= character && character <= high);
    } else tests.push((character) => character === low);
  }
  return { test: (character) => tests.some((test) => test(character)) !== negated, end: index };
}
