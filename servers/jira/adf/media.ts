import { attribute, paragraph, text, type Node } from './document.ts';

const isBlockMedia = ({ type }: Node): boolean => type === 'mediaSingle' || type === 'mediaGroup';

/** Converts inline content to blocks: an image that was a block becomes a block again. */
export function withBlockMedia(nodes: readonly Node[]): Node[] {
  if (!nodes.some(isBlockMedia)) return nodes.length === 0 ? [] : [paragraph(nodes)];
  const blocks: Node[] = [];
  let line: Node[] = [];
  const close = (): void => {
    const words = trimBreaks(line);
    if (words.length > 0) blocks.push(paragraph(words));
    line = [];
  };
  for (const node of nodes) {
    if (!isBlockMedia(node)) {
      line.push(node);
      continue;
    }
    close();
    blocks.push(node);
  }
  close();
  return blocks;
}

function trimBreaks(nodes: readonly Node[]): readonly Node[] {
  const isWord = ({ type, text }: Node): boolean => type !== 'hardBreak' && (type !== 'text' || text?.trim() !== '');
  const from = nodes.findIndex(isWord);
  return from < 0 ? [] : nodes.slice(from, nodes.findLastIndex(isWord) + 1);
}

/** Like `withBlockMedia`, where only text is allowed. */
export function asInlineMedia(node: Node): Node {
  if (!isBlockMedia(node)) return node;
  const media = node.content?.find(({ type }) => type === 'media');
  const id = attribute(media, 'id');
  const collection = attribute(media, 'collection');
  if (id === '') return text(attribute(media, 'alt') || attribute(media, 'url') || 'file');
  return { type: 'mediaInline', attrs: { id, collection, type: 'file' } };
}
