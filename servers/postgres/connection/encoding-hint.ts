import type { Session } from './session.ts';
import { encodeParameter } from '../values.ts';

/** Errors for text that PostgreSQL cannot convert to or from UTF-8. */
export function isEncodingFailure(state: string | undefined): boolean {
  return state === '22021' || state === '22P05';
}

/** How to read text with invalid UTF-8, with the columns that the statement may have read. */
export async function suggestForEncoding(session: Session, message: string, sql: string): Promise<string> {
  const words = [...new Set(sql.match(/"(?:[^"]|"")+"|[\w$]+/g) ?? [])].map((word) =>
    word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word.toLowerCase(),
  );
  const { rows } = await session.read(
    `select pg_catalog.getdatabaseencoding(), pg_catalog.quote_ident(a.attname), a.attname = any($1)
    from (values (1)) one left join (pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid
        and a.attnum > 0 and not a.attisdropped
      join pg_catalog.pg_type t on t.oid = a.atttypid and t.typcategory = 'S') on c.relname = any($1) and c.oid >= 16384
    order by 3 desc nulls last, c.oid, a.attnum limit 3`,
    [encodeParameter(words)],
    0,
  );
  const encoding = rows[0]?.[0] ?? 'SQL_ASCII';
  if (/encoding "UTF8" has no equivalent/.test(message))
    return `The database is encoded in ${encoding}, which lacks a character of this query or its params.`;
  const named = rows.filter((row) => row[2] === 't');
  const columns = (named.length > 0 ? named : rows).flatMap(([, column]) => column ?? []);
  const read = (columns.length > 0 ? columns : ['column_name'])
    .map((column) => `encode(convert_to(${column}, '${encoding}'), 'escape')`)
    .join(', ');
  return `The database is encoded in ${encoding}, and a text in it cannot be converted to UTF-8. Read its bytes: ${read}`;
}
