import type { RelationFact } from '../catalog-facts.ts';
import type { Catalog } from '../catalog.ts';
import type { MaskedColumn } from '../config.ts';
import type { Session } from '../session.ts';
import type { Mention, Mentions, RelationMention } from './mentions.ts';
import { loadGrammar } from './parse.ts';
import { refuse } from './refusal.ts';

interface Judging {
  readonly sql: string;
  readonly catalog: Catalog;
  readonly session: Session;
}

/** Statistics hold values of columns. */
const statistics = new Set(['pg_stats', 'pg_statistic', 'pg_stats_ext', 'pg_stats_ext_exprs', 'pg_statistic_ext_data']);

/**
 * Replaces every table that has masked columns by a subselect which does not hold their values, so that nothing can be
 * made of them: not `t::text`, not `row_to_json(t)`, not a join or a condition. What cannot be replaced is refused.
 */
export async function maskTables(
  mentions: Mentions,
  relations: ReadonlyMap<Mention, readonly RelationFact[]>,
  judging: Judging,
): Promise<{ sql: string; masked: readonly string[] }> {
  const { catalog, session, sql } = judging;
  const wanted = catalog.settings.maskedColumns;
  if (wanted.length === 0) return { sql, masked: [] };
  const masked = new Set<string>();
  const cuts: { start: number; end: number; text: string }[] = [];
  for (const mention of mentions.relations) {
    for (const fact of relations.get(mention) ?? []) {
      refuseStatistics(fact, mention, sql);
      const own = columnsOf(wanted, `${fact.schema}.${fact.name}`);
      const hidden = fact.below
        .filter((label) => label !== `${fact.schema}.${fact.name}`)
        .flatMap((label) => columnsOf(wanted, label));
      const inherited = own.length === 0 ? await parentColumns(fact, wanted, session) : [];
      if (own.length === 0 && inherited.length === 0 && hidden.length === 0) continue;
      if (own.length === 0 && inherited.length === 0)
        throw refuse(
          'masked-columns',
          `${fact.schema}.${fact.name} reads ${hidden.map((one) => `${one.table}.${one.column}`).join(', ')}, which is masked.`,
          'Query the tables below it instead.',
          { sql, byte: mention.byte },
        );
      if (mentions.withNames.has(mention.name))
        throw refuse(
          'masked-columns',
          `WITH ${mention.name} has the name of a table with masked columns.`,
          'Rename it.',
          {
            sql,
            byte: mention.byte,
          },
        );
      const columns = [...own, ...inherited].map((one) => one.column);
      for (const column of columns) masked.add(`${fact.name}.${column}`);
      cuts.push(await replacement(mention, fact, columns, judging));
    }
  }
  return { sql: applyCuts(sql, cuts), masked: [...masked] };
}

function columnsOf(wanted: readonly MaskedColumn[], label: string): MaskedColumn[] {
  return wanted.filter((one) =>
    one.schema === undefined ? label.endsWith(`.${one.table}`) : label === `${one.schema}.${one.table}`,
  );
}

function refuseStatistics(fact: RelationFact, mention: Mention, sql: string): void {
  const reads = fact.below.some(
    (label) => label.startsWith('pg_catalog.') && statistics.has(label.slice('pg_catalog.'.length)),
  );
  if (reads || fact.schema === 'pg_toast')
    throw refuse('masked-columns', `${fact.name} may hold values of masked columns.`, 'Leave it out.', {
      sql,
      byte: mention.byte,
    });
}

/** A partition has the columns of its parent. */
async function parentColumns(
  fact: RelationFact,
  wanted: readonly MaskedColumn[],
  session: Session,
): Promise<MaskedColumn[]> {
  const { rows } = await session.read(
    `with recursive up as (
       select inhparent from pg_catalog.pg_inherits where inhrelid = $1::oid
       union select h.inhparent from pg_catalog.pg_inherits h join up on h.inhrelid = up.inhparent)
     select n.nspname || '.' || c.relname from up join pg_catalog.pg_class c on c.oid = up.inhparent
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace`,
    [fact.id],
    0,
  );
  return rows.flatMap(([label]) => columnsOf(wanted, label ?? ''));
}

/** Columns that the role may not read are left out: naming them would be refused by the server. */
async function replacement(
  mention: RelationMention,
  fact: RelationFact,
  masked: readonly string[],
  { session, sql }: Judging,
): Promise<{ start: number; end: number; text: string }> {
  const { rows } = await session.read(
    `select pg_catalog.quote_ident(a.attname), a.attname, t.typcategory, pg_catalog.format_type(a.atttypid, a.atttypmod),
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), pg_catalog.quote_ident(c.relname)
     from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
       join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped
       and pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'select')
     order by a.attnum`,
    [fact.id],
    0,
  );
  const list = rows.map(([quoted, name, category, type]) => {
    if (!masked.includes(name ?? '')) return quoted;
    // Whether there is a value may be seen, the value not. Only a text can say that it is masked.
    return category === 'S'
      ? `case when ${quoted} is not null then '[masked]' end::pg_catalog.text as ${quoted}`
      : `null::${type} as ${quoted}`;
  });
  const [table, bare] = [rows[0]?.[4] ?? '', rows[0]?.[5] ?? ''];
  const { start, end } = await nameExtent(sql, mention);
  const text = `(select ${list.join(', ')} from ${table})${mention.alias ? '' : ` as ${bare}`}`;
  return { start, end, text };
}

/** From `only` or the name's first part to its last, with the `*` that may follow. Bytes. */
async function nameExtent(sql: string, mention: RelationMention): Promise<{ start: number; end: number }> {
  const { scanSync } = await loadGrammar();
  const { tokens } = scanSync(sql);
  const first = tokens.findIndex((token) => token.start === mention.byte);
  const before = tokens[first - 1]?.text.toLowerCase();
  const after = tokens.slice(first, first + 8).map((token) => token.text.toLowerCase());
  if (
    first < 0 ||
    after.includes('tablesample') ||
    before === 'table' ||
    before === 'only' ||
    (before === '(' && tokens[first - 2]?.text.toLowerCase() === 'only')
  )
    throw refuse(
      'masked-columns',
      `${mention.name} has masked columns and cannot be read this way.`,
      `Write SELECT ... FROM ${mention.name}.`,
      {
        sql,
        byte: mention.byte,
      },
    );
  let last = first;
  while (tokens[last + 1]?.text === '.') last += 2;
  const star = tokens[last + 1]?.text === '*' ? tokens[last + 1] : undefined;
  return { start: mention.byte, end: star?.end ?? tokens[last]?.end ?? mention.byte };
}

function applyCuts(sql: string, cuts: readonly { start: number; end: number; text: string }[]): string {
  let bytes = Buffer.from(sql);
  for (const { start, end, text } of cuts.toSorted((a, b) => b.start - a.start))
    bytes = Buffer.concat([bytes.subarray(0, start), Buffer.from(text), bytes.subarray(end)]);
  return bytes.toString();
}
