import * as z from 'zod';
import type { CallIo } from './connection/session-lender.ts';
import type { Database } from './database.ts';
import { quoteName } from './identifiers.ts';
import type { PlanNode } from './plan-node.ts';

/** An index that the plan and the table speak for. Nothing creates it: a person may copy the statement. */
export const adviceSchema = z.object({ table: z.string(), statement: z.string(), why: z.string() });
export type IndexAdvice = z.infer<typeof adviceSchema>;

interface Term {
  readonly column: string;
  readonly isEqual: boolean;
  /** The type to which the plan casts the column. */
  readonly cast: string | undefined;
}

interface Candidate {
  readonly table: string;
  readonly terms: readonly Term[];
  /** Rows that the scan keeps. */
  readonly kept: number;
  /** Rows that it reads, if that was measured. */
  readonly read: number | undefined;
}

/** Less than a tenth of the rows, of a table that is worth an index. */
const maxShare = 0.1;
const minRows = 1000;
const maxAdvice = 3;

/**
 * Indexes for tables that are read in full for a few of their rows. Only if every fact speaks for it: the condition is
 * one that a B-tree answers, the table is large, and no index begins with the column.
 */
export async function adviseIndexes(database: Database, root: PlanNode, io: CallIo): Promise<IndexAdvice[]> {
  const candidates = candidatesOf(root).slice(0, maxAdvice);
  if (candidates.length === 0) return [];
  const names = candidates.map(({ table }) => quoteName(table));
  const answers = await database.inspect(
    names.map((name) => ({ text: facts, values: [name] })),
    io,
  );
  const advice = candidates.flatMap((candidate, index) => {
    const row = answers[index]?.[0];
    return row === undefined ? [] : adviseOn(candidate, row);
  });
  return advice.filter(({ statement }, index) => advice.findIndex((each) => each.statement === statement) === index);
}

/** The table of this name that the plan reads, if the name leads to it: kind, rows, columns with types, first columns of indexes. */
const facts = `
  select n.nspname, c.relname, c.reltuples::int8,
    (select pg_catalog.json_object_agg(a.attname, pg_catalog.format_type(a.atttypid, null)) from pg_catalog.pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
    (select coalesce(pg_catalog.json_agg(a.attname), '[]') from pg_catalog.pg_index i
      join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
      where i.indrelid = c.oid and i.indisvalid and i.indpred is null)
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.oid = pg_catalog.to_regclass($1) and c.relkind in ('r', 'm') and not c.relispartition
    and (select count(*) from pg_catalog.pg_class same where same.relname = c.relname and same.relkind in ('r', 'm', 'p')) = 1`;

const typesSchema = z.record(z.string(), z.string());
const namesSchema = z.array(z.string());

function adviseOn({ terms, kept, read }: Candidate, row: readonly (string | null)[]): IndexAdvice[] {
  const [schema, table, estimate, types, indexed] = row;
  if (schema == null || table == null || types == null || indexed == null) return [];
  const all = Math.max(read ?? 0, Number(estimate));
  if (all < minRows || kept > all * maxShare) return [];
  const known = typesSchema.parse(JSON.parse(types));
  const usable = terms.filter(({ column, cast }) => canUse(known[column], cast));
  // One range at most, after what must be equal: an index cannot narrow further behind a range.
  const equal = usable.filter(({ isEqual }) => isEqual).map(({ column }) => column);
  const range = usable.filter(({ isEqual }) => !isEqual).map(({ column }) => column);
  const columns = [...new Set([...equal, ...range.slice(0, 1)])].slice(0, 3);
  const first = namesSchema.parse(JSON.parse(indexed));
  if (columns.length === 0 || columns.some((column) => first.includes(column))) return [];
  const name = `${quoteName(schema)}.${quoteName(table)}`;
  const list = columns.map(quoteName).join(', ');
  return [
    {
      table: name,
      statement: `CREATE INDEX CONCURRENTLY ON ${name} (${list});`,
      why: `${name} is read in full (${read === undefined ? 'about ' : ''}${Math.round(all)} rows) for ${Math.round(kept)} of its rows, and no index begins with ${list}.`,
    },
  ];
}

/** A cast that changes the value, such as from an enum to text, keeps an index on the column from being used. */
function canUse(type: string | undefined, cast: string | undefined): boolean {
  if (type === undefined || /^(?:json|jsonb|xml|point|polygon|box)$/.test(type)) return false;
  return cast === undefined || cast === type || (type === 'character varying' && cast === 'text');
}

function candidatesOf(node: PlanNode): Candidate[] {
  const own = candidateOf(node);
  return [...(own === undefined ? [] : [own]), ...node.children.flatMap(candidatesOf)];
}

function candidateOf(node: PlanNode): Candidate | undefined {
  const { Filter: filter, 'Relation Name': table } = node;
  if (!/^(?:Parallel )?Seq Scan$/.test(node['Node Type']) || filter === undefined || table === undefined)
    return undefined;
  const terms = termsOf(filter);
  if (terms.length === 0) return undefined;
  const loops = node['Actual Loops'] ?? 1;
  const actual = node['Actual Rows'];
  if (actual === undefined) return { table, terms, kept: node['Plan Rows'], read: undefined };
  const kept = actual * loops;
  return { table, terms, kept, read: kept + (node['Rows Removed by Filter'] ?? 0) * loops };
}

const term =
  /^\(?(?<column>"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)\)?(?:::(?<cast>[a-z ]+?))? (?<operator>=|<=|>=|<|>) (?<value>.+)$/s;
/** Something that is the same for all rows. */
const constant =
  /^(?:'(?:[^']|'')*'|-?\d+(?:\.\d+)?|\$\d+|true|false|ANY \('(?:[^']|'')*'(?:::[a-z ]+\[\])?\)|\(?now\(\) *(?:- *'[^']*'::interval\)?)?)(?:::[a-z ]+(?:\(\d+\))?)?$/s;

/** The parts of a condition that must all be true and that an index could answer. */
function termsOf(filter: string): Term[] {
  const inner = splitAnd(filter);
  return inner.flatMap((text) => {
    const { column, cast, operator, value } = term.exec(text)?.groups ?? {};
    if (column === undefined || value === undefined || !constant.test(value)) return [];
    const name = column.startsWith('"') ? column.slice(1, -1).replaceAll('""', '"') : column;
    return [{ column: name, isEqual: operator === '=', cast }];
  });
}

/** `((a = 1) AND (b > 2))` as `a = 1` and `b > 2`. Parentheses and AND within texts do not count. */
function splitAnd(filter: string): string[] {
  const text = unwrap(filter);
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  let inText = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === "'") inText = !inText;
    else if (inText) continue;
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (depth === 0 && text.startsWith(' OR ', index)) return [];
    else if (depth === 0 && text.startsWith(' AND ', index)) {
      parts.push(text.slice(start, index));
      start = index + ' AND '.length;
    }
  }
  return [...parts, text.slice(start)].map(unwrap);
}

/** Without a pair of parentheses around all of it. */
function unwrap(text: string): string {
  if (!text.startsWith('(') || !text.endsWith(')')) return text;
  let depth = 0;
  let inText = false;
  for (let index = 0; index < text.length - 1; index += 1) {
    const character = text.charAt(index);
    if (character === "'") inText = !inText;
    else if (!inText && character === '(') depth += 1;
    else if (!inText && character === ')') depth -= 1;
    if (depth === 0) return text;
  }
  return text.slice(1, -1);
}
