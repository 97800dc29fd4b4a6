import { ToolError } from '../../kit/errors.ts';
import type { CallIo } from '../connection/session-lender.ts';
import type { Database } from '../database.ts';
import { formsOf, labelOf, splitName } from '../identifiers.ts';
import { below, estimatedRows, fromRelations, kindWord, listed } from '../catalog/relations.ts';
import { encodeParameter } from '../values.ts';

/** The list continues after this name. */
export interface Mark {
  readonly schema: string;
  readonly name: string;
}

export interface Filter {
  readonly schema?: string | undefined;
  readonly search?: string | undefined;
  readonly after?: Mark | undefined;
}

export interface ListedRelation extends Mark {
  readonly kind: string;
  readonly estimatedRows: number | null;
  readonly comment: string | null;
  /** Tables that are read through this one and not listed separately. */
  readonly children: number;
}

/** Compared exactly if the schema exists, or else case-insensitively. */
const inSchema = `($1::text[] is null or n.nspname = any($1)
  or pg_catalog.lower(n.nspname) = any($2) and not exists (select from pg_catalog.pg_namespace where nspname = any($1)))`;

const lower = (text: string): string => `pg_catalog.lower(${text} collate "default")`;
const found = `($3::text is null
  or pg_catalog.strpos(c.relname::text, $3) > 0 or pg_catalog.strpos(${lower('c.relname::text')}, $4) > 0
  or pg_catalog.strpos(${lower("pg_catalog.obj_description(c.oid, 'pg_class')")}, $4) > 0
  or exists (select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0
    and not a.attisdropped and (pg_catalog.strpos(a.attname::text, $3) > 0
      or pg_catalog.strpos(${lower('a.attname::text')}, $4) > 0)))`;

const statement = `
  with found as (
    select c.oid, n.nspname, c.relname, count(*) over () as remaining ${fromRelations}
    where ${listed} and ${inSchema} and ${found}
      and ($5::text is null or (n.nspname, c.relname) > ($5::name, $6::name))
    order by n.nspname, c.relname limit $7)
  select f.nspname, f.relname, ${kindWord}, ${estimatedRows}, pg_catalog.obj_description(c.oid, 'pg_class'),
    case when c.relkind = 'r' and c.relhassubclass then (${below('c.oid')} select count(*) from below) end, f.remaining
  from found f join pg_catalog.pg_class c on c.oid = f.oid order by f.nspname, f.relname`;

/** @returns a page of what the role may read, and how many remain from there. */
export async function listRelations(
  database: Database,
  { schema, search, after }: Filter,
  limit: number,
  io: CallIo,
): Promise<{ relations: ListedRelation[]; remaining: number }> {
  const schemas = schema === undefined ? null : schemaForms(schema);
  const values = [
    encodeParameter(schemas),
    encodeParameter(schemas?.map((form) => form.toLowerCase())),
    search ?? null,
    search?.toLowerCase() ?? null,
    after?.schema ?? null,
    after?.name ?? null,
    String(limit),
  ];
  const [rows = []] = await database.inspect([{ text: statement, values }], io);
  const relations = rows.map(([nspname, relname, kind, estimate, comment, children]) => ({
    schema: nspname ?? '',
    name: relname ?? '',
    kind: kind ?? '',
    estimatedRows: typeof estimate === 'string' ? Number(estimate) : null,
    comment: comment ?? null,
    children: Number(children ?? 0),
  }));
  return { relations, remaining: Number(rows[0]?.[6] ?? 0) };
}

/** The name as written and without quotes. Case is ignored only if it does not match exactly. */
function schemaForms(schema: string): string[] {
  const [name, ...rest] = splitName(schema);
  return [...new Set([schema, ...(rest.length === 0 && name !== undefined ? [name] : [])])].flatMap((form) => [
    form,
    form.normalize('NFC'),
    form.normalize('NFD'),
  ]);
}

const schemasThere = `
  select n.nspname, pg_catalog.quote_ident(n.nspname), pg_catalog.has_schema_privilege(n.oid, 'usage'),
    pg_catalog.quote_ident(current_user)
  from pg_catalog.pg_namespace n
  where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1 limit 200`;

/** Explains why nothing was found in a schema: it does not exist, or the role cannot use it. */
export async function explainSchema(database: Database, schema: string, io: CallIo): Promise<string> {
  const [rows = []] = await database.inspect([{ text: schemasThere }], io);
  const forms = new Set(schemaForms(schema).flatMap(formsOf));
  const here = rows.find(([name]) => formsOf(name ?? '').some((form) => forms.has(form)));
  const usable = rows.filter((row) => row[2] === 't').map((row) => labelOf('', row[0] ?? '').slice(1));
  if (here === undefined)
    return `Schema '${schema}' does not exist. Schemas: ${usable.slice(0, 50).join(', ')}${usable.length > 50 ? ', ...' : ''}.`;
  const [, quoted, mayUse, role] = here;
  if (mayUse === 't') return `This role can read nothing in ${quoted} that matches.`;
  return `This role cannot use the schema ${quoted}. The owner can allow it with: GRANT USAGE ON SCHEMA ${quoted} TO ${role};`;
}

/** An opaque cursor for where a list continues. */
export function writeMark(...parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** @throws ToolError for anything that `writeMark` did not write. */
export function readMark(cursor: string, length: number): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parts) && parts.length === length && parts.every((part) => typeof part === 'string'))
      return parts;
  } catch {
    // not one of ours: reported below
  }
  throw new ToolError('invalid_arguments', "'cursor' did not come from this list.", {
    hint: 'Omit it to start with the first page.',
  });
}
