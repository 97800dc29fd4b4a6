import * as z from 'zod';

/** What every read tool that returns a table answers; evidence is made of it. */
export const tableOutput = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.unknown())),
  row_count: z.int(),
  truncated: z.boolean(),
});

/** The same in words: a line a row, cells apart by ` | `, no line breaks inside. */
export function tableText(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cell = (value: unknown): string => {
    if (value === null || value === undefined) return '';
    return (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll(/\s+/g, ' ');
  };
  return [columns.join(' | '), ...rows.map((row) => row.map(cell).join(' | '))].join('\n');
}
