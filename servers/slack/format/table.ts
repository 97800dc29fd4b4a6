import { type Block, type Inline, limits, type RichText } from './blocks.ts';
import { inlineText } from './blocks-to-text.ts';

export interface TableRow {
  readonly cells: Inline[][];
  readonly aligns: ('left' | 'center' | 'right')[];
}

/** A `table` block if Slack accepts it, otherwise code blocks with aligned columns. No content is lost either way. */
export function tableBlocks(rows: readonly TableRow[]): Block[] {
  const columns = Math.max(0, ...rows.map((row) => row.cells.length));
  if (columns === 0) return [];
  const length = rows.flatMap((row) => row.cells).reduce((sum, cell) => sum + inlineText(cell).length + 1, 0);
  const fits = rows.length <= limits.tableRows && columns <= limits.tableColumns && length <= limits.table;
  if (!fits) return [alignedTable(rows.map((row) => row.cells.map(inlineText)))];
  return [
    {
      type: 'table',
      rows: rows.map((row) => Array.from({ length: columns }, (_, column) => cell(row.cells[column] ?? []))),
      column_settings: Array.from({ length: columns }, (_, column) => ({
        align: rows[0]?.aligns[column] ?? 'left',
        is_wrapped: true,
      })),
    },
  ];
}

/** Slack rejects empty text in a cell but accepts a space. */
function cell(inlines: readonly Inline[]): RichText {
  const elements: readonly Inline[] = inlines.length === 0 ? [{ type: 'text', text: ' ' }] : inlines;
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] };
}

/** For tables over Slack's limits, and for a second table in a message, where Slack accepts only one. */
export function alignedTable(rows: readonly (readonly string[])[]): RichText {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const oneLine = rows.map((row) =>
    Array.from({ length: columns }, (_, column) => (row[column] ?? '').replaceAll('\n', ' ')),
  );
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...oneLine.map((row) => displayWidth(row[column] ?? ''))),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => text + ' '.repeat((widths[column] ?? 0) - displayWidth(text)))
      .join('  ')
      .trimEnd();
  const [head = [], ...body] = oneLine;
  const rule = widths.map((width) => '-'.repeat(Math.max(1, width))).join('  ');
  const text = [line(head), rule, ...body.map(line)].join('\n');
  return { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }] };
}

/** The approximate width of a text in a monospace font. East Asian wide characters and emoji count as two columns. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text)
    if (!/\p{Mn}|\p{Cf}/u.test(character))
      width +=
        /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}/u.test(
          character,
        )
          ? 2
          : 1;
  return width;
}
