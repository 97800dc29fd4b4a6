import * as z from 'zod';
import type { RelationFact } from './facts.ts';
import { asList, firstOfUsers, functionsUsed, ofUsers, readList, type CatalogQuery } from './queries.ts';

const viewList = z.array(
  z.object({
    schema: z.string(),
    name: z.string(),
    visible: z.boolean(),
    live: z.boolean(),
    shown: z.boolean(),
    /** NULL if it has just been dropped. */
    definition: z
      .string()
      .nullable()
      .transform((text) => text ?? ''),
  }),
);

const labels = (condition: string): string => `
  (select pg_catalog.to_json(pg_catalog.array_agg(distinct m.nspname || '.' || r.name)) from reach r
    join pg_catalog.pg_namespace m on m.oid = r.space
    where r.root = c.oid and ${condition})`;

/** Views that run when the root is read; `ev_type` 1 is the rule that defines a view. */
const rules = `select w.oid from reach r join pg_catalog.pg_rewrite w on w.ev_class = r.oid and w.ev_type = '1'
  where r.root = c.oid and r.live and r.kind = 'v' and r.oid >= ${firstOfUsers}`;
const policies = `select p.oid from reach r join pg_catalog.pg_policy p on p.polrelid = r.oid and p.polcmd in ('r', '*')
  where r.root = c.oid and r.live and r.secured`;
const constraints = `select k.oid from reach r join pg_catalog.pg_constraint k on k.conrelid = r.oid and k.contype = 'c'
  where r.root = c.oid and r.live`;
const indexes = `select i.indexrelid from reach r join pg_catalog.pg_index i on i.indrelid = r.oid
  where r.root = c.oid and r.live and r.oid >= ${firstOfUsers}`;

/** User-defined functions that compare columns in indexes or assign rows to partitions. */
const comparing = `select f.oid from reach r
    join lateral (
      select i.indclass::oid[] as classes from pg_catalog.pg_index i where i.indrelid = r.oid
      union all
      select k.partclass::oid[] from pg_catalog.pg_partitioned_table k where k.partrelid = r.oid) used on true
    join pg_catalog.pg_opclass o on o.oid = any(used.classes) and o.oid >= ${firstOfUsers}
    join pg_catalog.pg_amproc m on m.amprocfamily = o.opcfamily
    join pg_catalog.pg_proc f on f.oid = m.amproc
  where r.root = c.oid and r.live and r.oid >= ${firstOfUsers} and ${ofUsers('f', 'pg_proc')}`;

const typesUsed = (catalog: string, owners: string): string => `
  select d.refobjid as oid from pg_catalog.pg_depend d
  where d.classid = 'pg_catalog.${catalog}'::regclass and d.objid in (${owners})
    and d.refclassid = 'pg_catalog.pg_type'::regclass and d.refobjid >= ${firstOfUsers}`;

/**
 * Follows views to what they read, parents to their partitions, and row-level security to what it looks up. A
 * materialized view is followed to know where its rows came from, but nothing below it runs (`live`), and what a policy
 * looks up is not shown (`shown`). PostgreSQL's own views are not followed: `closedRelations` lists those that must not
 * be read. The planner evaluates immutable calls on constants in indexes and checks, so these count too.
 */
export const relationsByName: CatalogQuery<RelationFact> = {
  text: `
    with recursive reach as (
      select c.oid as root, c.oid, true as live, true as shown, c.relkind as kind, c.relhassubclass as parent,
        c.relrowsecurity as secured, c.relnamespace as space, c.relname as name
      from pg_catalog.pg_class c
      where c.relname = any($1) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 't')
      union
      select r.root, x.oid, r.live and x.live, r.shown and x.shown, k.relkind, k.relhassubclass, k.relrowsecurity,
        k.relnamespace, k.relname
      from reach r cross join lateral (
        select d.refobjid as oid, r.kind = 'v' as live, true as shown from pg_catalog.pg_rewrite w
          join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
            and d.refclassid = 'pg_catalog.pg_class'::regclass
          where r.kind in ('v', 'm') and w.ev_class = r.oid and w.ev_type = '1' and r.oid >= ${firstOfUsers}
        union all
        select h.inhrelid, true, true from pg_catalog.pg_inherits h where r.parent and h.inhparent = r.oid
        union all
        select d.refobjid, true, false from pg_catalog.pg_policy p
          join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_policy'::regclass and d.objid = p.oid
            and d.refclassid = 'pg_catalog.pg_class'::regclass
          where r.secured and p.polrelid = r.oid and p.polcmd in ('r', '*') and d.refobjid <> r.oid) x
        join lateral (select * from pg_catalog.pg_class k where k.oid = x.oid offset 0) k on true)
    select c.oid, n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid),
      (select pg_catalog.json_agg(pg_catalog.json_build_object('schema', m.nspname, 'name', r.name,
          'visible', pg_catalog.pg_table_is_visible(r.oid), 'live', r.live and r.kind = 'v', 'shown', r.shown,
          'definition', pg_catalog.pg_get_viewdef(r.oid)))
        from (select r.oid, r.space, r.name, r.kind, pg_catalog.bool_or(r.live) as live, pg_catalog.bool_or(r.shown) as shown
            from reach r where r.root = c.oid and r.kind in ('v', 'm') and r.oid >= ${firstOfUsers}
            group by r.oid, r.space, r.name, r.kind) r
          join pg_catalog.pg_namespace m on m.oid = r.space),
      (select pg_catalog.string_agg(pg_catalog.pg_get_expr(p.polqual, p.polrelid), ' ')
        from pg_catalog.pg_policy p where p.oid in (${policies})),
      ${asList(`
        ${functionsUsed('pg_rewrite', rules)}
        union all
        ${comparing}
        union all
        select f.oid from pg_catalog.pg_proc f where f.provolatile = 'i' and f.oid in (
          ${functionsUsed('pg_constraint', constraints)} union all ${functionsUsed('pg_class', indexes)})`)},
      ${asList(functionsUsed('pg_policy', policies))},
      ${asList(`${typesUsed('pg_rewrite', rules)} union all ${typesUsed('pg_policy', policies)}`)},
      ${asList(`select t.oid from reach r join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0
        join pg_catalog.pg_type t on t.oid = a.atttypid
        where r.root = c.oid and r.live and r.oid >= ${firstOfUsers} and ${ofUsers('t', 'pg_type')}`)},
      ${labels("r.shown and r.kind <> 'S'")},
      ${labels("r.live and r.kind = 'f'")},
      exists (select from pg_catalog.pg_depend own
        where own.classid = 'pg_catalog.pg_class'::regclass and own.objid = c.oid and own.deptype = 'e')
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.oid = any(array(select root from reach))`,
  toFact: ([id, schema, name, visible, views, policyCode, functions, policyFunctions, ...rest]) => {
    const [types, columnTypes, below, foreignTables, ofExtension] = rest;
    const all = viewList.parse(JSON.parse(views ?? '[]'));
    const live = all.filter((view) => view.live);
    return {
      id: id ?? '',
      schema: schema ?? '',
      name: name ?? '',
      visible: visible === 't',
      code: [...live.map(({ definition }) => definition), policyCode ?? ''].join(' '),
      definitions: all.flatMap((view) => (view.shown ? view.definition : [])).join(' '),
      views: live,
      functions: readList(functions),
      policyFunctions: readList(policyFunctions),
      types: readList(types),
      columnTypes: readList(columnTypes),
      below: readList(below),
      foreignTables: readList(foreignTables),
      ofExtension: ofExtension === 't',
    };
  },
};
