import { hrefOf, inlineText, type Node } from './document.ts';

/** A table as aligned text, one line per row, for places where no table is allowed. */
export function alignedTable(table: Node): string {
  const rows = (table.content ?? []).map((row) => (row.content ?? []).map(cellText));
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(' | ')
      .trimEnd(),
  );
  const [head = '', ...body] = lines;
  const isHeaded = table.content?.[0]?.content?.[0]?.type === 'tableHeader';
  return (isHeaded ? [head, widths.map((width) => '-'.repeat(width)).join('-+-'), ...body] : lines).join('\n');
}

function cellText(cell: Node): string {
  return (cell.content ?? [])
    .map((block) => (block.content ?? []).map(withAddress).join(''))
    .join(' ')
    .replaceAll('\n', ' ');
}

/** In plain text, a link is shown as its URL. */
function withAddress(node: Node): string {
  const shown = inlineText([node]);
  const href = hrefOf(node);
  return href === '' || href === shown ? shown : `${shown} (${href})`;
}
