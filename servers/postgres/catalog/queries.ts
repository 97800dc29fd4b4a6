import * as z from 'zod';
import type { CastFact, FunctionFact, OperatorFact, TypeFact } from './facts.ts';

type Row = readonly (string | null)[];

/** Gets all rows of several keys at once: `$1` is the list. */
export interface CatalogQuery<Fact> {
  readonly text: string;
  readonly toFact: (row: Row) => Fact;
}

const strings = z.array(z.string());

/** Built-in objects have lower object ids. https://www.postgresql.org/docs/18/system-catalog-initial-data.html */
export const firstOfUsers = 16_384;

/** Neither built in nor from an extension. */
export const ofUsers = (alias: string, catalog: 'pg_proc' | 'pg_type'): string =>
  `${alias}.oid >= ${firstOfUsers} and not exists (select from pg_catalog.pg_depend own
    where own.classid = 'pg_catalog.${catalog}'::regclass and own.objid = ${alias}.oid and own.deptype = 'e')`;

/** Functions that objects of one catalog use, directly or through operators. `owners` selects the objects' ids. */
export const functionsUsed = (catalog: string, owners: string): string => `
  select coalesce(o.oprcode::oid, d.refobjid) as oid from pg_catalog.pg_depend d
    left join pg_catalog.pg_operator o on d.refclassid = 'pg_catalog.pg_operator'::regclass and o.oid = d.refobjid
  where d.classid = 'pg_catalog.${catalog}'::regclass and d.objid in (${owners})
    and d.refclassid in ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass)
    and coalesce(o.oprcode::oid, d.refobjid) >= ${firstOfUsers}`;

export const asList = (query: string): string =>
  `(select pg_catalog.to_json(pg_catalog.array_agg(distinct x.oid::text)) from (${query}) x)`;

const signature = `
  (select pg_catalog.string_agg(pg_catalog.regexp_replace(pg_catalog.replace(pg_catalog.format_type(a.type, null), ' ', '-'),
      '^.*[.]|"', '', 'g'), ',' order by a.place)
    from pg_catalog.unnest(p.proargtypes::oid[]) with ordinality a (type, place))`;

/** Strings, types that may contain or become one, and types that name catalog objects. */
const takesText = `
  exists (
    with recursive part as (
      select a.type as oid from pg_catalog.unnest(p.proargtypes::oid[]) a (type)
      union
      select x.oid from part s join pg_catalog.pg_type t on t.oid = s.oid cross join lateral (
        select t.typelem as oid where t.typcategory = 'A' union all select t.typbasetype union all
        select r.rngsubtype from pg_catalog.pg_range r where r.rngtypid = t.oid or r.rngmultitypid = t.oid union all
        select c.atttypid from pg_catalog.pg_attribute c
          where t.typrelid <> 0 and c.attrelid = t.typrelid and c.attnum > 0 and not c.attisdropped) x
      where x.oid <> 0)
    select from part s join pg_catalog.pg_type t on t.oid = s.oid
    where t.typcategory = 'S' or (t.typcategory = 'P' and t.typname <> 'internal') or t.typname ~ '^reg' and t.oid < ${firstOfUsers}
      or t.typname in ('oid', 'json', 'jsonb', 'xml', 'bytea', 'refcursor', 'char') and t.oid < ${firstOfUsers})`;

