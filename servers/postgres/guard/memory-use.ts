import type { Parsed } from './parse.ts';
import { refuse } from './refusal.ts';
import { isTree, locationOf, nameParts, walk, type Tree } from './tree.ts';

/** Functions whose result length is set by an argument, with the index of that argument. */
export const makers: ReadonlyMap<string, number> = new Map([
  ['repeat', 1],
  ['lpad', 1],
  ['rpad', 1],
  ['array_fill', 1],
]);
/** A few bytes of SQL can create a gigabyte during planning, which ignores timeouts: repeat(repeat('x', 9e6), 99). */
const maxTextLength = 10_000_000;

/** The length of a call's result for arguments of these lengths. */
export function makerBytes(call: Tree, args: readonly number[]): number {
  const name = nameOf(call);
  const [first = 1, second = 1, third = 1] = args;
  if (name === 'repeat') return first * ownSize(call).size;
  if (makers.has(name) || name === 'format') return ownSize(call).size;
  // Each character may be replaced by a whole text.
  if (name === 'replace' || name === 'regexp_replace') return first * Math.max(1, third);
  if (name === 'array_to_string' || name === 'string_agg') return first * Math.max(1, second);
  return 0;
}

/**
 * Refuses constants that would fill the server's memory: nested calls multiply. Column values are unknown here.
 * Parameter values are ignored, because a query that passed is not checked again for other parameters.
 */
export function checkMemory({ tree, sql }: Parsed): void {
  const given = largestGiven(tree);
  for (const { call, around } of makerCalls(tree)) {
    const { size, parameter } = ownSize(call, given);
    const at = { sql, byte: locationOf(call) };
    if (parameter)
      throw refuse('memory', 'A parameter sets the length of a text.', 'Write the number in the query.', at);
    if (size * around > maxTextLength)
      throw refuse(
        'memory',
        `The query would create a text of more than ${maxTextLength} characters.`,
        'Use a smaller number.',
        at,
      );
  }
}

/** Every call that creates a text, with the product of its enclosing calls. */
function makerCalls(tree: Tree): { call: Tree; around: number }[] {
  const found: { call: Tree; around: number }[] = [];
  const stack: { value: unknown; around: number }[] = [{ value: tree, around: 1 }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { value, around } = next;
    if (Array.isArray(value)) for (const item of value) stack.push({ value: item, around });
    else if (isTree(value)) {
      const call = isTree(value['FuncCall']) ? value['FuncCall'] : undefined;
      const makes = call !== undefined && (makers.has(nameOf(call)) || nameOf(call) === 'format');
      if (makes) found.push({ call, around });
      const inner = makes ? around * Math.max(1, ownSize(call).size) : around;
      for (const item of Object.values(value)) stack.push({ value: item, around: inner });
    }
  }
  return found;
}

export function nameOf(call: Tree): string {
  return nameParts(call['funcname']).at(-1) ?? '';
}

/** @param column the largest number that a column may have. */
export function ownSize(call: Tree, column = 1): { size: number; parameter: boolean } {
  const args: readonly unknown[] = Array.isArray(call['args']) ? call['args'] : [];
  if (nameOf(call) === 'format') return { size: formatWidth(args), parameter: false };
  const length = args[makers.get(nameOf(call)) ?? args.length];
  let parameter = false;
  walk(length, (kind) => (parameter ||= kind === 'ParamRef'));
  return { size: largest(length, column), parameter };
}

/** `%1000000s`, or for `*` any number among the arguments. */
function formatWidth([format, ...values]: readonly unknown[]): number {
  const text = constantOf(format);
  const widths =
    typeof text === 'string' ? [...text.matchAll(/%[\d$-]*?(\d+)\$?[\w*]/g)].map((match) => Number(match[1])) : [];
  const given = typeof text === 'string' && !text.includes('*') ? [] : values.map((value) => largest(value));
  return Math.max(1, ...widths, ...given);
}

/** The largest number that the statement itself puts into rows: VALUES, a series, a subquery of constants. */
function largestGiven(tree: Tree): number {
  let most = 1;
  const add = (value: unknown): void => void (most = Math.max(most, largest(value)));
  walk(tree, (kind, node) => {
    if (Array.isArray(node['valuesLists'])) add(node['valuesLists']);
    if (kind === 'FuncCall' && nameOf(node) === 'generate_series') add(node['args']);
    if (kind === 'RangeSubselect' && isTree(node['subquery'])) add(constantTargets(node['subquery']));
    if (kind === 'CommonTableExpr' && isTree(node['ctequery'])) add(constantTargets(node['ctequery']));
  });
  return most;
}

function constantTargets(query: Tree): unknown[] {
  const targets = isTree(query['SelectStmt']) ? query['SelectStmt']['targetList'] : undefined;
  return (Array.isArray(targets) ? targets : []).flatMap((target: unknown) => {
    const value = isTree(target) && isTree(target['ResTarget']) ? target['ResTarget']['val'] : undefined;
    return isTree(value) && ('A_Const' in value || 'TypeCast' in value || 'A_Expr' in value) ? [value] : [];
  });
}

/** An upper bound for an expression of constants; other parts count as the largest number in them. */
export function largest(value: unknown, column = 1): number {
  if (Array.isArray(value)) return Math.max(1, ...value.map((item) => largest(item, column)));
  if (!isTree(value)) return 1;
  const constant = constantOf(value);
  if (constant !== undefined) return Math.abs(Number(constant)) || 1;
  const { A_Expr: expression, A_ArrayExpr: array } = value;
  if ('ColumnRef' in value) return column;
  if (isTree(array) && Array.isArray(array['elements']))
    return array['elements'].map((item) => largest(item, column)).reduce((product, size) => product * size, 1);
  if (isTree(expression)) {
    const [left, right] = [largest(expression['lexpr'], column), largest(expression['rexpr'], column)];
    const operator = nameParts(expression['name'])[0];
    if (operator === '*') return left * right;
    if (operator === '+' || operator === '-') return left + right;
    // By something unknown: the same for constants, and no statement about columns.
    if (operator === '/')
      return constantOf(expression['rexpr']) === undefined ? largest(expression['lexpr']) : left / right;
    if (operator === '^') return left ** right;
    if (operator === '<<') return left * 2 ** right;
  }
  return Math.max(1, ...Object.values(value).map((item) => largest(item, column)));
}

export function constantOf(value: unknown): string | number | undefined {
  const constant = isTree(value) ? value['A_Const'] : undefined;
  if (!isTree(constant)) return undefined;
  const { ival, fval, sval } = constant;
  if (isTree(ival)) return Number(ival['ival'] ?? 0);
  const written = isTree(fval) ? fval['fval'] : isTree(sval) ? sval['sval'] : undefined;
  return typeof written === 'string' ? written : undefined;
}
