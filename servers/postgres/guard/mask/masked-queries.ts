import { firstOfUsers, functionsUsed, ofUsers } from '../../catalog/queries.ts';
import { hasConstants } from '../constants.ts';

/** The columns that the owner named, and those whose values the catalog stores. `held`: stored in its own rows. */
export const namedColumns = `
  select c.oid, a.attnum, true, n.nspname || '.' || c.relname || '.' || a.attname
  from rows from (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[]), pg_catalog.unnest($3::text[]))
      as w(schema, relation, "column")
    join pg_catalog.pg_class c on c.relname = w.relation and c.relkind in ('r', 'p', 'v', 'm', 'f')
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname = coalesce(w.schema, n.nspname)
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = w."column" and not a.attisdropped`;

/** Views whose rows come from a user-defined function, so their source is unknown. */
export const madeByFunctions = `
  select distinct c.oid, f.oid, fn.nspname, f.proname, n.nspname || '.' || c.relname
  from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_rewrite w on w.ev_class = c.oid and w.ev_type = '1'
    join lateral (${functionsUsed('pg_rewrite', 'w.oid')}) used on true
    join pg_catalog.pg_proc f on f.oid = used.oid and ${ofUsers('f', 'pg_proc')}
    join pg_catalog.pg_namespace fn on fn.oid = f.pronamespace
  where c.relkind in ('v', 'm') and c.oid >= ${firstOfUsers}`;

const given = `given as (
  select * from rows from (pg_catalog.unnest($1::oid[]), pg_catalog.unnest($2::int[]), pg_catalog.unnest($3::bool[]),
    pg_catalog.unnest($4::text[])) as g(rel, att, held, origin))`;

/**
 * What depends on the columns in one catalog. Each row is looked up by an index (`offset 0` enforces this): the planner
 * has no statistics for `given`, and a thousand partitions have thousands of masked columns.
 */
const dependents = (catalog: string): string => `
  lateral (select d.objid, d.objsubid, d.refobjsubid from pg_catalog.pg_depend d
    where d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = g.rel
      and d.classid = 'pg_catalog.${catalog}'::regclass offset 0) d`;
const dependentOnColumn = (catalog: string): string => `${dependents(catalog)} on d.refobjsubid = g.att`;

const row = (catalog: string, condition: string): string =>
  `lateral (select x.* from pg_catalog.${catalog} x where ${condition} offset 0)`;

/** The columns with their catalog rows. */
const attributes = `given g join ${row('pg_attribute', 'x.attrelid = g.rel and x.attnum = g.att')} a on true`;
const sameName = (relation: string): string =>
  `${row('pg_attribute', `x.attrelid = ${relation} and x.attname = a.attname`)} b on true`;

/** Whether an expression uses whole rows. The catalog does not record it where columns are used as well. */
const usesRows = (tree: string): string => `${tree}::text ~ ':varattno 0 '`;

/** Rules that use a column. `att` 0 means a relation for which it is unknown which columns show masked values: a view. */
const rules = `given g join ${dependents('pg_rewrite')} on true join ${row('pg_rewrite', 'x.oid = d.objid')} w
    on case when g.att = 0 or d.refobjsubid = g.att then true else ${usesRows('w.ev_action')} end`;

const onType = (catalog: string): string =>
  row(
    'pg_depend',
    `x.refclassid = 'pg_catalog.pg_type'::regclass and x.refobjid = t.oid
      and x.classid = 'pg_catalog.${catalog}'::regclass`,
  );

/**
 * One step from columns to whatever else shows their values: partitions and children, parents, generated columns,
 * foreign keys to them, sequences, columns of the row type (in arrays, domains, ranges and rows), views.
 */
export const nextColumns = `
  with recursive ${given},
  type as (
    select c.reltype as oid, g.origin
    from (select distinct on (rel) * from given) g join ${row('pg_class', 'x.oid = g.rel')} c on c.reltype <> 0
    union
    select d.objid, t.origin from type t cross join ${onType('pg_type')} d)
  select h.inhrelid, b.attnum, true, g.origin
  from ${attributes} join ${row('pg_class', 'x.oid = g.rel and x.relhassubclass')} p on g.held
    join ${row('pg_inherits', 'x.inhparent = p.oid')} h on true join ${sameName('h.inhrelid')}
  union
  select h.inhparent, b.attnum, false, g.origin
  from ${attributes} join ${row('pg_inherits', 'x.inhrelid = g.rel')} h on true join ${sameName('h.inhparent')}
  union
  select g.rel, a.attnum, g.held, g.origin
  from given g join ${dependentOnColumn('pg_class')} and d.objid = g.rel and g.att > 0
    join ${row('pg_attribute', 'x.attrelid = g.rel and x.attnum = d.objsubid')} a on a.attgenerated <> ''
  union
  select g.rel, a.attnum, g.held, g.origin
  from given g join ${dependentOnColumn('pg_attrdef')} and g.att > 0
    join ${row('pg_attrdef', 'x.oid = d.objid')} e on e.adrelid = g.rel
    join ${row('pg_attribute', 'x.attrelid = g.rel and x.attnum = e.adnum')} a on a.attgenerated <> ''
  union
  select k.conrelid, u.att, true, g.origin
  from given g join pg_catalog.pg_constraint k on k.confrelid = g.rel and k.contype = 'f'
    join lateral rows from (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey)) as u(att, referenced)
      on u.referenced = g.att
  union
  select s.oid, 1, true, g.origin
  from given g join ${dependentOnColumn('pg_class')} and g.att > 0 and d.objid <> g.rel
    join ${row('pg_class', 'x.oid = d.objid')} s on s.relkind = 'S'
  union
  select s.oid, 1, true, g.origin
  from given g join ${row('pg_attrdef', 'x.adrelid = g.rel and x.adnum = g.att')} e on true
    join ${row('pg_depend', "x.classid = 'pg_catalog.pg_attrdef'::regclass and x.objid = e.oid")} d
      on d.refclassid = 'pg_catalog.pg_class'::regclass
    join ${row('pg_class', 'x.oid = d.refobjid')} s on s.relkind = 'S'
  union
  select d.objid, d.objsubid, true, t.origin from type t join ${onType('pg_class')} d on d.objsubid > 0
  union
  select w.ev_class, 0, true, g.origin from ${rules} where w.ev_type = '1' and w.ev_class <> g.rel`;

