import * as z from 'zod';

/** What every read tool that returns a table answers; evidence is made of it. */
export const tableOutput = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.unknown())),
  row_count: z.int(),
  truncated: z.boolean(),
  next_cursor: z.string().optional(),
});
