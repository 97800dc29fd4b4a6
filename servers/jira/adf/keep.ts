import { attribute, type AdfDocument, type Kept, type Mentions, type Node } from './document.ts';
import { markdownToAdf, type Reading } from './from-markdown.ts';
import { adfToMarkdown, readNode } from './to-markdown.ts';

/** A document as stored in Jira, and the parts of it that a new text may refer to. */
export interface Earlier {
  readonly blocks: readonly Node[];
  readonly kept: Kept;
  readonly mentions: Mentions;
}

/** @param value a description from Jira; anything else counts as empty. */
export function readEarlier(value: unknown): Earlier {
  const blocks = readNode(value)?.content ?? [];
  const kept = new Map<string, Node>();
  const mentions = new Map<string, string>();
  const visit = (node: Node, container?: Node): void => {
    if (node.type === 'mention') mentions.set(attribute(node, 'id'), attribute(node, 'text').replace(/^@/, ''));
    if (node.type === 'inlineCard') kept.set(attribute(node, 'url'), node);
    if (node.type === 'mediaInline') kept.set(mediaKey(node), node);
    if (node.type === 'media')
      kept.set(mediaKey(node), container?.type === 'mediaSingle' ? container : { type: 'mediaGroup', content: [node] });
    for (const child of node.content ?? []) visit(child, node);
  };
  for (const block of blocks) visit(block);
  return { blocks, kept, mentions };
}

function mediaKey(node: Node): string {
  return `media:${attribute(node, 'id') || attribute(node, 'url')}`;
}

/**
 * Replaces a document with new text. Blocks whose Markdown is unchanged are kept as they were, including what Markdown
 * cannot express. Images and files that the new text no longer places are appended, because Jira deletes an attachment
 * once the description stops showing it.
 */
export function writeOver(
  markdown: string,
  earlier: Earlier,
  reading: Reading,
): { document: AdfDocument; moved: Node[] } {
  const { content } = markdownToAdf(markdown, { ...reading, kept: earlier.kept });
  const blocks = restore(content, earlier);
  const placed = new Set(mediaOf(blocks).map(mediaKey));
  const moved = mediaOf(earlier.blocks).filter((node) => !placed.has(mediaKey(node)));
  const tail = [...new Set(moved.flatMap((node) => earlier.kept.get(mediaKey(node)) ?? []))].map(asBlock);
  return { document: { type: 'doc', version: 1, content: [...blocks, ...tail] }, moved };
}

/** A shortened text still shows its images and files. */
export function withMediaOf(whole: readonly Node[], part: readonly Node[]): Node[] {
  const { kept } = readEarlier({ type: 'doc', content: whole });
  const shown = new Set(mediaOf(part).map(mediaKey));
  const missing = mediaOf(whole).flatMap((node) => (shown.has(mediaKey(node)) ? [] : (kept.get(mediaKey(node)) ?? [])));
  return [...part, ...[...new Set(missing)].map(asBlock)];
}

function asBlock(node: Node): Node {
  return node.type === 'mediaInline' ? { type: 'paragraph', content: [node] } : node;
}

function mediaOf(nodes: readonly Node[]): Node[] {
  return nodes.flatMap((node) =>
    node.type === 'media' || node.type === 'mediaInline' ? [node] : mediaOf(node.content ?? []),
  );
}

interface Old {
  readonly block: Node;
  /** The blocks that its Markdown parses to; empty if it has none, such as an empty paragraph. */
  readonly keys: readonly string[];
}

function restore(content: readonly Node[], { blocks, kept, mentions }: Earlier): Node[] {
  const olds = blocks.map((block): Old => {
    const markdown = adfToMarkdown({ type: 'doc', content: [block] });
    return { block, keys: markdownToAdf(markdown, { kept, mentions }).content.map(keyOf) };
  });
  const keys = content.map(keyOf);
  const used = new Set<Old>();
  const restored: Node[] = [];
  let last = -1;
  for (let at = 0; at < content.length;) {
    const fits = (old: Old): boolean =>
      !used.has(old) && old.keys.length > 0 && old.keys.every((key, index) => keys[at + index] === key);
    const following = olds.findIndex((old, index) => index > last && fits(old));
    const index = following >= 0 ? following : olds.findIndex(fits);
    const found = olds[index];
    if (found === undefined) {
      const block = content[at];
      if (block !== undefined) restored.push(block);
      at += 1;
      continue;
    }
    // Empty paragraphs stay in front of the block they precede.
    const between = index > last ? olds.slice(last + 1, index) : [];
    const empty = between.slice(between.findLastIndex((old) => old.keys.length > 0) + 1);
    restored.push(...empty.map(({ block }) => block));
    restored.push(found.block);
    used.add(found);
    last = index;
    at += found.keys.length;
  }
  const rest = olds.slice(last + 1);
  return rest.length < olds.length && rest.every(({ keys }) => keys.length === 0)
    ? [...restored, ...rest.map(({ block }) => block)]
    : restored;
}

/** Task ids are regenerated on every write. */
function keyOf(node: Node): string {
  return JSON.stringify(node, (name, value: unknown) => (name === 'localId' ? undefined : value));
}
