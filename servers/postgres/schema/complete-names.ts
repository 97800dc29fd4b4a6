import type { CallIo } from '../connection/session-lender.ts';
import type { Database } from '../database.ts';
import type { Statement } from '../connection/statement.ts';
import { labelOf } from '../identifiers.ts';
import { fromRelations, listed } from '../catalog/relations.ts';

export interface Completions {
  readonly values: readonly string[];
  readonly total: number;
}

/** Ignores quotes and spaces around a name. */
const plain = (text: string): string => `pg_catalog.ltrim(pg_catalog.replace(${text}, '"', ''))`;
const begins = (text: string): string =>
  `(pg_catalog.starts_with(pg_catalog.lower(${plain(text)} collate "default"), $1)
    or pg_catalog.starts_with(${plain(text)}, $2))`;

/** A name, the name of its schema, or any part of either after a dot. */
const labels: Readonly<Record<'table' | 'schema.table', string>> = {
  table: begins('c.relname::text'),
  'schema.table': `(${begins('c.relname::text')} or ${begins("n.nspname || '.' || c.relname")}
    or exists (select from pg_catalog.unnest(pg_catalog.string_to_array(n.nspname || '.' || c.relname, '.')) part
      where ${begins('part')}))`,
};

const maxValues = 100;

/** Names that start with `value`: of all tables, or of those in one schema. */
export async function completeTables(
  database: Database,
  value: string,
  schema: string | undefined,
  io: CallIo,
): Promise<Completions> {
  const kind = schema === undefined ? 'schema.table' : 'table';
  const text = `select n.nspname, c.relname, count(*) over () ${fromRelations}
    where ${listed} and ($3::text is null or n.nspname = $3) and ${labels[kind]} order by 1, 2 limit ${maxValues}`;
  const rows = await ask(database, { text, values: [...prefixes(value), schema ?? null] }, io);
  const values = rows.map(([nspname, relname]) =>
    schema === undefined ? labelOf(nspname ?? '', relname ?? '') : (relname ?? ''),
  );
  return { values, total: Number(rows[0]?.[2] ?? 0) };
}

export async function completeSchemas(database: Database, value: string, io: CallIo): Promise<Completions> {
  const text = `select n.nspname, count(*) over () ${fromRelations}
    where ${listed} and ${begins('n.nspname::text')} group by n.nspname order by 1 limit ${maxValues}`;
  const rows = await ask(database, { text, values: prefixes(value) }, io);
  return { values: rows.map(([name]) => name ?? ''), total: Number(rows[0]?.[1] ?? 0) };
}

function prefixes(value: string): string[] {
  const wanted = value.replaceAll('"', '').trimStart();
  return [wanted.toLowerCase(), wanted];
}

async function ask(database: Database, statement: Statement, io: CallIo): Promise<(string | null)[][]> {
  const [rows = []] = await database.inspect([statement], io);
  return rows;
}
