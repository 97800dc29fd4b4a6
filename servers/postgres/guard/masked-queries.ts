import { firstOfUsers, functionsUsed, ofUsers } from '../catalog-queries.ts';
import { hasConstants } from './constants.ts';

/** The columns that the owner named, and those where the catalog itself keeps values. `held`: rows of its own hold it. */
export const namedColumns = `
  select c.oid, a.attnum, true, n.nspname || '.' || c.relname || '.' || a.attname
  from rows from (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[]), pg_catalog.unnest($3::text[]))
      as w(schema, relation, "column")
    join pg_catalog.pg_class c on c.relname = w.relation and c.relkind in ('r', 'p', 'v', 'm', 'f')
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname = coalesce(w.schema, n.nspname)
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = w."column" and not a.attisdropped`;

/** Views whose rows a function of the database's users makes: where it takes them from, nobody knows. */
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

/** `att` 0 stands for a relation of which nobody can say which of its columns show masked values: a view. */
const dependents = (catalog: string): string => `
  pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = g.rel
    and d.classid = 'pg_catalog.${catalog}'::regclass`;

/** Whether a view takes a column; the catalog does not say it of whole rows, the view's own tree does. */
const takes = `(g.att = 0 or d.refobjsubid = g.att or d.refobjsubid = 0 and w.ev_action::text ~ ':varattno 0 ')`;

/**
 * One step from columns to what else shows their values: partitions and children, parents, generated columns, foreign
 * keys to them, sequences, columns of the row's type (in arrays, domains, ranges and rows), views.
 */
export const nextColumns = `
  with recursive ${given},
  type as (
    select c.reltype as oid, g.origin from given g join pg_catalog.pg_class c on c.oid = g.rel where c.reltype <> 0
    union
    select d.objid, t.origin from type t join pg_catalog.pg_depend d
      on d.refclassid = 'pg_catalog.pg_type'::regclass and d.refobjid = t.oid
        and d.classid = 'pg_catalog.pg_type'::regclass)
  select h.inhrelid, b.attnum, true, g.origin
  from given g join pg_catalog.pg_inherits h on h.inhparent = g.rel and g.held
    join pg_catalog.pg_attribute a on a.attrelid = g.rel and a.attnum = g.att
    join pg_catalog.pg_attribute b on b.attrelid = h.inhrelid and b.attname = a.attname
  union
  select h.inhparent, b.attnum, false, g.origin
  from given g join pg_catalog.pg_inherits h on h.inhrelid = g.rel
    join pg_catalog.pg_attribute a on a.attrelid = g.rel and a.attnum = g.att
    join pg_catalog.pg_attribute b on b.attrelid = h.inhparent and b.attname = a.attname
  union
  select g.rel, a.attnum, g.held, g.origin
  from given g join ${dependents('pg_class')} and d.refobjsubid = g.att and d.objid = g.rel and g.att > 0
    join pg_catalog.pg_attribute a on a.attrelid = g.rel and a.attnum = d.objsubid and a.attgenerated <> ''
  union
  select g.rel, a.attnum, g.held, g.origin
  from given g join ${dependents('pg_attrdef')} and d.refobjsubid = g.att and g.att > 0
    join pg_catalog.pg_attrdef e on e.oid = d.objid and e.adrelid = g.rel
    join pg_catalog.pg_attribute a on a.attrelid = g.rel and a.attnum = e.adnum and a.attgenerated <> ''
  union
  select k.conrelid, u.att, true, g.origin
  from given g join pg_catalog.pg_constraint k on k.confrelid = g.rel and k.contype = 'f'
    join lateral rows from (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey)) as u(att, referenced)
      on u.referenced = g.att
  union
  select s.oid, 1, true, g.origin
  from given g join ${dependents('pg_class')} and d.refobjsubid = g.att and g.att > 0 and d.objid <> g.rel
    join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S'
  union
  select s.oid, 1, true, g.origin
  from given g join pg_catalog.pg_attrdef e on e.adrelid = g.rel and e.adnum = g.att
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_attrdef'::regclass and d.objid = e.oid
      and d.refclassid = 'pg_catalog.pg_class'::regclass
    join pg_catalog.pg_class s on s.oid = d.refobjid and s.relkind = 'S'
  union
  select d.objid, d.objsubid, true, t.origin
  from type t join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_type'::regclass and d.refobjid = t.oid
    and d.classid = 'pg_catalog.pg_class'::regclass and d.objsubid > 0
  union
  select w.ev_class, 0, true, g.origin
  from given g join ${dependents('pg_rewrite')}
    join pg_catalog.pg_rewrite w on w.oid = d.objid and w.ev_type = '1' and w.ev_class <> g.rel
  where ${takes}`;

