import * as z from 'zod';
import { defineTool } from '../../kit/define-tool.ts';
import type { Databases } from '../databases.ts';
import { describeTable, tableSchema, type TableDescription } from '../schema/describe-table.ts';
import { describeInWords } from '../schema/table-text.ts';
import { findRelation } from '../schema/find-relation.ts';

const input = z.strictObject({
  table_name: z.string().trim().min(1, 'must name a table').describe('table or schema.table'),
  detail: z.boolean().default(false).describe('Also checks, policies, partitions and the source of a view'),
  database: z.string().optional(),
});

export default defineTool<typeof input, typeof tableSchema, Databases>({
  name: 'get_table_schema',
  title: 'Get table schema',
  description: 'Columns with types, comments and known values, keys both ways and indexes of a table or view.',
  input,
  output: tableSchema,
  run: async ({ table_name, detail, database }, { connection, signal, progress }) => {
    const io = { signal, progress: (message: string) => progress(message) };
    const chosen = connection.pick(database);
    const table = await findRelation(chosen, table_name, io);
    const description = await describeTable(chosen, table, io);
    const structured = detail ? description : withoutDetail(description);
    return { structured, text: describeInWords(structured) };
  },
});

function withoutDetail(table: TableDescription): TableDescription {
  const { definition: _, policies: __, partitions, ...rest } = table;
  const count = table.partition_count ?? 0;
  return { ...rest, checks: [], ...(partitions !== undefined && { partitions: [`${count} in total`] }) };
}
