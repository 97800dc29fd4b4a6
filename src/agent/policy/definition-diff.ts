/** One part of a definition, before and after. */
export interface DiffPart {
  readonly name: string;
  readonly before: string;
  readonly now: string;
}

type Line = { readonly mark: ' ' | '-' | '+'; readonly text: string };

/** A long sentence is wrapped onto further lines of the card. Nothing is left out. */
const longestLine = 160;
/** A part that needs more lines is shown in full as running text, in as few lines as possible. */
const mostLines = 200;
const contextLines = 2;
/** Larger texts are compared as a whole: a line-by-line comparison would take too long. */
const mostCells = 4_000_000;

/**
 * `@ description`, then lines as in a unified diff, with two lines of context. Everything new is included, however
 * scattered: whoever approves it must have seen it.
 */
export function diffOf({ name, before, now }: DiffPart): readonly string[] {
  const lines = withContext(compare(linesOf(before), linesOf(now)));
  const shown = lines.length <= mostLines ? lines : withContext(compare(piecesOf(flow(before)), piecesOf(flow(now))));
  return [`@ ${name}`, ...shown.map(({ mark, text }) => `${mark} ${text}`.trimEnd())];
}

/** One sentence per line, so that an added sentence is an added line. */
function linesOf(text: string): readonly string[] {
  return text.split(/\n|(?<=[.!?;]) +/).flatMap(piecesOf);
}

function piecesOf(line: string): readonly string[] {
  const pieces: string[] = [];
  for (let start = 0; start < line.length; start += longestLine) pieces.push(line.slice(start, start + longestLine));
  return pieces.length === 0 ? [''] : pieces;
}

function flow(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

function compare(before: readonly string[], now: readonly string[]): readonly Line[] {
  let start = 0;
  while (start < before.length && start < now.length && before[start] === now[start]) start += 1;
  let end = 0;
  while (end < before.length - start && end < now.length - start && before.at(-1 - end) === now.at(-1 - end)) end += 1;
  const middle = compareMiddle(before.slice(start, before.length - end), now.slice(start, now.length - end));
  return [...kept(before.slice(0, start)), ...middle, ...kept(end === 0 ? [] : before.slice(-end))];
}

/** Compares by longest common subsequence. */
function compareMiddle(before: readonly string[], now: readonly string[]): readonly Line[] {
  const width = now.length + 1;
  if ((before.length + 1) * width > mostCells) return [...removed(before), ...added(now)];
  const common = new Uint16Array((before.length + 1) * width);
  const at = (row: number, column: number): number => common[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = now.length - 1; column >= 0; column -= 1) {
      common[row * width + column] =
        before[row] === now[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: Line[] = [];
  let row = 0;
  let column = 0;
  while (row < before.length && column < now.length) {
    if (before[row] === now[column]) {
      lines.push(...kept(before.slice(row, row + 1)));
      row += 1;
      column += 1;
    } else if (at(row + 1, column) >= at(row, column + 1)) {
      lines.push(...removed(before.slice(row, row + 1)));
      row += 1;
    } else {
      lines.push(...added(now.slice(column, column + 1)));
      column += 1;
    }
  }
  return [...lines, ...removed(before.slice(row)), ...added(now.slice(column))];
}

function withContext(lines: readonly Line[]): readonly Line[] {
  const near = new Set<number>();
  lines.forEach(({ mark }, index) => {
    if (mark === ' ') return;
    for (let line = index - contextLines; line <= index + contextLines; line += 1) near.add(line);
  });
  return lines.flatMap((line, index) => {
    if (near.has(index)) return [line];
    return near.has(index - 1) && index > 0 ? [{ mark: ' ' as const, text: '…' }] : [];
  });
}

function kept(texts: readonly string[]): readonly Line[] {
  return texts.map((text) => ({ mark: ' ', text }));
}

function removed(texts: readonly string[]): readonly Line[] {
  return texts.map((text) => ({ mark: '-', text }));
}

function added(texts: readonly string[]): readonly Line[] {
  return texts.map((text) => ({ mark: '+', text }));
}
