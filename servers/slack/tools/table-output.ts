import * as z from 'zod';

/** The output of every read tool that returns a table. It becomes evidence. */
export const tableOutput = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.unknown())),
  row_count: z.int(),
  truncated: z.boolean(),
  next_cursor: z.string().optional(),
});

/** For a tool without paging. */
export const wholeTableOutput = tableOutput.omit({ next_cursor: true });

export function table(
  columns: Readonly<Record<string, string>>,
  rows: unknown[][],
  nextCursor: string,
): z.infer<typeof tableOutput> {
  return {
    columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
    rows,
    row_count: rows.length,
    truncated: nextCursor !== '',
    ...(nextCursor !== '' && { next_cursor: nextCursor }),
  };
}
