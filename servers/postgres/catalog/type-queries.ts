import type { CatalogQuery } from './queries.ts';

/** Queries to find out which overloads a call can mean. */
export interface TypeId {
  readonly name: string;
  readonly id: string;
  /** Object id of its array type. */
  readonly array: string;
}

export interface ColumnType {
  readonly relation: string;
  readonly name: string;
  readonly type: string;
}

/** An implicit conversion. */
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

/** `$1` is a single key for all. */
export const conversions: CatalogQuery<Conversion> = {
  text: `select castsource, casttarget from pg_catalog.pg_cast where castcontext = 'i' and $1::text[] is not null`,
  toFact: ([from, to]) => ({ from: from ?? '', to: to ?? '' }),
};
