import * as z from 'zod';
import type { CallIo } from '../connection/session-lender.ts';
import type { Database } from '../database.ts';
import { maskTable } from './mask-table.ts';
import type { Relation } from './find-relation.ts';
import { below, estimatedRows, kindWord } from '../catalog/relations.ts';
import { accessQueries, readAccess } from './table-access.ts';
import { readTypes, typesQuery } from './table-types.ts';

const columnSchema = z.object({
  name: z.string(),
  type: z.string(),
  nullable: z.boolean(),
  default: z.string().optional(),
  comment: z.string().optional(),
  /** All labels of an enum, or the distinct values known from statistics. */
  values: z.array(z.string()).optional(),
  /** Domains and composite types behind it, with their definitions. */
  types: z.array(z.string()).optional(),
  masked: z.literal(true).optional(),
});

export const tableSchema = z.object({
  schema: z.string(),
  table: z.string(),
  kind: z.string(),
  comment: z.string().optional(),
  estimated_rows: z.number().optional(),
  columns: z.array(columnSchema),
  primary_key: z.array(z.string()),
  foreign_keys: z.array(z.string()),
  referenced_by: z.array(z.string()),
  unique: z.array(z.string()),
  checks: z.array(z.string()),
  indexes: z.array(z.string()),
  /** What prevents this role from reading all or part of it. */
  access: z.string().optional(),
  row_security: z.string().optional(),
  policies: z.array(z.string()).optional(),
  parents: z.array(z.string()).optional(),
  partition_key: z.string().optional(),
  /** All descendants; for a partitioned table those that contain rows. */
  partition_count: z.int().optional(),
  partitions: z.array(z.string()).optional(),
  definition: z.string().optional(),
});
export type TableDescription = z.infer<typeof tableSchema>;

const relation = `
  select ${kindWord}, pg_catalog.obj_description(c.oid, 'pg_class'), ${estimatedRows},
    case when c.relkind = 'p' then pg_catalog.pg_get_partkeydef(c.oid) end,
    case when c.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(c.oid, true) end,
    case when c.relhassubclass then (${below('c.oid')}
      select count(*) filter (where d.relkind <> 'p') from below b join pg_catalog.pg_class d on d.oid = b.oid) end
  from pg_catalog.pg_class c where c.oid = $1::oid`;

/**
 * Distinct values come from pg_stats, which shows only what the role may read; nothing is scanned. Times are omitted as
 * useless.
 */
const columns = `
  select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
    case when a.attidentity <> '' then 'generated as identity'
      when a.attgenerated <> '' then 'generated: ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid)
      else pg_catalog.pg_get_expr(d.adbin, d.adrelid) end,
    pg_catalog.col_description(a.attrelid, a.attnum),
    coalesce(
      (select pg_catalog.to_json(pg_catalog.array_agg(e.enumlabel order by e.enumsortorder))
        from pg_catalog.pg_enum e
        where e.enumtypid in (t.oid, nullif(t.typelem, 0), nullif(t.typbasetype, 0))),
      (select pg_catalog.to_json(s.most_common_vals::text::text[])
        from pg_catalog.pg_stats s
        where s.schemaname = n.nspname and s.tablename = c.relname and s.attname = a.attname
          and s.n_distinct between 1 and 20 and s.most_common_vals is not null and t.typcategory <> 'D'
        order by s.inherited desc limit 1))
  from pg_catalog.pg_attribute a
    join pg_catalog.pg_class c on c.oid = a.attrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_type t on t.oid = a.atttypid
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped
    and pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'select')
  order by a.attnum`;

const constraints = `
  select k.contype, pg_catalog.pg_get_constraintdef(k.oid, true)
  from pg_catalog.pg_constraint k where k.conrelid = $1::oid and k.contype in ('p', 'u', 'f', 'c', 'x')
  order by k.contype, k.conname`;

const referencedBy = `
  select k.conrelid::regclass::text || ': ' || pg_catalog.pg_get_constraintdef(k.oid, true)
  from pg_catalog.pg_constraint k
  where k.confrelid = $1::oid and k.contype = 'f' and k.conparentid = 0 order by 1 limit 50`;

const indexes = `
  select pg_catalog.pg_get_indexdef(i.indexrelid)
  from pg_catalog.pg_index i where i.indrelid = $1::oid and i.indisvalid and not i.indisprimary order by 1`;

