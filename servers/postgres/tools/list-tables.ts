import * as z from 'zod';
import { defineTool } from '../../kit/define-tool.ts';
import type { Databases } from '../databases.ts';
import { tableText } from '../page-text.ts';
import { cellSchema, columnSchema } from '../table-schema.ts';

const most = 500;

const input = z.strictObject({
  schema: z.string().optional(),
  search: z.string().optional().describe('Part of a table name, a column name or a comment'),
  database: z.string().optional(),
});
const output = z.object({
  columns: z.array(columnSchema),
  rows: z.array(z.array(cellSchema)),
  row_count: z.int(),
  truncated: z.boolean(),
});

const columns = [
  { name: 'schema', type: 'name' },
  { name: 'table', type: 'name' },
  { name: 'kind', type: 'text' },
  { name: 'estimated_rows', type: 'int8' },
  { name: 'comment', type: 'text' },
];

/** Partitions are left out: they are read through their parent. Row counts are the planner's, nothing is scanned. */
const statement = `
  select n.nspname, c.relname,
    case c.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view'
      when 'm' then 'materialized view' else 'foreign table' end,
    case when c.relkind in ('v', 'f') or c.reltuples < 0 then null else c.reltuples::bigint end,
    pg_catalog.obj_description(c.oid, 'pg_class')
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
    and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
    and pg_catalog.has_schema_privilege(n.oid, 'usage')
    and (pg_catalog.has_table_privilege(c.oid, 'select') or pg_catalog.has_any_column_privilege(c.oid, 'select'))
    and ($1::text is null or n.nspname = $1)
    and ($2::text is null
      or pg_catalog.strpos(pg_catalog.lower(c.relname), $2) > 0
      or pg_catalog.strpos(pg_catalog.lower(pg_catalog.obj_description(c.oid, 'pg_class')), $2) > 0
      or exists (select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0
        and not a.attisdropped and pg_catalog.strpos(pg_catalog.lower(a.attname), $2) > 0))
  order by 1, 2 limit ${most + 1}`;

export default defineTool<typeof input, typeof output, Databases>({
  name: 'list_tables',
  title: 'List tables',
  description: 'Tables and views that this connection may read, with comments and estimated row counts.',
  risk: 'read',
  input,
  output,
  run: async ({ schema, search, database }, { connection, signal, progress }) => {
    const io = { signal, progress: (message: string) => progress(message) };
    const values = [schema ?? null, search?.toLowerCase() ?? null];
    const [found = []] = await connection.pick(database).inspect([{ text: statement, values }], io);
    const rows = found
      .slice(0, most)
      .map((row) => row.map((cell, index) => (index === 3 && cell !== null ? Number(cell) : cell)));
    const truncated = found.length > most;
    const heading = `${rows.length} ${rows.length === 1 ? 'table' : 'tables'}${truncated ? ', and more: narrow with schema or search' : ''}`;
    return {
      structured: { columns, rows, row_count: rows.length, truncated },
      text: `${heading}\n${tableText(columns, rows)}`,
    };
  },
});
