import type { RelationFact } from '../../catalog/facts.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Session } from '../../connection/session.ts';
import { namesInCode } from '../scan-identifiers.ts';
import { replaceTables, type ReplacedColumn, type Replacement } from './mask-rewrite.ts';
import type { MaskedColumns } from './masked-columns.ts';
import type { Mention, Mentions } from '../collect-references.ts';
import type { Parsed } from '../parse.ts';
import { refuse } from '../refusal.ts';
import { findUses, type TableUse } from '../table-uses.ts';

interface Judging {
  readonly parsed: Parsed;
  readonly catalog: Catalog;
  readonly session: Session;
}

/** Masked columns of a relation, with their replacement if it is neither NULL nor the placeholder. */
type Hidden = ReadonlyMap<string, ((column: string) => string) | undefined>;

/**
 * Replaces every table with masked columns by a subquery without their values, so that nothing can reveal them: not
 * `t::text`, `row_to_json(t)`, a join or a condition. What cannot be replaced is refused.
 */
export async function maskTables(
  mentions: Mentions,
  relations: ReadonlyMap<Mention, readonly RelationFact[]>,
  { parsed, catalog, session }: Judging,
): Promise<{ sql: string; masked: readonly string[] }> {
  const { sql } = parsed;
  if (!catalog.masks) return { sql, masked: [] };
  const masked = await catalog.maskedColumns(session, [...relations.values()].flat());
  refuseFunctions(mentions, masked, sql);
  if (parsed.kind === 'explain') refusePlans(relations, masked, sql);
  const grammar = await catalog.grammar();
  const uses = findUses(parsed.tree);
  const factsAt = new Map([...relations].map(([mention, facts]) => [mention.byte, facts]));
  const names = new Set<string>();
  const replacements: Replacement[] = [];
  for (const use of uses.tables) {
    for (const fact of factsAt.get(use.byte) ?? []) {
      refuseWhole(fact, masked, { sql, byte: use.byte });
      const words = namesInCode(fact.definitions, grammar)?.words ?? [];
      const hidden = hiddenOf(fact, masked);
      // Of pg_stat_statements and its like it is known which columns show statements.
      const isKnown = fact.ofExtension && hidden.size > 0;
      if (!isKnown && usesCatalog(words, fact.definitions, masked))
        throw refuseView(fact, 'the catalog', { sql, byte: use.byte });
      if (hidden.size === 0) continue;
      for (const column of hidden.keys()) names.add(`${fact.name}.${column}`);
      replacements.push(await replacement(use, fact, hidden, session));
    }
  }
  const printing = mentions.functions.filter(({ name }) => masked.isShownBy(name) === 'constants');
  for (const { name } of printing) names.add(`constants of ${name}`);
  if (names.size === 0) return { sql, masked: [] };
  const tokens = grammar.scanSync(sql).tokens.filter(({ tokenName }) => !tokenName.endsWith('_COMMENT'));
  return { sql: replaceTables(sql, tokens, uses, replacements, printing), masked: [...names] };
}

function hiddenOf(fact: RelationFact, masked: MaskedColumns): Hidden {
  const own = masked.of(fact.id)?.columns ?? [];
  return new Map([...[...own].map((name) => [name, undefined] as const), ...masked.ofCatalog(fact.schema, fact.name)]);
}

/** Functions that show masked values from the catalog, written as a call or as `value.function`. */
function refuseFunctions(mentions: Mentions, masked: MaskedColumns, sql: string): void {
  const shown = mentions.functions.filter(({ name }) => masked.isShownBy(name) === 'values');
  const asFields = mentions.fields.filter(({ name }) => masked.isShownBy(name) !== undefined);
  for (const { name, byte } of [...shown, ...asFields]) {
    throw refuse(
      'masked-columns',
      `${name} can show values of masked columns.`,
      'get_table_schema shows definitions without their constants; explain_query shows plans.',
      { sql, byte },
    );
  }
}

