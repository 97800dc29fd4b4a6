/**
 * What to keep and what to mask in SQL, as PostgreSQL prints it or as people write it. The first group is kept: names,
 * parameters, type lengths, object names as text. Everything else that matches is a constant or a comment.
 */
const pattern = new RegExp(
  [
    String.raw`("(?:[^"]|"")*"`,
    String.raw`\b(?:character varying|character|varchar|bpchar|numeric|bit varying|bit|time|timestamp|interval)\(\d+(?:, ?\d+)?\)`,
    String.raw`'(?:[^']|'')*'::(?:pg_catalog\.)?reg\w+`,
    String.raw`''(?!')`,
    String.raw`\$\d+)`,
    String.raw`--[^\n]*`,
    String.raw`\/\*[^]*?(?:\*\/|$)`,
    String.raw`(\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$)[^]*?(?:\2|$)`,
    String.raw`\b[eE]'(?:[^'\\]|''|\\[^])*(?:'|$)`,
    String.raw`'(?:[^']|'')*(?:'|$)`,
    String.raw`\b(?:true|false)\b`,
    String.raw`(?<![\p{L}\p{N}_$])\d[\p{L}\p{N}_.]*`,
  ].join('|'),
  'gu',
);

/** Replaces the constants in an expression, definition or statement: for a masked column they are values. */
export function withoutConstants(text: string): string {
  return text.replaceAll(pattern, (found: string, stays?: string) => {
    if (stays !== undefined) return stays;
    return /'|\$/.test(found) ? "'[masked]'" : '[masked]';
  });
}

/** The same in PostgreSQL. A constant that is cut off counts as ending at the end of the text. */
export const withoutConstantsInSql = (value: string): string => `
  (select pg_catalog.string_agg(case when t.part[1] is null then t.part[2] else '[masked]' end, '' order by t.n)
    from pg_catalog.regexp_matches(${value}, ${constantsInSql}, 'g') with ordinality as t(part, n))`;

// PostgreSQL takes the longest alternative, not the first. Everything after a dollar quote counts as constant.
const constantsInSql = String.raw`'(--[^\n]*|/\*(?:[^*]|\*+[^*/])*(?:\*+/|$)|\$(?:[[:alpha:]_]\w*)?\$.*|[eE]''(?:[^''\\]|''''|\\.)*(?:''|$)|''(?:[^'']|'''')*(?:''|$)|[0-9][[:alnum:]_.]*)|("(?:[^"]|"")*(?:"|$)|\$[0-9]+|[[:alpha:]_][[:alnum:]_$]*|.)'`;

/** A condition on a printed expression: whether it contains a constant. Errs on the side of yes. */
export const hasConstants = (value: string): string => `
  pg_catalog.regexp_replace(${value}, ${stays}, '', 'g') ~ '''|\\$|\\m[0-9]|\\m(?:true|false)\\M'`;

const stays = String.raw`'"(?:[^"]|"")*"|\m(?:character varying|character|varchar|bpchar|numeric|bit varying|bit|time|timestamp|interval)\([0-9]+(?:, ?[0-9]+)?\)|''(?:[^'']|'''')*''::(?:pg_catalog\.)?reg\w+|''''::'`;
