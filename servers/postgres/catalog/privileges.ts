import { readList } from './queries.ts';
import type { Statement } from '../connection/statement.ts';
import { fromRelations, sqlLabel } from './relations.ts';

/** What the role lacks to read one relation. Names are quoted for SQL unless noted. */
export interface Lack {
  readonly label: string;
  /** Unquoted. */
  readonly schema: string;
  readonly quotedSchema: string;
  /** `pg_class.relkind`. */
  readonly kind: string;
  readonly visible: boolean;
  readonly mayUseSchema: boolean;
  /** Whether the role may read all of it. */
  readonly mayRead: boolean;
  readonly owner: string;
  readonly ofSystem: boolean;
  /** The predefined role that may read it: pg_monitor, pg_read_all_stats. */
  readonly bySystem: string | undefined;
  readonly missing: readonly string[];
  readonly readable: readonly string[];
  /** A view on it whose owner lacks the privilege. */
  readonly view: { readonly label: string; readonly owner: string } | undefined;
}

const columnNames = (may: '' | 'not'): string => `
  (select pg_catalog.to_json(pg_catalog.array_agg(pg_catalog.quote_ident(a.attname) order by a.attnum))
    from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      and ${may} pg_catalog.has_column_privilege(c.oid, a.attnum, 'select'))`;

const viewAbove = (what: string): string => `
  (select pg_catalog.min(${what}) from pg_catalog.pg_depend d
    join pg_catalog.pg_rewrite w on d.classid = 'pg_catalog.pg_rewrite'::regclass and w.oid = d.objid
    join pg_catalog.pg_class v on v.oid = w.ev_class and v.relkind = 'v'
    join pg_catalog.pg_namespace m on m.oid = v.relnamespace
    where d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = c.oid and v.oid <> c.oid
      and coalesce(v.reloptions::text, '') !~ 'security_invoker=(true|on|1|yes)'
      and not pg_catalog.has_table_privilege(v.relowner, c.oid, 'select'))`;

const text = (condition: string): string => `
  select ${sqlLabel}, n.nspname, pg_catalog.quote_ident(n.nspname), c.relkind, pg_catalog.pg_table_is_visible(c.oid),
    pg_catalog.has_schema_privilege(n.oid, 'usage'), pg_catalog.has_table_privilege(c.oid, 'select'),
    pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.relowner)),
    n.nspname in ('pg_catalog', 'information_schema'),
    (select pg_catalog.min(r.rolname::text) from pg_catalog.aclexplode(c.relacl) x
      join pg_catalog.pg_roles r on r.oid = x.grantee where r.rolname ~ '^pg_' and x.privilege_type = 'SELECT'),
    ${columnNames('not')}, ${columnNames('')},
    ${viewAbove("pg_catalog.quote_ident(m.nspname) || '.' || pg_catalog.quote_ident(v.relname)")},
    ${viewAbove('pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(v.relowner))')}
  ${fromRelations} where ${condition}
  order by pg_catalog.has_table_privilege(c.oid, 'select'), 5 desc, 1 limit 10`;

/** Relations with this name, unreadable ones first. */
export function lackingPrivileges(name: string): Statement {
  return { text: text("c.relname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')"), values: [name] };
}

/** The same for one relation: `$1` is its object id. */
export const privilegesOn = text('c.oid = $1::oid');

export function toLack(row: readonly (string | null)[]): Lack {
  const [label, schema, quotedSchema, kind, visible, usage, select, owner, ofSystem, bySystem, ...rest] = row;
  const [missing, readable, viewLabel, viewOwner] = rest;
  return {
    label: label ?? '',
    schema: schema ?? '',
    quotedSchema: quotedSchema ?? '',
    kind: kind ?? '',
    visible: visible === 't',
    mayUseSchema: usage === 't',
    mayRead: select === 't',
    owner: owner ?? '',
    ofSystem: ofSystem === 't',
    bySystem: bySystem ?? undefined,
    missing: readList(missing),
    readable: readList(readable),
    view:
      typeof viewLabel === 'string' && typeof viewOwner === 'string'
        ? { label: viewLabel, owner: viewOwner }
        : undefined,
  };
}
