/** Parts of catalog queries about relations: `c` is pg_class, `n` is its pg_namespace. */

const mayRead = (relation: string, schema: string): string => `
  pg_catalog.has_schema_privilege(${schema}.oid, 'usage')
  and (pg_catalog.has_table_privilege(${relation}.oid, 'select')
    or pg_catalog.has_any_column_privilege(${relation}.oid, 'select'))`;

export const fromRelations = `
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace`;

/** Tables and views of all kinds, except system ones. */
const ofUsers = `c.relkind in ('r', 'p', 'v', 'm', 'f')
  and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'`;

/**
 * What a list of tables shows: everything that the role may read, except what is read through its parent: partitions
 * and inheritance children (TimescaleDB chunks, old pg_partman partitions).
 */
export const listed = `${ofUsers} and ${mayRead('c', 'n')}
  and not exists (select from pg_catalog.pg_inherits h
    join pg_catalog.pg_class p on p.oid = h.inhparent join pg_catalog.pg_namespace q on q.oid = p.relnamespace
    where h.inhrelid = c.oid and ${mayRead('p', 'q')})`;

/** All descendants of a parent. */
export const below = (parent: string): string => `
  with recursive below as (
    select h.inhrelid as oid from pg_catalog.pg_inherits h where h.inhparent = ${parent}
    union
    select h.inhrelid from below b join pg_catalog.pg_inherits h on h.inhparent = b.oid)`;

export const kindWord = `case c.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view'
  when 'm' then 'materialized view' else 'foreign table' end`;

/**
 * The planner's row count. For a parent it includes all descendants, unless ANALYZE counted them together. Nothing is
 * scanned.
 */
export const estimatedRows = `case
  when c.relkind in ('v', 'f') then null
  when c.relhassubclass and (c.relkind = 'r' or c.reltuples < 0) then (${below('c.oid')}
    select case when greatest(c.reltuples, max(d.reltuples)) >= 0
      then (greatest(c.reltuples, 0) + sum(greatest(d.reltuples, 0)))::bigint end
    from below b join pg_catalog.pg_class d on d.oid = b.oid)
  when c.reltuples < 0 then null
  else c.reltuples::bigint end`;

/** A name quoted for SQL. */
export const sqlLabel = `pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)`;
