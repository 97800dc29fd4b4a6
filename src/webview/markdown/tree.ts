import type { Token } from 'markdown-it';

/** A token with everything up to its closing token. */
export interface MarkdownNode {
  readonly token: Token;
  readonly children: readonly MarkdownNode[];
}

/** Turns markdown-it's flat list of opening and closing tokens into a tree. `inline` tokens contain their own tree. */
export function toTree(tokens: readonly Token[]): readonly MarkdownNode[] {
  const root: MarkdownNode[] = [];
  const open: MarkdownNode[][] = [root];
  for (const token of tokens) {
    if (token.nesting < 0) {
      if (open.length > 1) open.pop();
      continue;
    }
    const children: MarkdownNode[] = token.type === 'inline' ? [...toTree(token.children ?? [])] : [];
    open.at(-1)?.push({ token, children });
    if (token.nesting > 0) open.push(children);
  }
  return root;
}

/** The text of the nodes, without markup. */
export function plainText(nodes: readonly MarkdownNode[]): string {
  return nodes.map(({ token, children }) => (children.length > 0 ? plainText(children) : token.content)).join('');
}
