import { isTree, nameParts, text, type Tree } from '../tree.ts';
import { safeForViews } from './view-functions.ts';

/** The columns of something in FROM that may show masked values. */
export type Shown = ReadonlySet<string>;

/** Undefined if it is unknown which columns show them, or how many rows there are. */
export type Lookup = (schema: string | undefined, name: string) => Shown | undefined;

interface Scope {
  readonly lookup: Lookup;
  /** By the name used for it in the statement. */
  readonly sources: ReadonlyMap<string, Shown>;
  readonly parts: ReadonlyMap<string, Shown>;
}

interface Target {
  readonly name: string | undefined;
  readonly shown: boolean;
}

/**
 * Which columns of a view may show masked values. Undefined if that cannot be proved: a masked column may also decide
 * which rows there are, how many, or in which order (WHERE, JOIN, GROUP BY, DISTINCT, ORDER BY, functions that return
 * sets).
 */
export function shownByView(tree: unknown, lookup: Lookup): Shown | undefined {
  const targets = ofSelect(tree, { lookup, sources: new Map(), parts: new Map() });
  return targets === undefined ? undefined : namesOf(targets);
}

function namesOf(targets: readonly Target[], names: readonly string[] = []): Shown | undefined {
  const shown = new Set<string>();
  for (const [index, target] of targets.entries()) {
    if (!target.shown) continue;
    const name = names[index] ?? target.name;
    if (name === undefined) return undefined;
    shown.add(name);
  }
  return shown;
}

function ofSelect(node: unknown, outer: Scope): readonly Target[] | undefined {
  const select = isTree(node) && isTree(node['SelectStmt']) ? node['SelectStmt'] : node;
  if (!isTree(select)) return undefined;
  const within = withParts(select, outer);
  if (within === undefined) return undefined;
  if (select['larg'] !== undefined) return ofUnion(select, within);
  const scope = withSources(select['fromClause'], within);
  if (scope === undefined || touches(select['fromClause'], scope)) return undefined;
  const targets = listOf(select['targetList']).map((target) => ofTarget(target, scope));
  const shown = targets.filter((target) => target?.shown !== false);
  if (clauses.some((clause) => touches(select[clause], scope))) return undefined;
  if (shown.length > 0) {
    if (shown.includes(undefined) || select['distinctClause'] !== undefined) return undefined;
    // ORDER BY may also name a column of the result.
    const own = named({}, namesOf(targets.flatMap((target) => target ?? [])), scope);
    for (const clause of ['sortClause', 'groupClause'])
      if (own === undefined || touches(select[clause], own) || byNumber(select[clause])) return undefined;
  }
  return targets.flatMap((target) => target ?? []);
}

/** ORDER BY 2. */
function byNumber(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(byNumber);
  if (!isTree(value)) return false;
  const { SortBy: sort, GroupingSet: sets } = value;
  if (isTree(sort)) return byNumber(sort['node']);
  return isTree(sets) ? byNumber(sets['content']) : 'A_Const' in value;
}

const clauses = [
  'distinctClause', 'whereClause', 'groupClause', 'havingClause', 'windowClause', 'valuesLists', 'sortClause',
  'limitCount', 'limitOffset',
] as const; // prettier-ignore

/** The rows of UNION ALL are those of both sides; other set operations compare them. */
function ofUnion(select: Tree, scope: Scope): readonly Target[] | undefined {
  const [left, right] = [ofSelect(select['larg'], scope), ofSelect(select['rarg'], scope)];
  if (left === undefined || right === undefined) return undefined;
  const targets = left.map(({ name, shown }, index) => ({ name, shown: shown || right[index]?.shown !== false }));
  const plain = select['op'] === 'SETOP_UNION' && select['all'] === true && select['sortClause'] === undefined;
  return plain || targets.every(({ shown }) => !shown) ? targets : undefined;
}

function ofTarget(node: unknown, scope: Scope): Target | undefined {
  const target = isTree(node) ? node['ResTarget'] : undefined;
  if (!isTree(target)) return undefined;
  const { val } = target;
  const column = isTree(val) && isTree(val['ColumnRef']) ? nameParts(val['ColumnRef']['fields']).at(-1) : undefined;
  const shown = touches(val, scope);
  if (shown && !safeForViews(val)) return undefined;
  return { name: text(target['name']) ?? column, shown };
}

