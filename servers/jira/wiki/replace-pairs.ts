export interface Pair {
  readonly kind: string;
  readonly options: string | undefined;
  readonly inner: string;
}

/**
 * Replaces the text between `{kind:options}` and the next `{kind}`, without outer line breaks. Runs in one pass: an
 * unclosed marker is searched for only once, however often it occurs.
 * @param opening has the group `kind` and optionally `options`
 */
export function replacePairs(text: string, opening: RegExp, replace: (pair: Pair) => string): string {
  const endless = new Set<string>();
  let output = '';
  let done = 0;
  for (const { 0: mark, index, groups = {} } of text.matchAll(opening)) {
    const kind = groups['kind'] ?? '';
    const begin = index + mark.length;
    if (index < done || endless.has(kind)) continue;
    const end = text.indexOf(`{${kind}}`, begin);
    if (end === -1) {
      endless.add(kind);
      continue;
    }
    const inner = text.slice(begin, end).replace(/^\n/, '').replace(/\n$/, '');
    output += text.slice(done, index) + replace({ kind, options: groups['options'], inner });
    done = end + kind.length + 2;
  }
  return output + text.slice(done);
}
