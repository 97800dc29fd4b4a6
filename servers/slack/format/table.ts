import { type Block, type Inline, limits, type RichText } from './blocks.ts';
import { inlineText } from './blocks-to-text.ts';

export interface TableRow {
  readonly cells: Inline[][];
  readonly aligns: ('left' | 'center' | 'right')[];
}

/** A `table` block where Slack takes it, else code blocks with aligned columns. Nothing is left out either way. */
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

/** Empty text is refused in a cell, a space is not. */
function cell(inlines: readonly Inline[]): RichText {
  const elements: readonly Inline[] = inlines.length === 0 ? [{ type: 'text', text: ' ' }] : inlines;
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] };
}

/** For a second table in a message, of which Slack takes one, and for tables over its limits. */
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

/** Columns that a text takes in a fixed-width font, near enough: East Asian wide characters and emoji take two. */
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
