import * as z from 'zod';
import { defineTool } from '../../kit/define-tool.ts';
import { ToolError } from '../../kit/errors.ts';
import type { Databases } from '../databases.ts';
import { maxCellLength, shorten, tableText } from '../page-text.ts';
import type { QueryPage } from '../present-page.ts';
import { cellSchema, columnSchema } from '../schema/table-schema.ts';
import { decode } from '../values.ts';

const input = z.strictObject({
  query: z.string().trim().min(1, 'must be one SQL statement').describe('One SELECT, VALUES, TABLE, SHOW or EXPLAIN'),
  params: z.array(z.unknown()).max(1000).optional().describe('Values of $1, $2, ...'),
  limit: z.int().min(1, 'must be at least 1').default(100).describe('Rows per page'),
  cursor: z.string().optional().describe('next_cursor of the last page; repeat the query with it'),
  database: z.string().optional().describe('Name, if several'),
});

const output = z.object({
  columns: z.array(columnSchema),
  rows: z.array(z.array(cellSchema)),
  row_count: z.int(),
  truncated: z.boolean(),
  next_cursor: z.string().optional(),
  estimated_rows: z.number().optional(),
  cut_cells: z.array(z.tuple([z.int(), z.int()])).optional(),
  masked: z.array(z.string()).optional(),
  notes: z.array(z.string()).optional(),
});
type Output = z.infer<typeof output>;

export default defineTool<typeof input, typeof output, Databases>({
  name: 'query_database',
  title: 'Query the database',
  description:
    'Runs one read-only PostgreSQL statement. Aggregate in SQL rather than fetching rows. Text is tab-separated, NULL is \\N.',
  input,
  output,
  run: async ({ query, params, limit, cursor, database }, { connection, signal, progress, call }) => {
    const chosen = connection.pick(database);
    const { maxRows } = chosen.settings.budget;
    if (limit > maxRows)
      throw new ToolError('invalid_arguments', `'limit' must be at most ${maxRows}.`, {
        hint: 'Get more pages with next_cursor, or aggregate.',
      });
    const io = { signal, progress: (message: string) => progress(message), caller: call.caller?.id };
    const page =
      cursor === undefined
        ? await chosen.query(query, params ?? [], limit, io)
        : await chosen.next(cursor, query, limit, io);
    const structured = shape(page, chosen.settings.budget.maxResultBytes);
    return { structured, text: toText(structured) };
  },
});

function shape(page: QueryPage, maxResultBytes: number): Output {
  // A single row is always returned, however wide; its cells then share the budget.
  const share = Math.max(40, Math.floor(maxResultBytes / page.fields.length));
  const longest = page.rows.length === 1 ? Math.min(maxCellLength, share) : maxCellLength;
  const columns = page.fields.map((field, index) => ({ name: field.name, type: page.typeNames[index] ?? '' }));
  const cutCells: [number, number][] = [];
  const rows = page.rows.map((raw, rowIndex) =>
    raw.map((text, columnIndex) => {
      const field = page.fields[columnIndex];
      const { cell, cut } = shorten(field === undefined ? text : decode(text, field), longest);
      if (cut) cutCells.push([rowIndex, columnIndex]);
      return cell;
    }),
  );
  return {
    columns,
    rows,
    row_count: rows.length,
    truncated: page.truncated,
    ...(page.nextCursor !== undefined && { next_cursor: page.nextCursor }),
    ...(page.estimatedRows !== undefined && { estimated_rows: page.estimatedRows }),
    ...(cutCells.length > 0 && { cut_cells: cutCells }),
    ...(page.masked.length > 0 && { masked: [...page.masked] }),
    ...(page.notes.length > 0 && { notes: [...page.notes] }),
  };
}

function toText(result: Output): string {
  const facts = [`${result.row_count} ${result.row_count === 1 ? 'row' : 'rows'}`];
  if (result.truncated) facts.push('more rows exist');
  if (result.estimated_rows !== undefined)
    facts.push(`about ${result.estimated_rows} in total by the planner's estimate`);
  if (result.next_cursor !== undefined) facts.push(`next_cursor ${result.next_cursor}`);
  if (result.masked !== undefined) facts.push(`masked, in conditions too: ${result.masked.join(', ')}`);
  facts.push(...(result.notes ?? []));
  return `${facts.join('; ')}\n${tableText(result.columns, result.rows)}`;
}
