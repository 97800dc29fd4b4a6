import * as z from 'zod';

/** The output of every read tool that returns a table. It becomes evidence. */
export const tableOutput = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.unknown())),
  row_count: z.int(),
  truncated: z.boolean(),
});

/** The table as text: one line per row, cells separated by ` | `, no line breaks in cells. */
export function tableText(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cell = (value: unknown): string => {
    if (value === null || value === undefined) return '';
    return (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll(/\s+/g, ' ');
  };
  return [columns.join(' | '), ...rows.map((row) => row.map(cell).join(' | '))].join('\n');
}
