const delimiterRow = /^[\s>]*(?:[-*+]\s+|\d{1,9}[.)]\s+)*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

/**
 * Escapes the bars of a table's rows that stand in a code span or in `<address|text>`, as people write them, where the
 * row then has the cells of its head: a parser would take each bar for the end of a cell.
 */
export function escapeBars(markdown: string): string {
  if (!markdown.includes('|')) return markdown;
  const lines = markdown.split('\n');
  let fence: string | undefined;
  let width = 0;
  return lines
    .map((line, index) => {
      const mark = /^[\s>]*(?:[-*+]\s+|\d{1,9}[.)]\s+)*(`{3,}|~{3,})/.exec(line)?.[1];
      if (mark !== undefined) {
        if (fence === undefined) fence = mark;
        else if (mark.startsWith(fence)) fence = undefined;
      }
      if (fence !== undefined || !line.includes('|')) {
        width = 0;
        return line;
      }
      const rule = lines[index + 1] ?? '';
      if (width === 0 && rule.includes('|') && delimiterRow.test(rule)) width = cellsOf(rule);
      if (width === 0 || cellsOf(line) <= width) return line;
      const escaped = line.replaceAll(
        /(?<![\\`])(`+)(?!`)(.*?)(?<!`)\1(?!`)|<(?:https?:\/\/|mailto:)[^\s<>|]+\|[^<>]+>/g,
        (span) => span.replaceAll(/(?<!\\)\|/g, '\\|'),
      );
      return cellsOf(escaped) === width ? escaped : line;
    })
    .join('\n');
}

/**
 * Whether a Markdown table was written with more cells in a row than its head has: a parser drops those without a word.
 * @param lines of the table, as they stand in the text.
 * @param width cells of the head.
 */
export function hasSpareCells(lines: readonly string[], width: number): boolean {
  return escapeBars(lines.join('\n'))
    .split('\n')
    .some((line) => cellsOf(line) > width);
}

function cellsOf(line: string): number {
  const inner = line
    .trim()
    // Marks of the quote or list around it, and the bar that a row may begin with.
    .replace(/^(?:(?:>|[-*+](?=\s)|\d{1,9}[.)])\s*)*\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).length;
}
