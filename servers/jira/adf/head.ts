import { attribute, codeBlock, paragraph, text, type Node } from './document.ts';

interface Room {
  readonly room: number;
  readonly measure: (content: readonly Node[]) => number;
  /** Of the file that has the whole. */
  readonly name: string;
}

/** As many blocks from the beginning as there is room for, and where to find the rest. */
export function headOf(blocks: readonly Node[], { room, measure, name }: Room): Node[] {
  const note = paragraph([text(`… The whole text is attached: ${name}`, [{ type: 'em' }])]);
  const head: Node[] = [];
  let left = room - measure([note]) - 8;
  for (const block of blocks) {
    const size = measure([block]) + 2;
    if (size <= left) {
      head.push(block);
      left -= size;
      continue;
    }
    const part = beginning(block, left, measure);
    if (part !== undefined) head.push(part);
    break;
  }
  return [...head, note];
}

/** As much of one block as fits; undefined for nothing that is worth to be shown. */
function beginning(block: Node, room: number, measure: Room['measure']): Node | undefined {
  const content = block.content ?? [];
  if (block.type === 'codeBlock') {
    const lines = content
      .map(({ text: line }) => line ?? '')
      .join('')
      .slice(0, Math.max(0, room))
      .split('\n')
      .slice(0, -1);
    return shrink(
      lines.length,
      (count) => codeBlock(lines.slice(0, count).join('\n'), attribute(block, 'language')),
      room,
      measure,
    );
  }
  if (block.type === 'paragraph' || block.type === 'heading') {
    const [first] = content;
    if (first?.type !== 'text' || first.text === undefined) return undefined;
    const words = first.text.slice(0, Math.max(0, room)).toWellFormed().split(' ').slice(0, -1);
    return shrink(
      words.length,
      (count) => ({ ...block, content: [{ ...first, text: words.slice(0, count).join(' ') }] }),
      room,
      measure,
    );
  }
  return shrink(content.length - 1, (count) => ({ ...block, content: content.slice(0, count) }), room, measure);
}

/** The largest count that fits. */
function shrink(most: number, make: (count: number) => Node, room: number, measure: Room['measure']): Node | undefined {
  let [low, high] = [0, Math.max(0, most)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (measure([make(middle)]) + 2 <= room) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? undefined : make(low);
}
