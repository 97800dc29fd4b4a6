import type { Client } from 'pg';

/** Creates every extension installed on this server. @returns their names. */
export async function createAllExtensions(admin: Client): Promise<string[]> {
  const { rows: available } = await admin.query<{ name: string }>(
    `select name from pg_available_extensions where name !~ '-3$|plperl|plpython|pltcl' and name <> 'plpgsql'`,
  );
  await admin.query('set client_min_messages = error');
  // `cascade` creates some along with others.
  for (const { name } of available)
    await admin.query(`create extension if not exists "${name}" cascade`).catch(() => undefined);
  const { rows } = await admin.query<{ extname: string }>('select extname from pg_extension');
  return rows.map(({ extname }) => extname);
}

/** Our own extension with the name of a known one, because the guard goes by the catalog. */
export async function createStub(
  admin: Client,
  name: string,
  statements: Readonly<Record<string, string>>,
): Promise<void> {
  await admin.query(
    `insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
     select coalesce(max(oid::int8), 0) + 90000, $1, 10, 'public'::regnamespace, false, '1' from pg_extension`,
    [name],
  );
  for (const [member, statement] of Object.entries(statements)) {
    await admin.query(statement);
    await admin.query(`alter extension ${name} add ${member}`);
  }
}

export interface TextFunction {
  readonly extension: string;
  /** `name(types)` */
  readonly label: string;
  /** A statement that plans a call of exactly this overload. With nulls, some would crash the server. */
  readonly call: string;
}

/** Every extension function that takes text, or something that may contain or name text, found by a separate query. */
export async function listTextFunctions(admin: Client): Promise<TextFunction[]> {
  await admin.query(`
    create or replace function pg_temp.holds_text(which oid) returns bool language sql as $$
      with recursive part as (
        select which as oid
        union
        select x.oid from part p join pg_type t on t.oid = p.oid cross join lateral (
          select t.typelem as oid where t.typcategory = 'A' union all select t.typbasetype union all
          select a.atttypid from pg_attribute a where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0) x
        where x.oid <> 0)
      select bool_or(t.typcategory in ('S', 'P') or t.typname ~ '^reg' or t.oid in ('oid'::regtype, 'json'::regtype,
        'jsonb'::regtype, 'xml'::regtype, 'bytea'::regtype, 'refcursor'::regtype, '"char"'::regtype))
      from part p join pg_type t on t.oid = p.oid $$`);
  const { rows } = await admin.query<{ extension: string; label: string; call: string }>(`
    select e.extname as extension, p.proname || '(' || (
        select string_agg(format_type(t, null), ', ' order by i) from unnest(p.proargtypes::oid[]) with ordinality a (t, i)) || ')' as label,
      format('explain with x as materialized (select %s) select %I.%I(%s) from x', (
          select string_agg(case when y.typname in ('record', 'anyelement') then 'null::public.t' when y.typname = 'cstring' then 'null::cstring'
            when y.typcategory = 'P' then 'null::text' else 'null::' || format_type(t, null) end || ' as c' || i, ', ' order by i)
          from unnest(p.proargtypes::oid[]) with ordinality a (t, i) join pg_type y on y.oid = t),
        n.nspname, p.proname, (
          select string_agg(case when p.provariadic <> 0 and i = p.pronargs then 'variadic ' else '' end || 'c' || i, ', ' order by i)
          from unnest(p.proargtypes::oid[]) with ordinality a (t, i))) as call
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
      join pg_extension e on e.oid = d.refobjid
    where (p.provolatile <> 'v' or p.prokind = 'a') and 'internal'::regtype <> all (p.proargtypes) and p.prorettype <> 'trigger'::regtype
      and exists (select from unnest(p.proargtypes::oid[]) a (t) where pg_temp.holds_text(t))
    order by 1, 2`);
  return rows;
}
