import * as z from 'zod';
import { defineTool } from '../../kit/define-tool.ts';
import type { Databases } from '../databases.ts';
import { labelOf } from '../identifiers.ts';
import { explainSchema, listRelations, readMark, writeMark, type ListedRelation } from '../schema/list-relations.ts';
import { shorten, tableText } from '../page-text.ts';
import { cellSchema, columnSchema } from '../schema/table-schema.ts';

/** Limits of one page: rows, and bytes of both forms together. */
const maxRows = 300;
const maxBytes = 16_000;
const maxCommentLength = 300;

const input = z.strictObject({
  schema: z.string().trim().min(1).optional(),
  search: z.string().optional().describe('Part of a table name, column name or comment'),
  cursor: z.string().optional().describe('next_cursor of the last page'),
  database: z.string().optional(),
});
const output = z.object({
  columns: z.array(columnSchema),
  rows: z.array(z.array(cellSchema)),
  row_count: z.int(),
  truncated: z.boolean(),
  next_cursor: z.string().optional(),
  notes: z.array(z.string()).optional(),
});

const columns = [
  { name: 'schema', type: 'name' },
  { name: 'table', type: 'name' },
  { name: 'kind', type: 'text' },
  { name: 'estimated_rows', type: 'int8' },
  { name: 'comment', type: 'text' },
];

export default defineTool<typeof input, typeof output, Databases>({
  name: 'list_tables',
  title: 'List tables',
  description: 'Tables and views that this connection may read, with comments and estimated row counts.',
  input,
  output,
  run: async ({ schema, search, cursor, database }, { connection, signal, progress }) => {
    const io = { signal, progress: (message: string) => progress(message) };
    const chosen = connection.pick(database);
    const [afterSchema, afterName] = cursor === undefined ? [] : readMark(cursor, 2);
    const after =
      afterSchema === undefined || afterName === undefined ? undefined : { schema: afterSchema, name: afterName };
    const { relations, remaining } = await listRelations(chosen, { schema, search, after }, maxRows, io);
    const shown = relations.slice(0, howManyFit(relations));
    const last = shown.at(-1);
    const truncated = remaining > shown.length;
    const next = truncated && last !== undefined ? writeMark(last.schema, last.name) : undefined;
    const notes = notesOn(shown);
    if (schema !== undefined && relations.length === 0) notes.push(await explainSchema(chosen, schema, io));
    const rows = shown.map(toRow);
    const facts = [`${rows.length} ${rows.length === 1 ? 'table' : 'tables'}`];
    if (truncated) facts.push(`${remaining - rows.length} more: narrow with schema or search, or continue`);
    if (next !== undefined) facts.push(`next_cursor ${next}`);
    return {
      structured: {
        columns,
        rows,
        row_count: rows.length,
        truncated,
        ...(next !== undefined && { next_cursor: next }),
        ...(notes.length > 0 && { notes }),
      },
      text: [facts.join('; '), tableText(columns, rows), ...notes].join('\n'),
    };
  },
});

function toRow({ schema, name, kind, estimatedRows, comment }: ListedRelation) {
  return [schema, name, kind, estimatedRows, shorten(comment, maxCommentLength).cell];
}

/** Keeps at least one. */
function howManyFit(relations: readonly ListedRelation[]): number {
  let bytes = 0;
  const tooMany = relations.findIndex((relation) => {
    bytes += 2 * Buffer.byteLength(JSON.stringify(toRow(relation)));
    return bytes > maxBytes;
  });
  return tooMany < 0 ? relations.length : Math.max(1, tooMany);
}

function notesOn(shown: readonly ListedRelation[]): string[] {
  const parents = shown.filter(({ children }) => children > 0);
  const words = parents.slice(0, 20).map(({ schema, name, children }) => `${labelOf(schema, name)} (${children})`);
  if (words.length === 0) return [];
  return [`Not listed because they are read through their parent: the children of ${words.join(', ')}.`];
}
