/** A node of libpg-query's tree: `{SelectStmt: {...}}` wraps one, its fields are values, nodes and lists. */
export type Tree = Readonly<Record<string, unknown>>;

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Visits every object of the tree with the name it stands under: `FuncCall`, `RangeVar`, or a field such as
 * `intoClause`. Generic on purpose: a walk by known fields forgets one (functions in FROM, say).
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

/** The grammar leaves a location out when it is 0. */
export function locationOf(node: Tree): number {
  return typeof node['location'] === 'number' ? node['location'] : 0;
}