const functionQuery = (condition: string): string => `
  select p.oid, n.nspname, p.proname, p.prokind, p.provolatile, l.lanname,
    p.prosecdef or exists (select from pg_catalog.unnest(p.proconfig) c where c ~* '^(role|session_authorization)='),
    e.extname,
    pg_catalog.pg_function_is_visible(p.oid), p.pronargs - p.pronargdefaults,
    case when p.provariadic <> 0 then -1 else p.pronargs end,
    p.pronargs - p.pronargdefaults <= 1 and exists (select from pg_catalog.pg_type t
      where t.oid = p.proargtypes[0] and (t.typtype in ('c', 'd') or t.typname in ('record', 'any', 'anyelement',
        'anynonarray', 'anycompatible', 'anycompatiblenonarray'))),
    p.pronargs > 0 and p.pronargs - p.pronargdefaults <= 1 and p.proargtypes[0] <> 'pg_catalog.internal'::regtype,
    case when p.oid >= ${firstOfUsers} or l.lanname not in ('internal', 'c', 'sql') then pg_catalog.concat_ws(' ',
      case when l.lanname in ('sql', 'plpgsql')
        then coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc) end,
      pg_catalog.pg_get_expr(p.proargdefaults, 0)) else '' end,
    case when p.oid < ${firstOfUsers} then null
      when p.prokind = 'a' then ${asList(`select f.oid from pg_catalog.pg_aggregate a
        join pg_catalog.pg_proc f on f.oid in (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn,
          a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn)
        where a.aggfnoid = p.oid`)}
      when l.lanname = 'internal' then ${asList(`select f.oid from pg_catalog.pg_proc f
        where f.prosrc = p.prosrc and f.oid < ${firstOfUsers}`)} end,
    case when p.oid >= ${firstOfUsers} then ${asList(`select t.oid from pg_catalog.pg_type t
      where (t.oid = any(p.proargtypes) or t.oid = any(p.proallargtypes) or t.oid = p.prorettype)
        and ${ofUsers('t', 'pg_type')}`)} end,
    case when p.oid >= ${firstOfUsers} then ${signature} end,
    e.extname is not null and ${takesText},
    (select pg_catalog.json_agg(pg_catalog.concat(a.type, t.typcategory) order by a.place)
      from pg_catalog.unnest(p.proargtypes::oid[]) with ordinality a (type, place)
        join pg_catalog.pg_type t on t.oid = a.type),
    ${asList(`select p.prorettype as oid where p.proargmodes is null or p.prorettype <> 'pg_catalog.record'::regtype
      union select p.proallargtypes[i] from pg_catalog.generate_subscripts(p.proallargtypes, 1) i
      where p.proargmodes[i] in ('o', 'b', 't')`)}
  from pg_catalog.pg_proc p
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    join pg_catalog.pg_language l on l.oid = p.prolang
    left join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid
      and d.refclassid = 'pg_catalog.pg_extension'::regclass and d.deptype = 'e'
    left join pg_catalog.pg_extension e on e.oid = d.refobjid
  where ${condition}`;

function toFunction(row: Row): FunctionFact {
  const [id, schema, name, kind, volatility, language, definer, extension, visible, fewest, most] = row;
  const [takesRow, takesValue, code, components, types, argumentTypes, text, parameters, results] = row.slice(11);
  return {
    id: id ?? '',
    schema: schema ?? '',
    name: name ?? '',
    kind: kind ?? '',
    volatility: volatility ?? 'v',
    language: language ?? '',
    securityDefiner: definer === 't',
    extension: extension ?? undefined,
    builtIn: Number(id) < firstOfUsers && ['internal', 'c', 'sql'].includes(language ?? ''),
    visible: visible === 't',
    minArguments: Number(fewest),
    maxArguments: most === '-1' ? Infinity : Number(most),
    takesRow: takesRow === 't',
    takesValue: takesValue === 't',
    code: code ?? '',
    components: readList(components),
    types: readList(types),
    parameters: readList(parameters).map((one) => ({ type: one.slice(0, -1), category: one.slice(-1) })),
    results: readList(results),
    signature: argumentTypes ?? '',
    takesText: text === 't',
  };
}

export const functionsByName: CatalogQuery<FunctionFact> = {
  text: functionQuery('p.proname = any($1)'),
  toFact: toFunction,
};

export const functionsById: CatalogQuery<FunctionFact> = {
  text: functionQuery('p.oid = any($1::oid[])'),
  toFact: toFunction,
};

export const operatorsByName: CatalogQuery<OperatorFact> = {
  text: `
    select o.oprname, o.oprcode::oid from pg_catalog.pg_operator o
    where o.oprname = any($1) and o.oid >= ${firstOfUsers} and o.oprcode <> 0`,
  toFact: ([name, code]) => ({ name: name ?? '', function: code ?? '' }),
};

