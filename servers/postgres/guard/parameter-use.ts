import type { Parsed } from './parse.ts';
import { isTree, walk, type Tree } from './tree.ts';

/** Statements as pg_stat_statements stores them: `$1` replaces a value that is lost. */
export function hasParameters(tree: Tree): boolean {
  let found = false;
  walk(tree, (kind) => (found ||= kind === 'ParamRef'));
  return found;
}

/** `EXPLAIN (GENERIC_PLAN) SELECT ... $1` */
export function asksForGenericPlan({ kind, tree }: Parsed): boolean {
  const explain = kind === 'explain' && isTree(tree['ExplainStmt']) ? tree['ExplainStmt'] : {};
  let asks = false;
  walk(explain['options'], (name, node) => (asks ||= name === 'DefElem' && node['defname'] === 'generic_plan'));
  return asks && hasParameters(tree);
}
