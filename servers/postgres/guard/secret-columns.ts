import type * as grammarModule from 'libpg-query';
import { secretColumns } from './function-lists.ts';
import { isTree, nameParts, text, walk, type Tree } from './tree.ts';

/**
 * Whether a statement may show the secret column of a relation: by its name, by `*`, by the whole row, or through
 * column aliases. Names are not resolved: if a name is ambiguous, the worse case counts.
 */
export function mayShowSecret(tree: unknown, relation: string): boolean {
  const columns = secretColumns.get(relation);
  if (columns === undefined) return false;
  const names = namesOf(tree, relation);
  if (names === undefined) return true;
  let shows = false;
  walk(tree, (kind, node) => {
    if (Object.values(node).includes(columns.secret)) shows = true;
    else if (kind === 'ColumnRef') shows ||= refersToWhole(node, names, columns.plain);
    else if (kind === 'JoinExpr') shows ||= node['alias'] !== undefined || node['isNatural'] === true;
    else if (kind === 'SelectStmt') shows ||= readsDirectly(node['fromClause'], relation) && hasBareStar(node);
  });
  return shows;
}

/** The same for view definitions; unparsable text may show anything. */
export function definitionsMayShow(
  definitions: string,
  relation: string,
  grammar: Pick<typeof grammarModule, 'parseSync'>,
): boolean {
  try {
    return mayShowSecret(grammar.parseSync(definitions), relation);
  } catch {
    return true;
  }
}

/** The names that the relation is read under; undefined if its columns are renamed. */
function namesOf(tree: unknown, relation: string): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  let renamed = false;
  walk(tree, (_kind, node) => {
    if (node['relname'] !== relation) return;
    const alias = isTree(node['alias']) ? node['alias'] : {};
    renamed ||= alias['colnames'] !== undefined;
    names.add(text(alias['aliasname']) ?? relation);
  });
  return renamed ? undefined : names;
}

/** `s`, `s.*`, `pg_catalog.pg_subscription`, and `s.f`, which calls the function `f` with the row. */
function refersToWhole(reference: Tree, names: ReadonlySet<string>, plain: readonly string[]): boolean {
  const fields = Array.isArray(reference['fields']) ? reference['fields'] : [];
  const [last = '', before = ''] = nameParts(fields).toReversed();
  if (names.has(last)) return true;
  return names.has(before) && nameParts(fields).length === fields.length && !plain.includes(last);
}

function readsDirectly(from: unknown, relation: string): boolean {
  let found = false;
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look);
    else if (isTree(value)) {
      if (value['relname'] === relation) found = true;
      for (const [kind, inner] of Object.entries(value)) if (kind !== 'RangeSubselect') look(inner);
    }
  };
  look(from);
  return found;
}

function hasBareStar(select: Tree): boolean {
  let found = false;
  walk(select['targetList'], (kind, node) => {
    const fields = kind === 'ColumnRef' && Array.isArray(node['fields']) ? node['fields'] : [];
    found ||= fields.length === 1 && isTree(fields[0]) && 'A_Star' in fields[0];
  });
  return found;
}