/** The names of the columns. */
export const columnNames = `with ${given} select g.rel, a.attname from ${attributes} where g.att > 0`;

/** Row-level security that uses the columns. */
const policies = `given g join ${dependents('pg_policy')} on true join ${row('pg_policy', 'x.oid = d.objid')} p
    on d.refobjsubid = g.att or ${usesRows('pg_catalog.concat(p.polqual, p.polwithcheck)')}`;

/** Where the catalog stores values of the columns as constants, by kind. */
export const openDoors = `
  with recursive ${given},
  domain as (
    select t.oid, t.typbasetype
    from (select distinct a.atttypid as oid from ${attributes}) a
      join ${row('pg_type', 'x.oid = a.oid')} t on t.typtype = 'd'
    union
    select t.oid, t.typbasetype from domain
      join ${row('pg_type', 'x.oid = domain.typbasetype')} t on t.typtype = 'd'),
  found(door, text) as (
    select 'default', pg_catalog.pg_get_expr(e.adbin, e.adrelid)
    from given g join ${row('pg_attrdef', 'x.adrelid = g.rel and x.adnum = g.att')} e on true
    union all
    select 'check', pg_catalog.pg_get_constraintdef(k.oid)
    from given g join ${row('pg_constraint', "x.conrelid = g.rel and x.contype in ('c', 'x')")} k
      on g.att = any(k.conkey) or 0 = any(k.conkey) or k.conkey is null
    union all
    select 'domain', pg_catalog.pg_get_constraintdef(k.oid)
    from domain join ${row('pg_constraint', 'x.contypid = domain.oid')} k on true
    union all
    select 'domain', ''''
    from domain join ${row('pg_type', 'x.oid = domain.oid')} t on t.typdefault is not null
    union all
    select 'index', pg_catalog.pg_get_indexdef(i.indexrelid)
    from given g join ${dependents('pg_class')} on true
      join ${row('pg_index', 'x.indexrelid = d.objid')} i on (i.indpred is not null or i.indexprs is not null)
        and (d.refobjsubid = g.att or ${usesRows('pg_catalog.concat(i.indpred, i.indexprs)')})
    union all
    select 'policy', pg_catalog.concat_ws(' ', pg_catalog.pg_get_expr(p.polqual, p.polrelid),
      pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))
    from ${policies}
    union all
    select 'bound', ''''
    from given g join ${row('pg_partitioned_table', 'x.partrelid = g.rel')} k
      on g.att = any(k.partattrs::int2[]) or 0 = any(k.partattrs::int2[])
    union all
    select 'view', pg_catalog.pg_get_ruledef(w.oid) from ${rules}
    union all
    select 'trigger', pg_catalog.pg_get_triggerdef(t.oid)
    from given g join ${dependents('pg_trigger')} on true
      join ${row('pg_trigger', 'x.oid = d.objid')} t on t.tgqual is not null
        and (d.refobjsubid = g.att or ${usesRows('t.tgqual')})
    union all
    select 'statistics', pg_catalog.pg_get_statisticsobjdef(d.objid)
    from given g join ${dependentOnColumn('pg_statistic_ext')}
    union all
    select 'publication', ''''
    from given g join pg_catalog.pg_publication_rel p on p.prrelid = g.rel
    where pg_catalog.to_jsonb(p) ->> 'prqual' is not null
    union all
    select 'added', '''' from ${attributes} where a.atthasmissing
    union all
    select 'sequence', '''' from given g join ${row('pg_class', 'x.oid = g.rel')} c on c.relkind = 'S'
    union all
    select 'large object', '''' from ${attributes}
    where a.atttypid = 'pg_catalog.oid'::regtype
      or exists (select from domain where domain.oid = a.atttypid and domain.typbasetype = 'pg_catalog.oid'::regtype))
  select door from found where ${hasConstants('text')} group by door`;

/** Tables whose row-level security uses the columns or looks up such a table, which plans would show. */
export const policyTables = `
  with recursive ${given},
  protected as (
    select p.polrelid as oid
    from ${policies}
    union
    select p.polrelid from protected t
      join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = t.oid
        and d.classid = 'pg_catalog.pg_policy'::regclass
      join pg_catalog.pg_policy p on p.oid = d.objid)
  select n.nspname || '.' || c.relname from protected t join pg_catalog.pg_class c on c.oid = t.oid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace`;
