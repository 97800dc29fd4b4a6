/** All possible readings of a name. */
export interface Meaning {
  readonly schema: string | undefined;
  readonly name: string;
}

/** `a."b.c"` as ["a", "b.c"]. */
export function splitName(text: string): string[] {
  const parts = [...text.trim().matchAll(/"((?:[^"]|"")*)"|[^."]+/g)];
  return parts
    .map((part) => (part[1] === undefined ? part[0].trim() : part[1].replaceAll('""', '"')))
    .filter((part) => part !== '');
}

/**
 * The possible meanings of a name: as SQL reads it, and literally, since lists show names without quotes. The most
 * likely come first. A leading database name is dropped.
 */
export function meaningsOf(given: string): Meaning[] {
  const text = given.trim();
  const [name, schema, ...rest] = splitName(text).toReversed();
  const asSql = name !== undefined && name !== '' && rest.length < 2 ? [{ schema, name }] : [];
  const dots = Array.from(text.matchAll(/\./g), (match) => match.index);
  const split = dots.map((dot) => ({ schema: text.slice(0, dot), name: text.slice(dot + 1) }));
  const afterDatabase = dots.flatMap((first) =>
    dots.filter((dot) => dot > first).map((dot) => ({ schema: text.slice(first + 1, dot), name: text.slice(dot + 1) })),
  );
  const asItStands = [{ schema: undefined, name: text }, ...split, ...afterDatabase].filter(
    (meaning) => meaning.name !== '' && meaning.schema !== '',
  );
  return [...asSql, ...asItStands];
}

/** The same name in other Unicode forms and cases. */
export function formsOf(name: string): string[] {
  const forms = [name, name.normalize('NFC'), name.normalize('NFD')];
  return [...new Set(forms.flatMap((form) => [form, form.toLowerCase(), form.toUpperCase()]))];
}

/** Whether two names differ at most in case or Unicode form. */
export function sameName(a: string, b: string): boolean {
  return a === b || fold(a) === fold(b);
}

function fold(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** Quoted if SQL or a reader would otherwise misread it. */
export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) && !reserved.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** As shown in lists: plain, unless dots or quotes would make it ambiguous. */
export function labelOf(schema: string, name: string): string {
  const ambiguous = /[."]|^\s|\s$/;
  const plain = (part: string): string => (ambiguous.test(part) ? `"${part.replaceAll('"', '""')}"` : part);
  return `${plain(schema)}.${plain(name)}`;
}

/** Keywords that need quotes to be names. https://www.postgresql.org/docs/18/sql-keywords-appendix.html */
const reserved: ReadonlySet<string> = new Set(
  `all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char
  character check coalesce collate collation column concurrently constraint create cross current_catalog current_date
  current_role current_schema current_time current_timestamp current_user dec decimal default deferrable desc distinct do
  else end except exists extract false fetch float for foreign freeze from full grant greatest group grouping having ilike
  in initially inner inout int integer intersect interval into is isnull join lateral leading least left like limit
  localtime localtimestamp national natural nchar none normalize not notnull null nullif numeric offset on only or order
  out outer overlaps overlay placing position precision primary real references returning right row select session_user
  setof similar smallint some substring symmetric system_user table tablesample then time timestamp to trailing treat trim
  true union unique user using values varchar variadic verbose when where window with`.split(/\s+/),
);
