/**
 * Whether a Markdown table was written with more cells in a row than its head has: a parser drops those without a word.
 * @param lines of the table, as they stand in the text.
 * @param width cells of the head.
 */
export function hasSpareCells(lines: readonly string[], width: number): boolean {
  return lines.some((line) => cellsOf(line) > width);
}

function cellsOf(line: string): number {
  const inner = line
    .trim()
    // Marks of the quote or list around it, and the bar that a row may begin with.
    .replace(/^(?:(?:>|[-*+](?=\s)|\d{1,9}[.)])\s*)*\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).length;
}
