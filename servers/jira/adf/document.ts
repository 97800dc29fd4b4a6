// The part of the Atlassian Document Format that we write:
// developer.atlassian.com/cloud/jira/platform/apis/document/structure.

export interface Mark {
  readonly type: string;
  readonly attrs?: Readonly<Record<string, unknown>>;
}

export interface Node {
  readonly type: string;
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly content?: readonly Node[];
  readonly marks?: readonly Mark[];
  readonly text?: string;
}

/** A mutable array, because jira.js asks for one. */
export interface AdfDocument {
  readonly type: 'doc';
  readonly version: 1;
  readonly content: Node[];
}

/** Who may be notified: account ids with display names. */
export type Mentions = ReadonlyMap<string, string>;

/** Nodes of an earlier document, keyed by their address in Markdown: "media:ID", or a card's URL. */
export type Kept = ReadonlyMap<string, Node>;

/** Side effects of a document beyond showing text, listed in the preview. */
export interface Effects {
  /** Distinct hosts of all links. */
  readonly linkHosts: string[];
  /** Names of the people who will be notified, such as "@Mara Novak". */
  readonly mentions: string[];
}

export function text(value: string, marks: readonly Mark[] = []): Node {
  return marks.length === 0 ? { type: 'text', text: value } : { type: 'text', text: value, marks };
}

export function paragraph(content: readonly Node[]): Node {
  return { type: 'paragraph', content };
}

/** @param language as written after the fence; an empty string means none. */
export function codeBlock(value: string, language = ''): Node {
  return {
    type: 'codeBlock',
    ...(language !== '' && { attrs: { language } }),
    content: value === '' ? [] : [text(value)],
  };
}

/** An attribute as text; empty if it is missing or not text. */
export function attribute(of: Node | Mark | undefined, name: string): string {
  const value = of?.attrs?.[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** The URL that a text node links to, or an empty string. */
export function hrefOf(node: Node): string {
  return attribute(
    node.marks?.find(({ type }) => type === 'link'),
    'href',
  );
}

/** The text of inline content without marks. */
export function inlineText(nodes: readonly Node[]): string {
  return nodes
    .map((node) => {
      if (node.type === 'text') return node.text ?? '';
      if (node.type === 'hardBreak') return '\n';
      return (attribute(node, 'text') || attribute(node, 'shortName')) + inlineText(node.content ?? []);
    })
    .join('');
}

export function effectsOf(nodes: readonly Node[]): Effects {
  const hosts = new Set<string>();
  const mentions = new Set<string>();
  const visit = (node: Node): void => {
    if (node.type === 'mention') mentions.add(attribute(node, 'text'));
    const href = hrefOf(node);
    if (URL.canParse(href)) hosts.add(new URL(href).host || href.split('@').at(-1) || href);
    for (const child of node.content ?? []) visit(child);
  };
  for (const node of nodes) visit(node);
  return { linkHosts: [...hosts], mentions: [...mentions] };
}
