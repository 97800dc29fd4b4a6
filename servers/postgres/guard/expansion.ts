import { makerBytes } from './memory-use.ts';
import { isTree, nameParts, text, walk, type Tree } from './tree.ts';

/** The size of something after PostgreSQL has expanded subqueries, views and WITH parts in place. */
export interface Size {
  /** Tables read, counted once per place. */
  readonly tables: number;
  /** Expression nodes. */
  readonly parts: number;
  /** Characters that its functions create from constants. */
  readonly bytes: number;
}

interface Columns {
  readonly alias: string;
  readonly columns: ReadonlyMap<string, Size>;
}

export interface Relation {
  readonly size: Size;
  readonly columns: ReadonlyMap<string, Size>;
}

/** By name: WITH parts, and views with or without their schema. */
export type Relations = ReadonlyMap<string, Relation>;

const nothing: Size = { tables: 0, parts: 0, bytes: 0 };
const one: Size = { tables: 0, parts: 1, bytes: 1 };

/**
 * The size of a statement as the planner sees it. Subqueries and WITH parts that are read once or NOT MATERIALIZED are
 * expanded in place; a column used twice at each of twenty levels becomes a million columns, before the first row.
 */
export function expandedSize(statement: unknown, relations: Relations): Relation {
  return ofSelect(statement, relations);
}

function ofSelect(node: unknown, outer: Relations): Relation {
  const select = isTree(node) && isTree(node['SelectStmt']) ? node['SelectStmt'] : node;
  if (!isTree(select)) return { size: nothing, columns: new Map() };
  const { known, size: withSize } = ofWith(select, outer);
  if (select['larg'] !== undefined) {
    const [left, right] = [ofSelect(select['larg'], known), ofSelect(select['rarg'], known)];
    return { size: sum([withSize, left.size, right.size]), columns: settled(left.columns) };
  }
  const scope: Columns[] = [];
  const from = ofFrom(select['fromClause'], known, scope);
  const columns = new Map<string, Size>();
  const sizes = [withSize, from];
  for (const target of listOf(select['targetList'])) {
    const result = isTree(target) ? target['ResTarget'] : undefined;
    if (!isTree(result)) continue;
    const star = starOf(result['val']);
    if (star === undefined) {
      const size = ofExpression(result['val'], known, scope);
      sizes.push(size);
      columns.set(text(result['name']) ?? lastName(result['val']) ?? '?column?', size);
    } else
      for (const { alias, columns: all } of scope)
        if (star === '' || star === alias)
          for (const [name, size] of all) {
            columns.set(name, size);
            sizes.push(size);
          }
  }
  for (const clause of clauses) sizes.push(ofExpression(select[clause], known, scope));
  const stays = keepsApart.some((clause) => select[clause] !== undefined);
  return { size: sum(sizes), columns: stays ? settled(columns) : columns };
}

const clauses = ['whereClause', 'groupClause', 'havingClause', 'windowClause', 'valuesLists', 'sortClause', 'distinctClause', 'limitCount', 'limitOffset'] as const; // prettier-ignore
/** With these, a subquery is planned separately and its columns are computed once. */
const keepsApart = [
  'groupClause',
  'distinctClause',
  'sortClause',
  'limitCount',
  'limitOffset',
  'havingClause',
] as const;

function ofWith(select: Tree, outer: Relations): { known: Relations; size: Size } {
  const clause = select['withClause'];
  if (!isTree(clause)) return { known: outer, size: nothing };
  const known = new Map(outer);
  const reads = countReads(select);
  const sizes: Size[] = [];
  for (const item of listOf(clause['ctes'])) {
    const part = isTree(item) ? item['CommonTableExpr'] : undefined;
    const name = isTree(part) ? text(part['ctename']) : undefined;
    if (!isTree(part) || name === undefined) continue;
    // A recursive one is planned once.
    if (clause['recursive'] === true) known.set(name, { size: { ...one, tables: 1 }, columns: new Map() });
    const found = ofSelect(part['ctequery'], known);
    const columns = renamed(found.columns, nameParts(part['aliascolnames']));
    const how = part['ctematerialized'];
    const inPlace =
      clause['recursive'] !== true &&
      (how === 'CTEMaterializeNever' || (how !== 'CTEMaterializeAlways' && (reads.get(name) ?? 0) <= 1));
    if (!inPlace) sizes.push(found.size);
    known.set(
      name,
      inPlace ? { size: found.size, columns } : { size: { ...one, tables: 1 }, columns: settled(columns) },
    );
  }
  return { known, size: sum(sizes) };
}

