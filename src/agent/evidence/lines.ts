import type { Evidence } from './types.ts';
import { plainValue } from './cell.ts';
import { createDelimiter } from '../untrusted-text.ts';

/** Longer lines are folded, so that every part can be read. */
export const longestLine = 2000;

/** A result that is not a table, as lines: its text if that is all, otherwise JSON with multi-line texts unfolded. */
export function linesOfValue({ value }: Pick<Evidence, 'value'>): readonly string[] {
  const [only, ...others] = Object.values(value);
  if (typeof only === 'string' && others.length === 0) return splitLines(only);
  const mark = createDelimiter();
  const texts: string[] = [];
  const json = JSON.stringify(
    value,
    (_, inner: unknown) =>
      typeof inner === 'string' && inner.includes('\n') ? `${mark}${texts.push(inner) - 1}` : inner,
    1,
  );
  const marked = new RegExp(String.raw`^( *)(.*)"${mark}(\d+)"(,?)$`);
  return json.split('\n').flatMap((line) => {
    const [, indent = '', before = '', index = ''] = marked.exec(line) ?? [];
    const text = index === '' ? undefined : texts[Number(index)];
    if (text === undefined) return foldLine(line);
    return [`${indent}${before}|`, ...splitLines(text).map((inner) => `${indent} ${inner}`)];
  });
}

/** Table rows as lines, one cell after another: `[3] message: …`, and its further lines below. */
export function linesOfRows(
  rows: readonly {
    readonly index: number;
    readonly cells: readonly { readonly name: string; readonly cell: unknown }[];
  }[],
): readonly string[] {
  return rows.flatMap(({ index, cells }) =>
    cells.flatMap(({ name, cell }) => splitLines(`[${index}] ${name}: ${plainValue(cell)}`)),
  );
}

function splitLines(text: string): readonly string[] {
  return text.split(/\r?\n/).flatMap(foldLine);
}

function foldLine(line: string): readonly string[] {
  if (line.length <= longestLine) return [line];
  const pieces: string[] = [];
  for (let start = 0; start < line.length;) {
    // Do not split a surrogate pair.
    const isPair = /[\uD800-\uDBFF]/.test(line[start + longestLine - 1] ?? '');
    const end = start + longestLine - (isPair ? 1 : 0);
    pieces.push(line.slice(start, end));
    start = end;
  }
  return pieces;
}

/** Ignores case. `error|warning` finds either. Not a regular expression, which could run without end. */
export function matcherOf(pattern: string): (line: string) => boolean {
  const wanted = [pattern, ...pattern.split('|')].map((part) => part.toLowerCase()).filter((part) => part !== '');
  return (line) => {
    const lower = line.toLowerCase();
    return wanted.some((part) => lower.includes(part));
  };
}

/** How many of the texts fit from the start, with a line end after each. */
export function countFitting(texts: readonly string[], most: number): number {
  let length = 0;
  const over = texts.findIndex((text) => (length += text.length + 1) > most);
  return over === -1 ? texts.length : over;
}