function withParts(select: Tree, outer: Scope): Scope | undefined {
  const clause = select['withClause'];
  if (!isTree(clause)) return outer;
  const recursive = clause['recursive'] === true;
  const parts = new Map(outer.parts);
  for (const item of listOf(clause['ctes'])) {
    const part = isTree(item) ? item['CommonTableExpr'] : undefined;
    const name = isTree(part) ? text(part['ctename']) : undefined;
    if (!isTree(part) || name === undefined) return undefined;
    if (recursive) parts.set(name, new Set());
    const targets = ofSelect(part['ctequery'], { ...outer, parts });
    const shown = targets === undefined ? undefined : namesOf(targets, nameParts(part['aliascolnames']));
    // A recursive part shows nothing if it shows nothing under the assumption that it shows nothing.
    if (shown === undefined || (recursive && shown.size > 0)) return undefined;
    parts.set(name, shown);
  }
  return { ...outer, parts };
}

/** Adds what FROM reads. */
function withSources(from: unknown, outer: Scope): Scope | undefined {
  let scope: Scope | undefined = outer;
  for (const item of listOf(from)) {
    if (scope === undefined) return undefined;
    scope = withSource(item, scope);
  }
  return scope;
}

function withSource(item: unknown, scope: Scope): Scope | undefined {
  if (!isTree(item)) return undefined;
  const { RangeVar: table, RangeSubselect: subselect, JoinExpr: join, RangeTableSample: sample } = item;
  if (isTree(sample)) return withSource(sample['relation'], scope);
  if (isTree(table)) {
    const [schema, name] = [text(table['schemaname']), text(table['relname']) ?? ''];
    const part = schema === undefined ? scope.parts.get(name) : undefined;
    return named(table, part ?? scope.lookup(schema, name), scope, name);
  }
  if (isTree(subselect)) {
    const targets = ofSelect(subselect['subquery'], scope);
    return named(subselect, targets === undefined ? undefined : namesOf(targets), scope);
  }
  if (isTree(join)) {
    const left = withSource(join['larg'], scope);
    const both = left === undefined ? undefined : withSource(join['rarg'], left);
    if (both === undefined) return undefined;
    const shown = new Set([...both.sources.values()].flatMap((names) => [...names]));
    const common = join['isNatural'] === true ? [...shown] : nameParts(join['usingClause']);
    if (common.some((name) => shown.has(name))) return undefined;
    return join['alias'] === undefined ? both : named(join, shown, both);
  }
  // A function, or a table made of JSON or XML: its arguments decide how many rows there are.
  return touches(item, scope) ? undefined : named(Object.values(item)[0], new Set(), scope);
}

function named(node: unknown, shown: Shown | undefined, scope: Scope, name = ''): Scope | undefined {
  if (shown === undefined) return undefined;
  const alias = isTree(node) && isTree(node['alias']) ? node['alias'] : {};
  if (shown.size > 0 && nameParts(alias['colnames']).length > 0) return undefined;
  const label = text(alias['aliasname']) ?? name;
  // Of two with the same name, either may be meant.
  const all = new Set([...(scope.sources.get(label) ?? []), ...shown]);
  return { ...scope, sources: new Map(scope.sources).set(label, all) };
}

/** Whether an expression may use a masked value. In FROM, that is a join condition or an argument. */
function touches(value: unknown, scope: Scope): boolean {
  if (Array.isArray(value)) return value.some((item) => touches(item, scope));
  if (!isTree(value)) return false;
  const { ColumnRef: column, SubLink: link } = value;
  if (isTree(column)) return touchesColumn(column, scope);
  if (isTree(link)) {
    const targets = ofSelect(link['subselect'], scope);
    return targets === undefined || targets.some(({ shown }) => shown) || touches(link['testexpr'], scope);
  }
  // Already read, with the names that it sees.
  if ('RangeSubselect' in value || 'RangeVar' in value) return false;
  return Object.values(value).some((item) => touches(item, scope));
}

function touchesColumn(column: Tree, { sources }: Scope): boolean {
  const fields = listOf(column['fields']);
  const names = nameParts(fields);
  const star = names.length < fields.length;
  const [last = '', qualifier] = star ? ['', names.at(-1)] : names.toReversed();
  if (qualifier !== undefined) {
    const shown = sources.get(qualifier);
    return shown === undefined || (star ? shown.size > 0 : shown.has(last));
  }
  const all = [...sources.values()];
  if (star) return all.some((shown) => shown.size > 0);
  return all.some((shown) => shown.has(last)) || (sources.get(last)?.size ?? 0) > 0;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
