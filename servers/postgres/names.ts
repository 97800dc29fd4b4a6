import { ToolError } from '../kit/errors.ts';
import type { CallIo, Database } from './database.ts';

export interface Relation {
  readonly id: string;
  readonly schema: string;
  readonly name: string;
}

const candidates = `
  select c.oid, n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid)
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_(toast|temp)'
    and (n.nspname not in ('pg_catalog', 'information_schema') or c.relname = $1)
    and pg_catalog.has_schema_privilege(n.oid, 'usage')
  order by pg_catalog.lower(c.relname) = pg_catalog.lower($1) desc, c.relname = $1 desc, n.nspname, c.relname
  limit 5000`;

/**
 * Finds a table by the name a model gives: with or without schema, quotes and right capitals.
 * @throws ToolError `not_found` with the nearest names, `invalid_arguments` when several schemas have it.
 */
export async function findRelation(database: Database, given: string, io: CallIo): Promise<Relation> {
  const parts = splitName(given);
  const [name, schema] = parts.toReversed();
  if (name === undefined || name === '' || parts.length > 3)
    throw new ToolError('invalid_arguments', "'table_name' must be a table or schema.table.");
  const [rows = []] = await database.inspect([{ text: candidates, values: [name] }], io);
  const all = rows.map(([id, nspname, relname, visible]) => ({
    id: id ?? '',
    schema: nspname ?? '',
    name: relname ?? '',
    visible: visible === 't',
  }));
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
  const matching = all.filter((one) => same(one.name, name) && (schema === undefined || same(one.schema, schema)));
  const exact = matching.filter((one) => one.name === name);
  const best = exact.length > 0 ? exact : matching;
  const chosen = best.find((one) => one.visible) ?? (best.length === 1 ? best[0] : undefined);
  if (chosen !== undefined) return chosen;
  if (best.length > 1)
    throw new ToolError('invalid_arguments', `'table_name': several schemas have '${name}'.`, {
      hint: `Say which: ${best.map((one) => `${one.schema}.${one.name}`).join(', ')}.`,
    });
  const near = nearest(name, all);
  throw new ToolError('not_found', `There is no table '${given}', or this connection may not see it.`, {
    hint: near.length > 0 ? `Did you mean ${near.join(', ')}?` : 'list_tables shows what there is.',
  });
}

/** All tables and views that may be read, the system's own left out; at most 1000. */
export const relationNames = `
  select c.oid, n.nspname, c.relname
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
    and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
    and pg_catalog.has_schema_privilege(n.oid, 'usage')
    and (pg_catalog.has_table_privilege(c.oid, 'select') or pg_catalog.has_any_column_privilege(c.oid, 'select'))
  order by 2, 3 limit 1000`;

export async function listRelations(database: Database, io: CallIo): Promise<Relation[]> {
  const [rows = []] = await database.inspect([{ text: relationNames }], io);
  return rows.map(([id, schema, name]) => ({ id: id ?? '', schema: schema ?? '', name: name ?? '' }));
}

/** `a."b.c"` as ["a", "b.c"]. */
export function splitName(text: string): string[] {
  const parts = [...text.trim().matchAll(/"((?:[^"]|"")*)"|[^."]+/g)];
  return parts.map((part) => (part[1] === undefined ? part[0].trim() : part[1].replaceAll('""', '"')));
}

/** The three most alike names, by shared trigrams. */
export function nearest(name: string, all: readonly { readonly schema: string; readonly name: string }[]): string[] {
  const wanted = trigrams(name);
  return all
    .map((one) => ({ label: `${one.schema}.${one.name}`, score: likeness(wanted, trigrams(one.name)) }))
    .filter((one) => one.score >= 0.25)
    .sort((a, b) => b.score - a.score)
    .slice(0, 3)
    .map((one) => one.label);
}

function trigrams(text: string): Set<string> {
  const padded = `  ${text.toLowerCase()} `;
  return new Set(Array.from({ length: padded.length - 2 }, (_, index) => padded.slice(index, index + 3)));
}

function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((gram) => b.has(gram)).length;
  return shared / (a.size + b.size - shared);
}
