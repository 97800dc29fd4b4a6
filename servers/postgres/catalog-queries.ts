import * as z from 'zod';
import type { FunctionFact, OperatorFact, RelationFact, TypeFact } from './catalog.ts';

/** Asks for all rows of some names at once: `$1` is the list. */
export interface CatalogQuery<Fact> {
  readonly text: string;
  readonly toFact: (row: readonly (string | null)[]) => Fact;
}

const names = z.array(z.string());

/**
 * Bodies are read of functions that the database's users wrote only. `oid < 16384` are those that came with the server.
 */
const functionQuery = `
  select p.oid, n.nspname, p.proname, p.prokind, p.provolatile, l.lanname, p.prosecdef, e.extname,
    pg_catalog.pg_function_is_visible(p.oid), p.pronargs - p.pronargdefaults,
    case when p.provariadic <> 0 then -1 else p.pronargs end,
    p.pronargs = 1 and exists (select from pg_catalog.pg_type t
      where t.oid = p.proargtypes[0] and (t.typtype in ('c', 'p') or t.typtype = 'd')),
    case when p.oid >= 16384 and l.lanname in ('sql', 'plpgsql')
      then coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc) else '' end,
    case when p.prokind = 'a' and p.oid >= 16384 then (
      select pg_catalog.to_json(pg_catalog.array_agg(f.proname))
      from pg_catalog.pg_aggregate a
      join pg_catalog.pg_proc f on f.oid in (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn,
        a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn)
      where a.aggfnoid = p.oid) end
  from pg_catalog.pg_proc p
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    join pg_catalog.pg_language l on l.oid = p.prolang
    left join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid
      and d.refclassid = 'pg_catalog.pg_extension'::regclass and d.deptype = 'e'
    left join pg_catalog.pg_extension e on e.oid = d.refobjid
  where p.proname = any($1)`;

export const functionsByName: CatalogQuery<FunctionFact> = {
  text: functionQuery,
  toFact: ([
    id,
    schema,
    name,
    kind,
    volatility,
    language,
    definer,
    extension,
    visible,
    fewest,
    most,
    row,
    source,
    parts,
  ]) => ({
    id: id ?? '',
    schema: schema ?? '',
    name: name ?? '',
    kind: kind ?? '',
    volatility: volatility ?? 'v',
    language: language ?? '',
    securityDefiner: definer === 't',
    extension: extension ?? undefined,
    visible: visible === 't',
    fewestArguments: Number(fewest),
    mostArguments: most === '-1' ? Infinity : Number(most),
    takesRow: row === 't',
    source: source ?? '',
    components: readNames(parts),
  }),
};

const operatorQuery = `
  select o.oprname, p.proname
  from pg_catalog.pg_operator o join pg_catalog.pg_proc p on p.oid = o.oprcode
  where o.oprname = any($1) and o.oprnamespace <> 'pg_catalog'::regnamespace`;

export const operatorsByName: CatalogQuery<OperatorFact> = {
  text: operatorQuery,
  toFact: ([name, code]) => ({ name: name ?? '', function: code ?? '' }),
};

/** A domain's checks include those of the domains it is made from. */
const typeQuery = `
  with recursive chain as (
    select t.oid as root, t.oid, t.typbasetype, t.typname from pg_catalog.pg_type t
    where t.typname = any($1) and t.oid >= 16384
    union
    select c.root, t.oid, t.typbasetype, c.typname from chain c join pg_catalog.pg_type t on t.oid = c.typbasetype)
  select c.typname,
    coalesce((select pg_catalog.string_agg(pg_catalog.pg_get_constraintdef(k.oid), ' ')
      from pg_catalog.pg_constraint k where k.contypid = c.oid), ''),
    (select pg_catalog.to_json(pg_catalog.array_agg(f.proname))
      from pg_catalog.pg_cast x join pg_catalog.pg_proc f on f.oid = x.castfunc
      where x.casttarget = c.oid and f.oid >= 16384)
  from chain c`;

export const typesByName: CatalogQuery<TypeFact> = {
  text: typeQuery,
  toFact: ([name, code, functions]) => ({
    name: name ?? '',
    code: code ?? '',
    functions: readNames(functions),
  }),
};

/**
 * Follows views to what they read (their rules' dependencies) and parents to their partitions. PostgreSQL's own views
 * are not followed: `closedRelations` names those that must not be read.
 */
const relationQuery = `
  with recursive reach as (
    select c.oid as root, c.oid from pg_catalog.pg_class c
    where c.relname = any($1) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 't')
    union
    select r.root, x.oid from reach r cross join lateral (
      select d.refobjid as oid from pg_catalog.pg_rewrite w
        join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
          and d.refclassid = 'pg_catalog.pg_class'::regclass
        where w.ev_class = r.oid and r.oid >= 16384
      union all
      select h.inhrelid from pg_catalog.pg_inherits h where h.inhparent = r.oid) x)
  select c.oid, n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid),
    (select pg_catalog.string_agg(code, ' ') from (
      select pg_catalog.pg_get_viewdef(v.oid) as code from reach r join pg_catalog.pg_class v on v.oid = r.oid
        where r.root = c.oid and v.relkind = 'v' and v.oid >= 16384
      union all
      select pg_catalog.pg_get_expr(p.polqual, p.polrelid) from reach r join pg_catalog.pg_class t on t.oid = r.oid
        join pg_catalog.pg_policy p on p.polrelid = t.oid
        where r.root = c.oid and t.relrowsecurity and p.polcmd in ('r', '*')) s),
    (select pg_catalog.to_json(pg_catalog.array_agg(distinct f.proname)) from reach r
      join pg_catalog.pg_rewrite w on w.ev_class = r.oid
      join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
      left join pg_catalog.pg_operator o on d.refclassid = 'pg_catalog.pg_operator'::regclass and o.oid = d.refobjid
      join pg_catalog.pg_proc f on (d.refclassid = 'pg_catalog.pg_proc'::regclass and f.oid = d.refobjid)
        or f.oid = o.oprcode
      where r.root = c.oid and r.oid >= 16384),
    (select pg_catalog.to_json(pg_catalog.array_agg(m.nspname || '.' || b.relname)) from reach r
      join pg_catalog.pg_class b on b.oid = r.oid join pg_catalog.pg_namespace m on m.oid = b.relnamespace
      where r.root = c.oid and b.relkind <> 'S'),
    (select pg_catalog.to_json(pg_catalog.array_agg(m.nspname || '.' || b.relname)) from reach r
      join pg_catalog.pg_class b on b.oid = r.oid join pg_catalog.pg_namespace m on m.oid = b.relnamespace
      where r.root = c.oid and b.relkind = 'f')
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.oid in (select root from reach)`;

export const relationsByName: CatalogQuery<RelationFact> = {
  text: relationQuery,
  toFact: ([id, schema, name, visible, code, functions, below, foreign]) => ({
    id: id ?? '',
    schema: schema ?? '',
    name: name ?? '',
    visible: visible === 't',
    code: code ?? '',
    functions: readNames(functions),
    below: readNames(below),
    foreignTables: readNames(foreign),
  }),
};

function readNames(json: string | null | undefined): string[] {
  return typeof json === 'string' ? names.parse(JSON.parse(json)) : [];
}
