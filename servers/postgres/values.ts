import type { FieldDef } from 'pg';

/**
 * A cell as JSON, without loss: booleans, integers that fit exactly in a double and finite floats become JSON values;
 * everything else stays PostgreSQL's text (numeric `12.50`, timestamps with their zone, json, arrays, bytea as
 * `\x...`).
 */
export type Cell = string | number | boolean | null;

/** Names of built-in types by object id; others are looked up. From pg_type.dat of PostgreSQL 18. */
const typeNames: Readonly<Record<number, string>> = {
  16: 'bool', 17: 'bytea', 18: '"char"', 19: 'name', 20: 'int8', 21: 'int2', 23: 'int4', 24: 'regproc', 25: 'text',
  26: 'oid', 27: 'tid', 28: 'xid', 29: 'cid', 30: 'oidvector', 114: 'json', 142: 'xml', 600: 'point', 601: 'lseg',
  602: 'path', 603: 'box', 604: 'polygon', 628: 'line', 650: 'cidr', 700: 'float4', 701: 'float8', 705: 'unknown',
  718: 'circle', 774: 'macaddr8', 790: 'money', 829: 'macaddr', 869: 'inet', 1000: 'bool[]', 1001: 'bytea[]',
  1003: 'name[]', 1005: 'int2[]', 1007: 'int4[]', 1009: 'text[]', 1014: 'bpchar[]', 1015: 'varchar[]', 1016: 'int8[]',
  1021: 'float4[]', 1022: 'float8[]', 1028: 'oid[]', 1042: 'bpchar', 1043: 'varchar', 1082: 'date', 1083: 'time',
  1114: 'timestamp', 1115: 'timestamp[]', 1182: 'date[]', 1184: 'timestamptz', 1185: 'timestamptz[]', 1186: 'interval',
  1231: 'numeric[]', 1266: 'timetz', 1560: 'bit', 1562: 'varbit', 1700: 'numeric', 2205: 'regclass', 2206: 'regtype',
  2249: 'record', 2278: 'void', 2287: 'record[]', 2950: 'uuid', 2951: 'uuid[]', 3220: 'pg_lsn', 3614: 'tsvector',
  3615: 'tsquery', 3802: 'jsonb', 3807: 'jsonb[]', 3904: 'int4range', 3906: 'numrange', 3908: 'tsrange',
  3910: 'tstzrange', 3912: 'daterange', 3926: 'int8range', 4072: 'jsonpath', 4451: 'int4multirange',
  5069: 'xid8',
}; // prettier-ignore

export function knownTypeName(typeId: number): string | undefined {
  return typeNames[typeId];
}

export function decode(text: string | null, field: FieldDef): Cell {
  if (text === null) return null;
  switch (field.dataTypeID) {
    case 16:
      return text === 't';
    case 20:
    case 21:
    case 23:
    case 26: {
      const value = Number(text);
      return Number.isSafeInteger(value) ? value : text;
    }
    case 700:
    case 701: {
      const value = Number(text);
      return Number.isFinite(value) && text !== '-0' ? value : text; // NaN, infinities and -0 are not JSON
    }
    default:
      return text;
  }
}

/** How to write a list: as an array literal or as JSON. Only the server knows which one a parameter is. */
export type ListForm = 'array' | 'json';

/** A parameter in the text form that PostgreSQL accepts for the type it inferred. */
export function encodeParameter(value: unknown, lists: ListForm = 'array'): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  return (lists === 'array' ? arrayLiteral(value) : undefined) ?? JSON.stringify(value);
}

/** @returns undefined unless it is a list of scalars, possibly nested. */
function arrayLiteral(value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined;
  const parts = value.map((item: unknown) => (Array.isArray(item) ? arrayLiteral(item) : arrayElement(item)));
  return parts.includes(undefined) ? undefined : `{${parts.join(',')}}`;
}

function arrayElement(item: unknown): string | undefined {
  if (item === null) return 'NULL';
  if (typeof item !== 'string' && typeof item !== 'number' && typeof item !== 'boolean') return undefined;
  return `"${String(item).replaceAll(/["\\]/g, (character) => `\\${character}`)}"`;
}
