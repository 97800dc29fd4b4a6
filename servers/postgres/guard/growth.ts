import { expandedSize } from './expansion.ts';
import { constantOf, largest, makers, nameOf, ownSize } from './memory-use.ts';
import type { Parsed } from './parse.ts';
import { refuse } from './refusal.ts';
import { isTree, locationOf, nameParts, walk, type Tree } from './tree.ts';
import { count, type ViewSizes } from './view-sizes.ts';

/** Tables read after expansion, if the text itself reads fewer. */
const maxTables = 500;
const maxParts = 50_000;
/** Total size of the texts in one row or one aggregate. */
const maxBytes = 100_000_000;
const maxCollected = 500_000_000;
/** Texts of this length may fill the memory when multiplied by the unknown number of rows of a table. */
const longCollected = 10_000;
/** Aggregates that keep every input value. */
const collecting: ReadonlySet<string> = new Set([
  'array_agg', 'string_agg', 'json_agg', 'jsonb_agg', 'json_object_agg', 'jsonb_object_agg', 'json_agg_strict',
  'jsonb_agg_strict', 'xmlagg', 'range_agg', 'hstore_agg', 'percentile_disc', 'mode', 'array_accum',
]); // prettier-ignore

/**
 * Refuses queries that double at each step: subqueries, views and WITH parts that are read twice, or return a column
 * twice, are expanded in place before planning, during which timeouts and cancels are not checked.
 */
export function checkExpansion({ tree, sql }: Parsed, { views, written: inViews }: ViewSizes): void {
  const statement = isTree(tree['ExplainStmt']) ? tree['ExplainStmt']['query'] : tree;
  const { tables, parts, bytes } = expandedSize(statement, views).size;
  const at = { sql, byte: 0 };
  const hint = 'Read each part once, or write AS MATERIALIZED so that it is computed once.';
  const written = { ...inViews };
  count(statement, written);
  if (tables > maxTables && tables > 4 * written.tables)
    throw refuse('memory', `The expanded query reads ${tables} tables.`, hint, at);
  if (parts > maxParts && parts > 8 * written.parts)
    throw refuse('memory', `The expanded query has ${parts} expressions.`, hint, at);
  if (bytes > maxBytes)
    throw refuse(
      'memory',
      `The query would create texts of ${bytes} characters.`,
      'Use smaller numbers, or fewer of them.',
      at,
    );
}

/**
 * Aggregates that keep every value: constants tell how many values there are and how long. A subquery within an
 * expression makes its rows for itself, so that its series do not multiply those around it.
 */
export function checkCollected({ tree, sql }: Parsed): void {
  checkScope(tree, [], sql);
}

interface Scope {
  rows: number;
  longest: number;
  readonly calls: Tree[];
  /** Subqueries within its expressions. */
  readonly inner: Tree[];
}

function readScope(value: unknown, scope: Scope): void {
  if (Array.isArray(value)) {
    for (const item of value) readScope(item, scope);
    return;
  }
  if (!isTree(value)) return;
  for (const [kind, node] of Object.entries(value)) {
    if (kind === 'SubLink' && isTree(node)) {
      scope.inner.push(node);
      readScope(node['testexpr'], scope);
      continue;
    }
    if (isTree(node)) {
      if (kind === 'FuncCall') {
        const name = nameOf(node);
        if (name === 'generate_series') scope.rows *= seriesLength(node);
        if (makers.has(name)) scope.longest = Math.max(scope.longest, ownSize(node).size);
        if (collecting.has(name)) scope.calls.push(node);
      } else if (kind === 'JsonArrayAgg' || kind === 'JsonObjectAgg') scope.calls.push(node);
    }
    readScope(node, scope);
  }
}

/** @param around what keeps the rows of this part as a whole: an array made of it. */
function checkScope(part: unknown, around: readonly Tree[], sql: string): void {
  const scope: Scope = { rows: 1, longest: 1, calls: [...around], inner: [] };
  readScope(part, scope);
  for (const link of scope.inner) {
    checkScope(link['subselect'], link['subLinkType'] === 'ARRAY_SUBLINK' ? [link] : [], sql);
  }
  const { rows, longest, calls } = scope;
  for (const call of calls) {
    const at = { sql, byte: locationOf(call) };
    if (rows * Math.max(16, longest) > maxCollected)
      throw refuse(
        'memory',
        `An aggregate would keep ${rows} values of ${Math.max(16, longest)} bytes.`,
        'Aggregate less.',
        at,
      );
    let within = 1;
    walk(call, (kind, node) => {
      if (kind === 'FuncCall' && makers.has(nameOf(node))) within = Math.max(within, ownSize(node).size);
    });
    if (rows === 1 && within > longCollected)
      throw refuse(
        'memory',
        `An aggregate would keep texts of ${within} characters for every row.`,
        'Use a smaller number.',
        at,
      );
  }
}

/** Rows of `generate_series(1, 1000, 2)` with constants; 1 if unknown. */
function seriesLength(call: Tree): number {
  const [from, to, step] = (Array.isArray(call['args']) ? call['args'] : []).map((value: unknown) => numberOf(value));
  if (from === undefined || to === undefined) return 1;
  return Math.max(1, Math.floor(Math.abs((to - from) / (step ?? 1))) + 1);
}

function numberOf(value: unknown): number | undefined {
  if (!isTree(value)) return undefined;
  const { A_Expr: expression, TypeCast: cast } = value;
  if (isTree(cast)) return numberOf(cast['arg']);
  if (isTree(expression)) {
    const [left, right] = [numberOf(expression['lexpr']), numberOf(expression['rexpr'])];
    const operator = nameParts(expression['name'])[0];
    if (operator === '-' && left === undefined && right !== undefined) return -right;
    return left === undefined && right === undefined ? undefined : largest(value);
  }
  const constant = constantOf(value);
  const number = constant === undefined || constant === '' ? Number.NaN : Number(constant);
  return Number.isFinite(number) ? number : undefined;
}
