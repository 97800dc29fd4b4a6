/** A node of libpg-query's tree: `{SelectStmt: {...}}` wraps one, its fields are values, nodes and lists. */
export type Tree = Readonly<Record<string, unknown>>;

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Visits every object of the tree with its key: `FuncCall`, `RangeVar`, or a field such as `intoClause`. Generic on
 * purpose: a walk over known fields would miss some (such as functions in FROM).
 */
export function walk(value: unknown, visit: (name: string, node: Tree) => void, name = ''): void {
  const stack: [string, unknown][] = [[name, value]];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [key, item] = next;
    if (Array.isArray(item)) for (const element of item.toReversed()) stack.push([key, element]);
    else if (isTree(item)) {
      visit(key, item);
      for (const [field, inner] of Object.entries(item).toReversed()) {
        if (typeof inner === 'object' && inner !== null) stack.push([field, inner]);
      }
    }
  }
}

/** The strings of a list of `{String: {sval}}`: a dotted name. */
export function nameParts(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    const text = isTree(item) && isTree(item['String']) ? item['String']['sval'] : undefined;
    return typeof text === 'string' ? [text] : [];
  });
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The parser omits a location of 0. */
export function locationOf(node: Tree): number {
  return typeof node['location'] === 'number' ? node['location'] : 0;
}
