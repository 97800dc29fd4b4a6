import type { ScanToken } from 'libpg-query';
import { withoutConstantsInSql } from '../constants.ts';
import type { Mention } from '../collect-references.ts';
import { refuse } from '../refusal.ts';
import type { ColumnUse, TableUse, Uses } from '../table-uses.ts';
import { isTree, locationOf, type Tree } from '../tree.ts';

/** A table that a statement reads through a subquery without the masked values. */
export interface Replacement {
  readonly use: TableUse;
  readonly schema: string;
  /** Schema and name, quoted. */
  readonly table: string;
  readonly columns: readonly ReplacedColumn[];
  readonly primaryKey: readonly string[];
}

export interface ReplacedColumn {
  readonly name: string;
  readonly quoted: string;
  /** As written in the subquery. */
  readonly selected: string;
  /** Whether its type can be grouped by. */
  readonly groupable: boolean;
}

/** A text replacement, with byte offsets. */
export interface Cut {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

type Tokens = readonly Pick<ScanToken, 'start' | 'end' | 'text'>[];

const systemColumns: ReadonlySet<string> = new Set(['ctid', 'tableoid', 'xmin', 'xmax', 'cmin', 'cmax']);

/** Inserts the subqueries and restores what a subquery lacks: system columns, a schema, a primary key. */
export function replaceTables(
  sql: string,
  tokens: Tokens,
  uses: Uses,
  replacements: readonly Replacement[],
  printing: readonly Mention[],
): string {
  const cuts = replacements.flatMap((one) => {
    const system = systemColumnsOf(one.use, uses);
    if (system.length > 0) checkNatural(one, sql);
    return [
      ...tableCuts(one, system, tokens, sql),
      ...unqualify(one, uses, tokens, system.length === 0),
      ...(system.length > 0 ? expandStars(one, uses, tokens, sql) : []),
      ...groupKeys(one, uses),
    ];
  });
  return applyCuts(sql, [...cuts, ...printing.flatMap((call) => stripCall(call, tokens))]);
}

function quotedAlways(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function calledAs({ alias, name }: TableUse): string {
  return alias ?? name;
}

function tableCuts(one: Replacement, system: readonly string[], tokens: Tokens, sql: string): Cut[] {
  const { use } = one;
  const first = tokens.findIndex((token) => token.start === use.byte);
  if (first < 0) throw cannotBeRead(use, sql);
  let last = endOfName(tokens, first);
  let before = first - 1;
  const word = (index: number): string => tokens[index]?.text.toLowerCase() ?? '';
  if (word(before) === '(' && word(before - 1) === 'only' && word(last + 1) === ')') {
    before -= 2;
    last += 1;
  } else if (word(before) === 'only') before -= 1;
  else if (word(last + 1) === '*') last += 1;
  const sample = sampleExtent(use, tokens, sql);
  // At the end, because column aliases are assigned from the first column.
  const list = [...one.columns.map(({ selected }) => selected), ...system].join(', ');
  const sampled = sample === undefined ? '' : ` ${textOf(sql, sample)}`;
  const inner = `(select ${list} from ${use.only ? 'only ' : ''}${one.table}${sampled})`;
  const named = use.alias === undefined ? `${inner} as ${quotedAlways(use.name)}` : inner;
  const isCommand = word(before) === 'table';
  const start = tokens[isCommand ? before : before + 1]?.start ?? use.byte;
  return [
    { start, end: tokens[last]?.end ?? use.byte, text: isCommand ? `select * from ${named}` : named },
    ...(sample === undefined ? [] : [{ ...sample, text: '' }]),
  ];
}

/** The last token of a dotted name; any part may be followed by `UESCAPE '!'`. */
function endOfName(tokens: Tokens, first: number): number {
  let last = first;
  for (;;) {
    if (tokens[last + 1]?.text.toLowerCase() === 'uescape') last += 2;
    if (tokens[last + 1]?.text !== '.') return last;
    last += 2;
  }
}

/** From TABLESAMPLE to its end. */
function sampleExtent(use: TableUse, tokens: Tokens, sql: string): { start: number; end: number } | undefined {
  const { sample } = use;
  if (sample === undefined) return undefined;
  const method = tokens.findIndex((token) => token.start === locationOf(sample));
  let last = closing(
    tokens,
    tokens.findIndex((token, index) => index > method && token.text === '('),
  );
  if (tokens[last + 1]?.text.toLowerCase() === 'repeatable') last = closing(tokens, last + 2);
  const [start, end] = [tokens[method - 1], tokens[last]];
  // Its content may only make sense at its original place.
  if (start === undefined || end === undefined || JSON.stringify(sample['args'] ?? '').includes('"ColumnRef"'))
    throw cannotBeRead(use, sql);
  return { start: start.start, end: end.end };
}

function closing(tokens: Tokens, opening: number): number {
  let depth = 0;
  return tokens.findIndex((token, index) => {
    if (index < opening) return false;
    if (token.text === '(') depth += 1;
    if (token.text === ')') depth -= 1;
    return depth === 0;
  });
}

function textOf(sql: string, { start, end }: { start: number; end: number }): string {
  return Buffer.from(sql).subarray(start, end).toString();
}

/** `public.customers.email` as `customers.email`: a subquery has no schema. */
function unqualify({ use, schema }: Replacement, { columns }: Uses, tokens: Tokens, stars: boolean): Cut[] {
  if (use.alias !== undefined) return [];
  return columns.flatMap(({ byte, names }) => {
    if (names.length < 3 || names.at(-2) !== use.name || names.at(-3) !== schema) return [];
    if (names.at(-1) === '*' && !stars) return [];
    const first = tokens.findIndex((token) => token.start === byte);
    let next = first;
    for (let part = 0; part < names.length - 2; part += 1) next = skipPart(tokens, next);
    const start = tokens[next]?.start;
    return first < 0 || start === undefined ? [] : [{ start: byte, end: start, text: '' }];
  });
}

/** The token after a part of a name and its dot. */
function skipPart(tokens: Tokens, part: number): number {
  return tokens[part + 1]?.text.toLowerCase() === 'uescape' ? part + 4 : part + 2;
}

/** Removes constants from a function's result; the column keeps the function's name. */
function stripCall({ name, byte }: Mention, tokens: Tokens): Cut[] {
  const first = tokens.findIndex((token) => token.start === byte);
  const end = tokens[closing(tokens, endOfName(tokens, first) + 1)]?.end;
  if (first < 0 || end === undefined) throw new Error(`The call of ${name} is not where the parser found it.`);
  const [before = '', after = ''] = withoutConstantsInSql('\0').split('\0');
  return [
    { start: byte, end: byte, text: `(select stripped.text as ${quotedAlways(name)} from (${before.trim().slice(1)}` },
    { start: end, end, text: `${after.trim().slice(0, -1)}) as stripped(text))` },
  ];
}

function systemColumnsOf(use: TableUse, { columns }: Uses): string[] {
  const asked = columns.flatMap(({ names }) => {
    const [last = '', qualifier] = names.toReversed();
    return systemColumns.has(last) && (qualifier === undefined || qualifier === calledAs(use)) ? [last] : [];
  });
  return [...new Set(asked)];
}

/** A natural join would treat the system columns as common columns. */
function checkNatural({ use }: Replacement, sql: string): void {
  if (JSON.stringify(use.select['fromClause'] ?? []).includes('"isNatural":true')) throw cannotBeRead(use, sql);
}

/** `*` stands for the columns of the table, without the extra system columns of the subquery. */
function expandStars({ use, columns }: Replacement, uses: Uses, tokens: Tokens, sql: string): Cut[] {
  const all = columns.map(({ quoted }) => `${quotedAlways(calledAs(use))}.${quoted}`).join(', ');
  const stars = uses.columns.filter(({ names, byte }) => names.at(-1) === '*' && byte >= 0);
  return stars.flatMap((star) => {
    const qualifier = star.names.at(-2);
    if (qualifier === undefined ? star.select !== use.select : qualifier !== calledAs(use)) return [];
    if (!isInTargetList(star) || (qualifier === undefined && !isAlone(use))) throw cannotBeRead(use, sql);
    const first = tokens.findIndex((token) => token.start === star.byte);
    const end = tokens.find((token, index) => index >= first && token.text === '*')?.end;
    return end === undefined ? [] : [{ start: star.byte, end, text: all }];
  });
}

function isInTargetList({ byte, select }: ColumnUse): boolean {
  const list: unknown = select?.['targetList'];
  return (
    Array.isArray(list) &&
    list.some((item: unknown) => {
      const value = isTree(item) && isTree(item['ResTarget']) ? item['ResTarget']['val'] : undefined;
      return isTree(value) && isTree(value['ColumnRef']) && locationOf(value['ColumnRef']) === byte;
    })
  );
}

function isAlone({ select, sample, byte }: TableUse): boolean {
  const from: unknown[] = Array.isArray(select['fromClause']) ? select['fromClause'] : [];
  const [only, second] = from;
  if (!isTree(only) || second !== undefined) return false;
  if (sample !== undefined) return only['RangeTableSample'] === sample;
  return isTree(only['RangeVar']) && locationOf(only['RangeVar']) === byte;
}

/**
 * A table's primary key stands for all its columns in GROUP BY; a subquery has none, so the columns are written out.
 */
function groupKeys({ use, columns, primaryKey }: Replacement, uses: Uses): Cut[] {
  const items = groupItems(use.select);
  const keys = primaryKey.map((name) =>
    items.find(({ names: [last, qualifier] }) => last === name && (qualifier ?? calledAs(use)) === calledAs(use)),
  );
  const [first] = keys;
  if (first === undefined || keys.includes(undefined)) return [];
  const grouped = new Set(items.flatMap(({ names: [last] }) => last ?? []));
  const used = new Set(uses.columns.map(({ names }) => names.at(-1)));
  const added = columns.filter(
    ({ name, groupable }) => groupable && !grouped.has(name) && (used.has(name) || used.has('*')),
  );
  const text = added.map(({ quoted }) => `${quotedAlways(calledAs(use))}.${quoted}, `).join('');
  return added.length === 0 ? [] : [{ start: first.byte, end: first.byte, text }];
}

/** Columns that a SELECT groups by, by name or list number. Names are in reverse order. */
function groupItems(select: Tree): { byte: number; names: string[] }[] {
  const list: unknown[] = Array.isArray(select['groupClause']) ? select['groupClause'] : [];
  const targets: unknown[] = Array.isArray(select['targetList']) ? select['targetList'] : [];
  return list.flatMap((item) => {
    if (!isTree(item)) return [];
    if (isTree(item['ColumnRef'])) return [{ byte: locationOf(item['ColumnRef']), names: namesOf(item['ColumnRef']) }];
    const constant = isTree(item['A_Const']) ? item['A_Const'] : undefined;
    const number = isTree(constant?.['ival']) ? Number(constant['ival']['ival']) : 0;
    const target = targets[number - 1];
    const value = isTree(target) && isTree(target['ResTarget']) ? target['ResTarget']['val'] : undefined;
    const column = isTree(value) && isTree(value['ColumnRef']) ? value['ColumnRef'] : undefined;
    return constant === undefined || column === undefined
      ? []
      : [{ byte: locationOf(constant), names: namesOf(column) }];
  });
}

function namesOf(column: Tree): string[] {
  const fields: unknown[] = Array.isArray(column['fields']) ? column['fields'] : [];
  return fields
    .flatMap((field) => (isTree(field) && isTree(field['String']) ? String(field['String']['sval']) : []))
    .toReversed();
}

function cannotBeRead({ name, byte }: TableUse, sql: string): Error {
  return refuse(
    'masked-columns',
    `${name} has masked columns and cannot be read this way.`,
    `Write SELECT with column names FROM ${name}.`,
    { sql, byte },
  );
}

function applyCuts(sql: string, cuts: readonly Cut[]): string {
  let bytes = Buffer.from(sql);
  const unique = new Map(cuts.map((cut) => [`${cut.start} ${cut.end} ${cut.text}`, cut]));
  // From last to first; at the same place, insertions come after cuts.
  for (const { start, end, text } of [...unique.values()].toSorted((a, b) => b.start - a.start || b.end - a.end))
    bytes = Buffer.concat([bytes.subarray(0, start), Buffer.from(text), bytes.subarray(end)]);
  return bytes.toString();
}
