type Row = readonly (string | null)[];

const maxTypes = 40;
const maxLength = 400;

/**
 * The user-defined domains, composite types and ranges of the columns, with their definitions, recursively. For the row
 * type of a table, only the name.
 */
export const typesQuery = `
  with recursive part as (
    select a.attname, a.attnum, t.oid, 1 as depth from pg_catalog.pg_attribute a
      join pg_catalog.pg_type t on t.oid = a.atttypid
      where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped
        and pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'select')
    union
    select p.attname, p.attnum, x.oid, p.depth + 1 from part p join pg_catalog.pg_type t on t.oid = p.oid
      cross join lateral (
        select t.typbasetype as oid union all select t.typelem union all
        select r.rngsubtype from pg_catalog.pg_range r where r.rngtypid = t.oid union all
        select a.atttypid from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
          where a.attrelid = t.typrelid and c.relkind = 'c' and a.attnum > 0 and not a.attisdropped) x
      where x.oid >= 16384 and p.depth < 8)
  select p.attname, pg_catalog.format_type(t.oid, null), t.typtype, pg_catalog.format_type(t.typbasetype, t.typtypmod),
    t.typnotnull, pg_catalog.pg_get_expr(t.typdefaultbin, 0),
    (select pg_catalog.string_agg(pg_catalog.pg_get_constraintdef(k.oid, true), ' ' order by k.conname)
      from pg_catalog.pg_constraint k where k.contypid = t.oid and k.contype = 'c'),
    (select pg_catalog.string_agg(pg_catalog.quote_ident(a.attname) || ' '
        || pg_catalog.format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum)
      from pg_catalog.pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped),
    (select c.relkind from pg_catalog.pg_class c where c.oid = t.typrelid),
    (select pg_catalog.format_type(r.rngsubtype, null) from pg_catalog.pg_range r where r.rngtypid = t.oid)
  from part p join pg_catalog.pg_type t on t.oid = p.oid
  where t.oid >= 16384 and t.typtype in ('d', 'c', 'r')
    and not exists (select from pg_catalog.pg_depend e where e.classid = 'pg_catalog.pg_type'::regclass
      and e.objid = t.oid and e.deptype = 'e')
  order by p.attnum, p.depth limit 200`;

/** @returns descriptions of the types behind each column. */
export function readTypes(rows: readonly Row[]): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>();
  for (const row of rows.slice(0, maxTypes)) {
    const column = row[0] ?? '';
    const text = describeType(row);
    found.set(column, [
      ...(found.get(column) ?? []),
      text.length > maxLength ? `${text.slice(0, maxLength)}...` : text,
    ]);
  }
  return found;
}

function describeType(row: Row): string {
  const [, name, kind, base, notNull, value, check, fields, relation, subtype] = row;
  if (kind === 'r') return `${name}: range of ${subtype}`;
  if (kind === 'c')
    return relation === 'c' ? `${name}: composite (${fields})` : `${name}: row of the table of that name`;
  const parts = [`${name}: domain of ${base}`];
  if (notNull === 't') parts.push('not null');
  if (value !== null && value !== undefined) parts.push(`default ${value}`);
  if (check !== null && check !== undefined) parts.push(check);
  return parts.join(' ');
}
