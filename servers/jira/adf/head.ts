import { paragraph, text, type Node } from './document.ts';

interface Room {
  readonly room: number;
  readonly measure: (content: readonly Node[]) => number;
  /** The name of the file with the full text. */
  readonly name: string;
}

/** As many leading blocks as fit, and a note on where to find the rest. */
export function headOf(blocks: readonly Node[], { room, measure, name }: Room): Node[] {
  const note = paragraph([text(`… The full text is attached: ${name}`, [{ type: 'em' }])]);
  const head: Node[] = [];
  let left = room - measure([note]) - 8;
  for (const block of blocks) {
    const size = measure([block]) + 2;
    if (size <= left) {
      head.push(block);
      left -= size;
      continue;
    }
    const part = beginning(block, (tried) => measure([tried]) + 2 <= left);
    if (part !== undefined) head.push(part);
    break;
  }
  return [...head, note];
}

/** As much of one block as fits; undefined if too little would remain. */
function beginning(block: Node, fits: (part: Node) => boolean): Node | undefined {
  const content = block.content ?? [];
  const withContent = (parts: readonly Node[]): Node => ({ ...block, content: parts });
  const count = largest(content.length, (tried) => fits(withContent(content.slice(0, tried))));
  const whole = content.slice(0, count);
  const next = content[count];
  const fitsAfter = (part: Node): boolean => fits(withContent([...whole, part]));
  const part =
    next === undefined || block.type === 'table'
      ? undefined
      : next.type === 'text'
        ? beginningOfText(next, block.type === 'codeBlock' ? '\n' : ' ', fitsAfter)
        : beginning(next, fitsAfter);
  if (part !== undefined) return withContent([...whole, part]);
  return count === 0 ? undefined : withContent(whole);
}

/** Cuts after the last line or word that fits, or inside a word that is longer than everything before it. */
function beginningOfText(node: Node, boundary: string, fits: (part: Node) => boolean): Node | undefined {
  const whole = node.text ?? '';
  const most = largest(whole.length, (length) => fits({ ...node, text: whole.slice(0, length) }));
  const end = whole.lastIndexOf(boundary, most);
  const cut = whole.slice(0, end > most / 2 ? end : most);
  const kept = cut.isWellFormed() ? cut : cut.slice(0, -1);
  return kept === '' ? undefined : { ...node, text: kept };
}

/** The largest number up to `most` that `fits`. Zero always fits. */
function largest(most: number, fits: (count: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