/** The parts of arrays, domains, rows and ranges, with what runs when their values are created or compared. */
const typeQuery = (condition: string): string => `
  with recursive part as (
    select t.oid as root, t.oid from pg_catalog.pg_type t where ${condition} and t.oid >= ${firstOfUsers}
    union
    select p.root, x.oid from part p join pg_catalog.pg_type t on t.oid = p.oid cross join lateral (
      select t.typbasetype as oid union all select t.typelem union all
      select a.atttypid from pg_catalog.pg_attribute a
        where t.typrelid <> 0 and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped union all
      select r.rngsubtype from pg_catalog.pg_range r where r.rngtypid = t.oid union all
      select r.rngtypid from pg_catalog.pg_range r where r.rngmultitypid = t.oid) x
    where x.oid >= ${firstOfUsers})
  select t.oid, t.typname, ${asList('select p.oid from part p where p.root = t.oid')},
    (select pg_catalog.string_agg(pg_catalog.pg_get_constraintdef(k.oid), ' ') from pg_catalog.pg_constraint k
      where k.contypid in (select p.oid from part p where p.root = t.oid)),
    ${asList(`
      ${functionsUsed(
        'pg_constraint',
        `select k.oid from pg_catalog.pg_constraint k
        where k.contypid in (select p.oid from part p where p.root = t.oid)`,
      )}
      union all
      select f.oid from part p join pg_catalog.pg_range r on r.rngtypid = p.oid
        join pg_catalog.pg_proc f on f.oid in (r.rngcanonical, r.rngsubdiff)
        where p.root = t.oid and f.oid >= ${firstOfUsers}`)},
    ${asList(`
      select f.oid from pg_catalog.pg_proc f where f.oid in (
        select m.amproc from part p join pg_catalog.pg_opclass c on c.opcintype = p.oid
          join pg_catalog.pg_amproc m on m.amprocfamily = c.opcfamily
          where p.root = t.oid and m.amproc >= ${firstOfUsers}
        union all
        select o.oprcode from part p join pg_catalog.pg_opclass c on c.opcintype = p.oid
          join pg_catalog.pg_amop m on m.amopfamily = c.opcfamily
          join pg_catalog.pg_operator o on o.oid = m.amopopr
          where p.root = t.oid and o.oid >= ${firstOfUsers})
        and ${ofUsers('f', 'pg_proc')}`)}
  from pg_catalog.pg_type t where t.oid in (select root from part)`;

function toType([id, name, parts, code, functions, comparing]: Row): TypeFact {
  return {
    id: id ?? '',
    name: name ?? '',
    parts: readList(parts),
    code: code ?? '',
    functions: readList(functions),
    comparing: readList(comparing),
  };
}

export const typesByName: CatalogQuery<TypeFact> = { text: typeQuery('t.typname = any($1)'), toFact: toType };
export const typesById: CatalogQuery<TypeFact> = { text: typeQuery('t.oid = any($1::oid[])'), toFact: toType };

/** All of them, since there are few. `$1` is a single key for all. */
export const allCasts: CatalogQuery<CastFact> = {
  text: `
    select c.castsource, c.casttarget, t.typname, c.castcontext = 'i', f.oid
    from pg_catalog.pg_cast c join pg_catalog.pg_type t on t.oid = c.casttarget
      join pg_catalog.pg_proc f on f.oid = c.castfunc
    where $1::text is not null and ${ofUsers('f', 'pg_proc')}`,
  toFact: ([source, target, targetName, implicit, code]) => ({
    source: source ?? '',
    target: target ?? '',
    targetName: targetName ?? '',
    implicit: implicit === 't',
    function: code ?? '',
  }),
};

/** Built-in types are available in every statement. */
export function isServersType(id: string): boolean {
  return Number(id) < firstOfUsers;
}

export function readList(json: string | null | undefined): string[] {
  return typeof json === 'string' ? strings.parse(JSON.parse(json)) : [];
}