function ofFrom(value: unknown, known: Relations, scope: Columns[]): Size {
  if (Array.isArray(value)) return sum(value.map((item) => ofFrom(item, known, scope)));
  if (!isTree(value)) return nothing;
  const [kind = ''] = Object.keys(value);
  const node = value[kind];
  if (!isTree(node)) return nothing;
  const alias = isTree(node['alias']) ? node['alias'] : {};
  const names = nameParts(alias['colnames']);
  if (kind === 'RangeVar') {
    const [schema, name] = [text(node['schemaname']), text(node['relname']) ?? ''];
    const found = known.get(schema === undefined ? name : `${schema}.${name}`);
    scope.push({ alias: text(alias['aliasname']) ?? name, columns: renamed(found?.columns ?? new Map(), names) });
    return found?.size ?? { tables: 1, parts: 1, bytes: 0 };
  }
  if (kind === 'RangeSubselect') {
    const { size, columns } = ofSelect(node['subquery'], known);
    scope.push({ alias: text(alias['aliasname']) ?? '', columns: renamed(columns, names) });
    return size;
  }
  if (kind === 'JoinExpr')
    return sum([
      ofFrom(node['larg'], known, scope),
      ofFrom(node['rarg'], known, scope),
      ofExpression(node['quals'], known, scope),
    ]);
  return ofExpression(node, known, scope);
}

function ofExpression(value: unknown, known: Relations, scope: readonly Columns[]): Size {
  if (Array.isArray(value)) return sum(value.map((item) => ofExpression(item, known, scope)));
  if (!isTree(value)) return nothing;
  const { ColumnRef: column, SubLink: link, FuncCall: call, A_Const: constant } = value;
  if (isTree(column)) return ofColumn(column, scope);
  if (isTree(link)) return sum([ofSelect(link['subselect'], known).size, ofExpression(link['testexpr'], known, scope)]);
  if (isTree(constant)) {
    const written = isTree(constant['sval']) ? text(constant['sval']['sval']) : undefined;
    return { ...one, bytes: written?.length ?? 1 };
  }
  if (!isTree(call)) return sum([one, ...Object.values(value).map((item) => ofExpression(item, known, scope))]);
  // Visit each part once: nested calls would be walked twice at each level.
  const { args, ...rest } = call;
  const given = listOf(args).map((item) => ofExpression(item, known, scope));
  const size = sum([one, ...given, ofExpression(Object.values(rest), known, scope)]);
  const made = makerBytes(
    call,
    given.map(({ bytes }) => bytes),
  );
  return { ...size, bytes: Math.max(made, size.bytes) };
}

function ofColumn(reference: Tree, scope: readonly Columns[]): Size {
  const [name = '', alias] = nameParts(reference['fields']).toReversed();
  const found = scope
    .filter((one) => alias === undefined || one.alias === alias)
    .flatMap(({ columns }) => columns.get(name) ?? []);
  // A row reference includes all its columns.
  const row = scope.filter((one) => one.alias === name).flatMap(({ columns }) => [...columns.values()]);
  return found.length > 0 ? { ...largest(found), tables: 0 } : row.length > 0 ? { ...sum(row), tables: 0 } : one;
}

function largest(sizes: readonly Size[]): Size {
  return sizes.reduce((most, size) => (size.parts > most.parts || size.bytes > most.bytes ? size : most));
}

function settled(columns: ReadonlyMap<string, Size>): ReadonlyMap<string, Size> {
  return new Map([...columns].map(([name, { bytes }]) => [name, { ...one, bytes }]));
}

function renamed(columns: ReadonlyMap<string, Size>, names: readonly string[]): ReadonlyMap<string, Size> {
  return new Map([...columns].map(([name, size], index) => [names[index] ?? name, size]));
}

/** How often each name is read directly in it. */
function countReads(select: unknown): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  walk(select, (_kind, node) => {
    const name = node['schemaname'] === undefined ? text(node['relname']) : undefined;
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  });
  return counts;
}

function starOf(value: unknown): string | undefined {
  const column = isTree(value) ? value['ColumnRef'] : undefined;
  const fields = isTree(column) ? listOf(column['fields']) : [];
  const last = fields.at(-1);
  return isTree(last) && 'A_Star' in last ? (nameParts(fields).at(-1) ?? '') : undefined;
}

function lastName(value: unknown): string | undefined {
  const node = isTree(value) ? (value['ColumnRef'] ?? value['FuncCall']) : undefined;
  return isTree(node) ? nameParts(node['fields'] ?? node['funcname']).at(-1) : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Bounded, so that sums do not overflow. */
function sum(sizes: readonly Size[]): Size {
  const total = (of: (size: Size) => number): number =>
    Math.min(
      1e12,
      sizes.reduce((all, size) => all + of(size), 0),
    );
  return {
    tables: total((size) => size.tables),
    parts: total((size) => size.parts),
    bytes: total((size) => size.bytes),
  };
}
