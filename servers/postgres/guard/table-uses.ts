import { isTree, locationOf, nameParts, text, type Tree } from './tree.ts';

/** One place in FROM where a table is read, with what is needed to replace it. */
export interface TableUse {
  /** Byte offset of the name's first part. */
  readonly byte: number;
  readonly name: string;
  readonly alias: string | undefined;
  readonly only: boolean;
  readonly sample: Tree | undefined;
  /** The SELECT that this FROM belongs to. */
  readonly select: Tree;
}

/** `a`, `t.a`, `s.t.a`, `t.*` in a statement. */
export interface ColumnUse {
  readonly byte: number;
  /** The last part is `*` for all columns. */
  readonly names: readonly string[];
  readonly select: Tree | undefined;
}

export interface Uses {
  readonly tables: readonly TableUse[];
  readonly columns: readonly ColumnUse[];
}

interface Place {
  readonly key: string;
  readonly value: unknown;
  /** Names defined by WITH rather than tables. */
  readonly scope: ReadonlySet<string>;
  readonly select: Tree | undefined;
  readonly sample: Tree | undefined;
}

/**
 * The tables that a statement reads, one entry per place, and its column references. As in PostgreSQL, a name defined
 * by WITH still means a table before and inside its own definition.
 */
export function findUses(tree: Tree): Uses {
  const tables: TableUse[] = [];
  const columns: ColumnUse[] = [];
  const stack: Place[] = [{ key: '', value: tree, scope: new Set(), select: undefined, sample: undefined }];
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    const { key, value } = place;
    if (Array.isArray(value)) for (const element of value) stack.push({ ...place, value: element });
    if (!isTree(value)) continue;
    if (key === 'RangeVar' || key === 'relation') addTable(value, place, tables);
    if (key === 'ColumnRef') columns.push(columnOf(value, place.select));
    let inner: Place = { ...place, sample: key === 'RangeTableSample' ? value : place.sample };
    // The sides of a UNION are SELECTs that cannot use its names.
    if (key === 'SelectStmt' || 'limitOption' in value) inner = { ...inner, select: value, sample: undefined };
    const { withClause, ...rest } = value;
    if (isTree(withClause)) inner = { ...inner, scope: pushWith(withClause, inner, stack) };
    for (const [field, part] of Object.entries(rest)) stack.push({ ...inner, key: field, value: part });
  }
  return { tables, columns };
}

/** @returns the names that are defined in the rest of the statement. */
function pushWith(clause: Tree, place: Place, stack: Place[]): ReadonlySet<string> {
  const parts = Array.isArray(clause['ctes']) ? clause['ctes'].filter(isTree) : [];
  const nameOf = (part: Tree): string =>
    (isTree(part['CommonTableExpr']) ? text(part['CommonTableExpr']['ctename']) : undefined) ?? '';
  let scope: ReadonlySet<string> = place.scope;
  if (clause['recursive'] === true) scope = new Set([...scope, ...parts.map(nameOf)]);
  for (const part of parts) {
    stack.push({ ...place, key: 'ctes', value: part, scope });
    scope = new Set([...scope, nameOf(part)]);
  }
  return scope;
}

function addTable(node: Tree, { scope, select, sample }: Place, tables: TableUse[]): void {
  const name = text(node['relname']);
  if (name === undefined || select === undefined) return;
  if (node['schemaname'] === undefined && scope.has(name)) return;
  const alias = isTree(node['alias']) ? text(node['alias']['aliasname']) : undefined;
  tables.push({ byte: locationOf(node), name, alias, only: node['inh'] !== true, sample, select });
}

function columnOf(node: Tree, select: Tree | undefined): ColumnUse {
  const fields: unknown[] = Array.isArray(node['fields']) ? node['fields'] : [];
  const names = fields.map((field) => nameParts([field])[0] ?? '*');
  return { byte: locationOf(node), names, select };
}
