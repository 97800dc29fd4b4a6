import { attribute, codeBlock, paragraph, text, type Node } from './document.ts';
import { mergeText } from './inline.ts';
import { asInlineMedia } from './media.ts';
import { alignedTable } from './text-table.ts';

// Which of the nodes we write each container may hold. Markdown nests freely; ADF does not.
const lists = ['bulletList', 'orderedList'];
const media = ['mediaSingle', 'mediaGroup'];
const anywhere = ['paragraph', 'heading', 'codeBlock', 'blockquote', 'panel', 'rule', 'table', 'taskList'];
const allowedIn: Readonly<Record<string, readonly string[]>> = {
  doc: [...anywhere, 'expand', ...lists, ...media],
  expand: [...anywhere, ...lists, ...media],
  blockquote: ['paragraph', 'codeBlock', ...lists, ...media],
  listItem: ['paragraph', 'codeBlock', 'mediaSingle', ...lists],
  panel: ['paragraph', 'heading', 'codeBlock', 'rule', 'taskList', ...lists, ...media],
};

const panelTitles: Readonly<Record<string, string>> = {
  info: 'Note',
  success: 'Tip',
  note: 'Important',
  warning: 'Warning',
  error: 'Caution',
};

/** Converts a tree nested as in Markdown to one that ADF allows, without losing any text. */
export function fitBlocks(blocks: readonly Node[], container = 'doc'): Node[] {
  return blocks.flatMap((block) => fitBlock(block, container));
}

function fitBlock(block: Node, container: string): Node[] {
  if (allowedIn[container]?.includes(block.type) === true) return [fitInside(block)];
  switch (block.type) {
    case 'heading':
      return [paragraph((block.content ?? []).map(makeStrong))];
    case 'rule':
      return [paragraph([text('---')])];
    case 'table':
      return [codeBlock(alignedTable(block))];
    case 'taskList':
      return fitBlocks([asBulletList(block)], container);
    case 'panel': {
      const title = panelTitles[attribute(block, 'panelType')] ?? 'Note';
      return quoted([paragraph([text(title, [{ type: 'strong' }])]), ...(block.content ?? [])], container);
    }
    case 'blockquote':
      return quoted(block.content ?? [], container);
    case 'expand': {
      const title = text(attribute(block, 'title') || 'Details', [{ type: 'strong' }]);
      return fitBlocks([paragraph([title]), ...(block.content ?? [])], container);
    }
    case 'mediaGroup':
      return [paragraph([asInlineMedia(block)])];
    default:
      throw new Error(`no place for ${block.type} in ${container}`);
  }
}

function fitInside(block: Node): Node {
  const content = block.content ?? [];
  switch (block.type) {
    case 'bulletList':
    case 'orderedList':
      return { ...block, content: content.map((item) => ({ ...item, content: fitItem(item.content ?? []) })) };
    case 'blockquote':
    case 'panel':
    case 'expand': {
      const fitted = fitBlocks(content, block.type);
      return { ...block, content: fitted.length === 0 ? [paragraph([])] : fitted };
    }
    default:
      return block;
  }
}

/** An item starts with text or code, never with another list. */
function fitItem(blocks: readonly Node[]): Node[] {
  const fitted = fitBlocks(blocks, 'listItem');
  const first = fitted[0]?.type;
  return first === 'paragraph' || first === 'codeBlock' || first === 'mediaSingle'
    ? fitted
    : [paragraph([]), ...fitted];
}

/** A quote where none is allowed: its paragraphs start with the Markdown marker. */
function quoted(blocks: readonly Node[], container: string): Node[] {
  return fitBlocks(blocks, container).map((block) =>
    block.type === 'paragraph' ? paragraph(mergeText([text('> '), ...(block.content ?? [])])) : block,
  );
}

function makeStrong(node: Node): Node {
  const marks = node.marks ?? [];
  if (node.type !== 'text' || marks.some(({ type }) => type === 'code' || type === 'strong')) return node;
  return { ...node, marks: [...marks, { type: 'strong' }] };
}

function asBulletList(taskList: Node): Node {
  const items: Node[] = [];
  for (const child of taskList.content ?? []) {
    if (child.type === 'taskItem') {
      const box = attribute(child, 'state') === 'DONE' ? '[x] ' : '[ ] ';
      items.push({ type: 'listItem', content: [paragraph([text(box), ...(child.content ?? [])])] });
    } else {
      const last = items.pop();
      items.push({ type: 'listItem', content: [...(last?.content ?? [paragraph([])]), asBulletList(child)] });
    }
  }
  return { type: 'bulletList', content: items };
}
