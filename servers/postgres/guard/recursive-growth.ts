import { constantOf, nameOf } from './memory-use.ts';
import type { Parsed } from './parse.ts';
import { refuse } from './refusal.ts';
import { isTree, nameParts, text, walk, type Tree } from './tree.ts';

/** How often the value of each column of the step before is contained in a value of this step. */
type Weights = ReadonlyMap<string, number>;

/**
 * Refuses recursion that makes a value of several copies of the value before, such as `t || t`: it doubles at each step,
 * and thirty steps fill the memory. A path that grows by a name at each step does not.
 */
export function checkRecursion({ tree, sql }: Parsed): void {
  walk(tree, (kind, node) => {
    if (kind !== 'withClause' || node['recursive'] !== true) return;
    for (const item of listOf(node['ctes'])) {
      const part = isTree(item) ? item['CommonTableExpr'] : undefined;
      if (isTree(part) && doubles(part))
        throw refuse(
          'memory',
          `${text(part['ctename']) ?? 'The recursion'} makes each value of several copies of the one before.`,
          'Append something of fixed length at each step.',
          { sql, byte: 0 },
        );
    }
  });
}

function doubles(part: Tree): boolean {
  const query = isTree(part['ctequery']) ? part['ctequery']['SelectStmt'] : undefined;
  if (!isTree(query) || !isTree(query['larg']) || !isTree(query['rarg'])) return false;
  const given = nameParts(part['aliascolnames']);
  const columns = listOf(query['larg']['targetList']).map((target, index) => given[index] ?? nameOfTarget(target));
  const known = new Set(columns);
  const steps = new Map(
    listOf(query['rarg']['targetList']).map((target, index) => [
      columns[index] ?? '',
      within(isTree(target) && isTree(target['ResTarget']) ? target['ResTarget']['val'] : undefined, known),
    ]),
  );
  return columns.some((column) => returns(steps, column));
}

/** Whether a column feeds back into itself more than once, within as many steps as there are columns. */
function returns(steps: ReadonlyMap<string, Weights>, column: string): boolean {
  let reached: Weights = new Map([[column, 1]]);
  for (let step = 0; step < steps.size; step += 1) {
    reached = sum([...reached].map(([name, weight]) => times(steps.get(name) ?? new Map(), weight)));
    if ((reached.get(column) ?? 0) > 1) return true;
  }
  return false;
}

function within(value: unknown, columns: ReadonlySet<string>): Weights {
  if (Array.isArray(value)) return most(value.map((item) => within(item, columns)));
  if (!isTree(value)) return new Map();
  const { ColumnRef: column, A_Expr: operation, FuncCall: call, A_ArrayExpr: array, RowExpr: row } = value;
  if (isTree(column)) {
    const name = nameParts(column['fields']).at(-1) ?? '';
    return columns.has(name) ? new Map([[name, 1]]) : new Map();
  }
  if (isTree(operation)) {
    // Numbers and truth values do not grow.
    if (nameParts(operation['name'])[0] !== '||') return new Map();
    return sum([within(operation['lexpr'], columns), within(operation['rexpr'], columns)]);
  }
  if (isTree(array) || isTree(row))
    return sum(
      listOf((isTree(array) ? array['elements'] : isTree(row) ? row['args'] : []) ?? []).map((item) =>
        within(item, columns),
      ),
    );
  return isTree(call) ? withinCall(call, columns) : most(Object.values(value).map((item) => within(item, columns)));
}

const joining: ReadonlySet<string> = new Set([
  'concat', 'concat_ws', 'format', 'array_cat', 'array_append', 'array_prepend', 'textcat', 'json_build_array',
  'jsonb_build_array', 'json_build_object', 'jsonb_build_object', 'jsonb_set', 'jsonb_insert', 'jsonb_concat', 'overlay',
]); // prettier-ignore
/** A part of a text: with its length, or up to a separator. */
const cutting: Readonly<Record<string, number>> = { substr: 3, substring: 3, left: 2, right: 2, split_part: 3 };

function withinCall(call: Tree, columns: ReadonlySet<string>): Weights {
  const args = listOf(call['args']);
  const name = nameOf(call);
  const parts = args.map((item) => within(item, columns));
  if (joining.has(name)) return sum(parts);
  if (args.length === cutting[name]) return new Map();
  if (name === 'repeat') return times(parts[0] ?? new Map(), Number(constantOf(args[1]) ?? 2));
  if (name === 'replace' || name === 'regexp_replace') {
    const [pattern, instead] = [constantOf(args[1]), constantOf(args[2])].map((one) => String(one ?? 'unknown').length);
    const longer =
      constantOf(args[2]) === undefined || (instead ?? 0) > Math.max(1, name === 'replace' ? (pattern ?? 0) : 1);
    return times(parts[0] ?? new Map(), longer ? 2 : 1);
  }
  return most(parts);
}

function times(weights: Weights, factor: number): Weights {
  return new Map([...weights].map(([name, weight]) => [name, Math.min(100, weight * factor)]));
}

function sum(all: readonly Weights[]): Weights {
  return combine(all, (one, other) => Math.min(100, one + other));
}

function most(all: readonly Weights[]): Weights {
  return combine(all, Math.max);
}

function combine(all: readonly Weights[], how: (one: number, other: number) => number): Weights {
  const result = new Map<string, number>();
  for (const weights of all) for (const [name, weight] of weights) result.set(name, how(result.get(name) ?? 0, weight));
  return result;
}

function nameOfTarget(target: unknown): string {
  const result = isTree(target) ? target['ResTarget'] : undefined;
  if (!isTree(result)) return '';
  const value = isTree(result['val']) ? result['val']['ColumnRef'] : undefined;
  return text(result['name']) ?? (isTree(value) ? nameParts(value['fields']).at(-1) : undefined) ?? '';
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