/** PostgreSQL's own plans show the conditions of row-level security. */
function refusePlans(
  relations: ReadonlyMap<Mention, readonly RelationFact[]>,
  masked: MaskedColumns,
  sql: string,
): void {
  for (const [{ byte }, facts] of relations) {
    const table = facts.flatMap(({ below }) => below).find((label) => masked.policyTables.has(label));
    if (table === undefined) continue;
    throw refuse(
      'masked-columns',
      `The plan would show the row-level security of ${table}, which uses masked columns.`,
      'Use explain_query: it leaves the constants out.',
      { sql, byte },
    );
  }
}

function refuseWhole(fact: RelationFact, masked: MaskedColumns, at: { sql: string; byte: number }): void {
  const parts = masked.of(fact.id);
  if (fact.schema === 'pg_toast')
    throw refuse('masked-columns', `${fact.name} may contain values of masked columns.`, 'Remove it.', at);
  if (parts?.whole === true) throw refuseView(fact, parts.origin, at);
}

function refuseView(fact: RelationFact, origin: string, at: { sql: string; byte: number }): Error {
  const byFunction = origin.endsWith('()');
  return refuse(
    'masked-columns',
    byFunction
      ? `${fact.schema}.${fact.name} gets its rows from ${origin}, which could show masked columns.`
      : `${fact.schema}.${fact.name} reads ${origin}, which is masked.`,
    byFunction ? 'The owner can allow a function with DB_ALLOW_FUNCTIONS.' : 'Query the tables below it instead.',
    at,
  );
}

/** The catalog does not record which system columns a view uses, but the view's text shows it. */
function usesCatalog(words: readonly string[], definitions: string, masked: MaskedColumns): boolean {
  if (words.some((word) => masked.isShownBy(word) !== undefined)) return true;
  const { columns, relations } = masked.catalogNames;
  return (
    words.some((word) => relations.has(word)) && (words.some((word) => columns.has(word)) || /\.\*/.test(definitions))
  );
}

const columnsOf = `
  select a.attname, pg_catalog.quote_ident(a.attname), t.typcategory, pg_catalog.format_type(a.atttypid, a.atttypmod),
    pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
    exists (select from pg_catalog.pg_index i
      where i.indrelid = c.oid and i.indisprimary and a.attnum = any(i.indkey::int2[]))
  from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
    join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped
    and pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'select')
  order by a.attnum`;

/** Columns that the role cannot read are left out, since the server would refuse them. */
async function replacement(use: TableUse, fact: RelationFact, hidden: Hidden, session: Session): Promise<Replacement> {
  const { rows } = await session.read(columnsOf, [fact.id], 0);
  return {
    use,
    schema: fact.schema,
    table: rows[0]?.[4] ?? '',
    columns: rows.map((row) => replacedColumn(row, hidden)),
    primaryKey: rows.filter((row) => row[5] === 't').map(([name]) => name ?? ''),
  };
}

/** Types that cannot be compared, so not grouped by. */
const incomparable: ReadonlySet<string> = new Set([
  'json', 'xml', 'point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle', 'pg_node_tree', 'json[]', 'xml[]',
]); // prettier-ignore
/** Catalog types that cannot be written as constants. */
const unwritable: Readonly<Record<string, string>> = { anyarray: 'pg_catalog.text[]' };

function replacedColumn(
  [given, quotedName, category, type]: readonly (string | null)[],
  hidden: Hidden,
): ReplacedColumn {
  const [name, quoted] = [given ?? '', quotedName ?? ''];
  const groupable = !incomparable.has(type ?? '');
  if (!hidden.has(name)) return { name, quoted, selected: quoted, groupable };
  const instead = hidden.get(name);
  // Readers may see whether there is a value, but not the value. Only text columns can show a placeholder.
  const value =
    instead !== undefined
      ? instead(quoted)
      : category === 'S' && type !== 'pg_node_tree'
        ? `case when ${quoted} is not null then '[masked]' end::pg_catalog.text`
        : `null::${unwritable[type ?? ''] ?? type}`;
  return { name, quoted, selected: `${value} as ${quoted}`, groupable };
}
