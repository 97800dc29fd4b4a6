const delimiterRow = /^[\s>]*(?:[-*+]\s+|\d{1,9}[.)]\s+)*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*(?:\|\s*)?$/;

/**
 * Escapes bars inside a code span or `<address|text>` in a table row, where the row then has as many cells as the
 * header. Unescaped, the parser would take each bar as the end of a cell.
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
 * Whether any row of a Markdown table has more cells than the header: parsers silently drop the extra ones.
 * @param lines of the table, as written in the text.
 * @param width number of cells in the header.
 */
export function hasSpareCells(lines: readonly string[], width: number): boolean {
  return escapeBars(lines.join('\n'))
    .split('\n')
    .some((line) => cellsOf(line) > width);
}

function cellsOf(line: string): number {
  const inner = line
    .trim()
    // The markers of an enclosing quote or list, and the optional leading bar.
    .replace(/^(?:(?:>|[-*+](?=\s)|\d{1,9}[.)])\s*)*\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).length;
}