const maxPartitions = 50;

const partitions = `
  select h.inhrelid::regclass::text || ' ' || coalesce(pg_catalog.pg_get_expr(c.relpartbound, c.oid), '')
  from pg_catalog.pg_inherits h join pg_catalog.pg_class c on c.oid = h.inhrelid
  where h.inhparent = $1::oid order by h.inhrelid::regclass::text limit ${maxPartitions}`;

/** Everything that helps to write SQL for one table. Values of masked columns are never shown. */
export async function describeTable(database: Database, table: Relation, io: CallIo): Promise<TableDescription> {
  const described = await describeAll(database, table, io);
  const masked = await database.masked(io);
  return masked === undefined ? described : tableSchema.parse(maskTable(described, table.id, masked));
}

async function describeAll(database: Database, table: Relation, io: CallIo): Promise<TableDescription> {
  const values = [table.id];
  const own = [relation, columns, constraints, referencedBy, indexes, partitions, typesQuery];
  const statements = [...own, ...accessQueries].map((text) => ({ text, values }));
  const answers = await database.inspect(statements, io);
  const [about = [], attributes = [], keys = [], references = [], indexed = [], parts = [], made = []] = answers;
  const [kind, comment, estimate, partitionKey, definition, count] = about[0] ?? [];
  const types = readTypes(made);
  const keysOf = (type: string): string[] => keys.filter(([kind]) => kind === type).map((row) => row[1] ?? '');
  return {
    schema: table.schema,
    table: table.name,
    kind: kind ?? 'table',
    ...present('comment', comment),
    ...(typeof estimate === 'string' && { estimated_rows: Number(estimate) }),
    columns: attributes.map((row) => describeColumn(row, types.get(row[0] ?? ''))),
    primary_key: keysOf('p').flatMap(columnsOfKey),
    foreign_keys: keysOf('f'),
    referenced_by: references.map((row) => row[0] ?? ''),
    unique: keysOf('u').map((text) => columnsOfKey(text).join(', ')),
    checks: [...keysOf('c'), ...keysOf('x')],
    indexes: indexed.map((row) => shortIndex(row[0] ?? '')),
    ...present('partition_key', partitionKey),
    ...(parts.length > 0 &&
      listPartitions(
        parts.map((row) => row[0] ?? ''),
        Number(count),
      )),
    ...readAccess(answers.slice(own.length)),
    ...present('definition', definition),
  };
}

/** The first few, and the total number. */
function listPartitions(
  shown: readonly string[],
  count: number,
): Pick<TableDescription, 'partitions' | 'partition_count'> {
  const all = Math.max(count, shown.length);
  const more =
    shown.length < maxPartitions || all === shown.length ? [] : [`... ${all - shown.length} more, ${all} in total`];
  return { partition_count: all, partitions: [...shown, ...more] };
}

function describeColumn(
  row: readonly (string | null)[],
  types: string[] | undefined,
): TableDescription['columns'][number] {
  const [name, type, notNull, expression, comment, labels] = row;
  return {
    name: name ?? '',
    type: type ?? '',
    nullable: notNull !== 't',
    ...present('default', expression),
    ...present('comment', comment),
    ...(types !== undefined && { types }),
    ...(typeof labels === 'string' && { values: z.array(z.string()).parse(JSON.parse(labels)) }),
  };
}

function present<Key extends string>(key: Key, value: string | null | undefined): { [K in Key]?: string } {
  const result: { [K in Key]?: string } = {};
  if (value !== null && value !== undefined && value !== '') Object.assign(result, { [key]: value });
  return result;
}

/** The columns of `PRIMARY KEY (a, b)`. */
function columnsOfKey(definition: string): string[] {
  return (/\((.*)\)/.exec(definition)?.[1] ?? '').split(', ').filter((part) => part !== '');
}

/** `CREATE UNIQUE INDEX name ON schema.table USING btree (a)` as `name: unique btree (a)`. */
function shortIndex(definition: string): string {
  const match = /^CREATE (UNIQUE )?INDEX (\S+) ON .*? USING (.*)$/s.exec(definition);
  return match === null ? definition : `${match[2]}: ${match[1] === undefined ? '' : 'unique '}${match[3]}`;
}
