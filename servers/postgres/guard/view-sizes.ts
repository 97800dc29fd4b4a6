import type * as grammarModule from 'libpg-query';
import type { RelationFact, ViewFact } from '../catalog/facts.ts';
import { expandedSize, type Relation, type Relations } from './expansion.ts';
import { isTree, text, walk } from './tree.ts';

export interface ViewSizes {
  /** Each view as the planner expands it. */
  readonly views: Relations;
  /** What the owner wrote in all of them together. */
  readonly written: { readonly tables: number; readonly parts: number };
}

interface Parsed {
  readonly names: readonly string[];
  readonly tree: unknown;
}

/** The size of each view that a statement reads, with the views below it. A definition that we cannot parse is skipped. */
export function sizeViews(
  relations: readonly RelationFact[],
  grammar: Pick<typeof grammarModule, 'parseSync'>,
): ViewSizes {
  const parsed = new Map<string, Parsed>();
  const written = { tables: 0, parts: 0 };
  for (const view of relations.flatMap(({ views }) => views)) {
    const label = `${view.schema}.${view.name}`;
    if (parsed.has(label)) continue;
    const one = { names: view.visible ? [label, view.name] : [label], tree: parse(view, grammar) };
    for (const name of one.names) parsed.set(name, one);
    count(one.tree, written);
  }
  const views = new Map<string, Relation>();
  const seen = new Set<Parsed>();
  const measure = (view: Parsed): void => {
    if (seen.has(view)) return;
    seen.add(view);
    // Those that it reads come first.
    walk(view.tree, (_kind, node) => {
      const [schema, name] = [text(node['schemaname']), text(node['relname'])];
      const below = name === undefined ? undefined : parsed.get(schema === undefined ? name : `${schema}.${name}`);
      if (below !== undefined) measure(below);
    });
    const size = expandedSize(view.tree, views);
    for (const name of view.names) views.set(name, size);
  };
  for (const view of parsed.values()) measure(view);
  return { views, written };
}

export function count(tree: unknown, written: { tables: number; parts: number }): void {
  walk(tree, (kind) => {
    written.parts += 1;
    if (kind === 'RangeVar') written.tables += 1;
  });
}

function parse({ definition }: ViewFact, grammar: Pick<typeof grammarModule, 'parseSync'>): unknown {
  try {
    const parsed: unknown = grammar.parseSync(definition);
    const statements = isTree(parsed) && Array.isArray(parsed['stmts']) ? parsed['stmts'].filter(isTree) : [];
    return statements[0]?.['stmt'];
  } catch {
    return undefined;
  }
}
