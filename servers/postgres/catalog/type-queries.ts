import type { CatalogQuery } from './queries.ts';

/** What is asked to tell which overload a call can mean. */
export interface TypeId {
  readonly name: string;
  readonly id: string;
  /** Of the type of its arrays. */
  readonly array: string;
}

export interface ColumnType {
  readonly relation: string;
  readonly name: string;
  readonly type: string;
}

/** A conversion that PostgreSQL makes without being asked. */
export interface Conversion {
  readonly from: string;
  readonly to: string;
}

export const typeIds: CatalogQuery<TypeId> = {
  text: 'select t.typname, t.oid, t.typarray from pg_catalog.pg_type t where t.typname = any($1)',
  toFact: ([name, id, array]) => ({ name: name ?? '', id: id ?? '', array: array ?? '' }),
};

export const columnTypes: CatalogQuery<ColumnType> = {
  text: `select c.relname, a.attname, a.atttypid
    from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid and not a.attisdropped
    where c.relname = any($1) and c.relkind in ('r', 'p', 'v', 'm', 'f')`,
  toFact: ([relation, name, type]) => ({ relation: relation ?? '', name: name ?? '', type: type ?? '' }),
};

/** `$1` is one name for all. */
export const conversions: CatalogQuery<Conversion> = {
  text: `select castsource, casttarget from pg_catalog.pg_cast where castcontext = 'i' and $1::text[] is not null`,
  toFact: ([from, to]) => ({ from: from ?? '', to: to ?? '' }),
};