/** The names of the columns. */
export const columnNames = `
  with ${given}
  select g.rel, a.attname from given g join pg_catalog.pg_attribute a on a.attrelid = g.rel and a.attnum = g.att
  where g.att > 0`;

/** Where the catalog keeps values of the columns as constants, by kind. */
export const openDoors = `
  with recursive ${given},
  domain as (
    select t.oid, t.typbasetype from given g
      join pg_catalog.pg_attribute a on a.attrelid = g.rel and a.attnum = g.att
      join pg_catalog.pg_type t on t.oid = a.atttypid and t.typtype = 'd'
    union
    select t.oid, t.typbasetype from domain join pg_catalog.pg_type t on t.oid = domain.typbasetype and t.typtype = 'd'),
  found(door, text) as (
    select 'default', pg_catalog.pg_get_expr(e.adbin, e.adrelid)
    from given g join pg_catalog.pg_attrdef e on e.adrelid = g.rel and e.adnum = g.att
    union all
    select 'check', pg_catalog.pg_get_constraintdef(k.oid)
    from given g join pg_catalog.pg_constraint k on k.conrelid = g.rel and k.contype in ('c', 'x')
      and (g.att = any(k.conkey) or 0 = any(k.conkey) or k.conkey is null)
    union all
    select 'domain', pg_catalog.pg_get_constraintdef(k.oid)
    from domain join pg_catalog.pg_constraint k on k.contypid = domain.oid
    union all
    select 'domain', pg_catalog.concat('''', t.typdefault)
    from domain join pg_catalog.pg_type t on t.oid = domain.oid and t.typdefault is not null
    union all
    select 'index', pg_catalog.pg_get_indexdef(i.indexrelid)
    from given g join ${dependents('pg_class')} and d.refobjsubid = g.att
      join pg_catalog.pg_index i on i.indexrelid = d.objid and (i.indpred is not null or i.indexprs is not null)
    union all
    select 'policy', pg_catalog.concat_ws(' ', pg_catalog.pg_get_expr(p.polqual, p.polrelid),
      pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))
    from given g join ${dependents('pg_policy')} and d.refobjsubid = g.att
      join pg_catalog.pg_policy p on p.oid = d.objid
    union all
    select 'bound', ''''
    from given g join pg_catalog.pg_partitioned_table k on k.partrelid = g.rel
      and (g.att = any(k.partattrs::int2[]) or 0 = any(k.partattrs::int2[]))
    union all
    select 'view', pg_catalog.pg_get_ruledef(w.oid)
    from given g join ${dependents('pg_rewrite')} join pg_catalog.pg_rewrite w on w.oid = d.objid
    where ${takes}
    union all
    select 'trigger', pg_catalog.pg_get_triggerdef(t.oid)
    from given g join ${dependents('pg_trigger')} and d.refobjsubid = g.att
      join pg_catalog.pg_trigger t on t.oid = d.objid and t.tgqual is not null
    union all
    select 'statistics', pg_catalog.pg_get_statisticsobjdef(s.oid)
    from given g join ${dependents('pg_statistic_ext')} and d.refobjsubid = g.att
      join pg_catalog.pg_statistic_ext s on s.oid = d.objid
    union all
    select 'publication', ''''
    from given g join pg_catalog.pg_publication_rel p on p.prrelid = g.rel
    where pg_catalog.to_jsonb(p) ->> 'prqual' is not null
    union all
    select 'added', ''''
    from given g join pg_catalog.pg_attribute a on a.attrelid = g.rel and a.attnum = g.att and a.atthasmissing
    union all
    select 'sequence', '''' from given g join pg_catalog.pg_class c on c.oid = g.rel and c.relkind = 'S'
    union all
    select 'large object', ''''
    from given g join pg_catalog.pg_attribute a on a.attrelid = g.rel and a.attnum = g.att
    where a.atttypid = 'pg_catalog.oid'::regtype
      or exists (select from domain where domain.oid = a.atttypid and domain.typbasetype = 'pg_catalog.oid'::regtype))
  select door from found where ${hasConstants('text')} group by door`;

/** Tables whose row-level security has conditions on the columns, or looks up such a table: plans show them. */
export const policyTables = `
  with recursive ${given},
  protected as (
    select p.polrelid as oid from given g join ${dependents('pg_policy')} and d.refobjsubid = g.att
      join pg_catalog.pg_policy p on p.oid = d.objid
    union
    select p.polrelid from protected t
      join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = t.oid
        and d.classid = 'pg_catalog.pg_policy'::regclass
      join pg_catalog.pg_policy p on p.oid = d.objid)
  select n.nspname || '.' || c.relname from protected t join pg_catalog.pg_class c on c.oid = t.oid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace`;
