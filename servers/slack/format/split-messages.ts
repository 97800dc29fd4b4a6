import {
  type Block,
  type Element,
  type Inline,
  limits,
  type RichText,
  type Section,
  type TextInline,
} from './blocks.ts';
import { inlineText, plainText } from './blocks-to-text.ts';
import { alignedTable } from './table.ts';

/**
 * Packs blocks into messages within Slack's limits. Content that does not fit continues in the next message. A block is
 * split only if it exceeds the limit by itself: between lines, otherwise between words, and never inside a grapheme. A
 * split code block becomes several code blocks. After the first table in a message, further tables become code blocks.
 */
export function toMessages(blocks: readonly Block[]): Block[][] {
  const messages: Block[][] = [];
  let current: Block[] = [];
  let length = 0;
  const close = (): void => {
    if (current.length > 0) messages.push(current);
    current = [];
    length = 0;
  };
  for (const block of blocks.flatMap((item) => cutToFit(item))) {
    const size = sizeOf(block);
    if (current.length > 0 && (length + size > limits.message || current.length >= limits.blocks)) close();
    const second = block.type === 'table' && current.some((item) => item.type === 'table');
    const placed = second ? tableAsCode(block) : [block];
    for (const piece of placed) {
      if (current.length > 0 && length + sizeOf(piece) > limits.message) close();
      current.push(piece);
      length += sizeOf(piece);
    }
  }
  close();
  return messages;
}

const sizeOf = (block: Block): number => plainText([block]).length + 1;

function cutToFit(block: Block): Block[] {
  if (block.type !== 'rich_text' || sizeOf(block) <= limits.message) return [block];
  const output: RichText[] = [];
  let elements: Element[] = [];
  let length = 0;
  const grown: GrownLists = new WeakMap();
  for (const element of block.elements.flatMap(cutElement)) {
    const size = plainText([{ type: 'rich_text', elements: [element] }]).length + 1;
    if (elements.length > 0 && length + size > limits.message) {
      output.push({ type: 'rich_text', elements });
      elements = [];
      length = 0;
    }
    addElement(elements, element, grown);
    length += size;
  }
  return [...output, { type: 'rich_text', elements }];
}

/** The items of a merged list, so that more can be appended without copying. */
type GrownLists = WeakMap<Element, Section[]>;

/** Items of one list that end up in the same message become one list again. */
function addElement(elements: Element[], element: Element, grown: GrownLists): void {
  const last = elements.at(-1);
  const joins =
    last?.type === 'rich_text_list' &&
    element.type === 'rich_text_list' &&
    last.style === element.style &&
    last.indent === element.indent &&
    (element.offset ?? 0) === (element.style === 'ordered' ? (last.offset ?? 0) + last.elements.length : 0);
  if (!joins) elements.push(element);
  else {
    const items = grown.get(last) ?? [...last.elements];
    items.push(...element.elements);
    if (grown.has(last)) return;
    const list = { ...last, elements: items };
    elements[elements.length - 1] = list;
    grown.set(list, items);
  }
}

/** Half of a message, so that two pieces share one and a piece always fits. */
const longestElement = limits.message / 2;

function cutElement(element: Element): Element[] {
  switch (element.type) {
    case 'rich_text_preformatted':
      return cutText(element.elements[0].text, longestElement).map((text) => ({
        type: 'rich_text_preformatted',
        // The end of the block already shows the line break at the cut.
        elements: [{ type: 'text', text: text.replace(/\n$/, '') || ' ' }],
      }));
    case 'rich_text_section':
    case 'rich_text_quote':
      return groupInlines(element.elements).map((elements) => ({ ...element, elements }));
    case 'rich_text_list': {
      let before = element.offset ?? 0;
      return element.elements.flatMap((item) => {
        const offset = before;
        before += 1;
        return groupInlines(item.elements).map((elements, index): Element => {
          const part: Section = { type: 'rich_text_section', elements };
          if (index > 0) return part;
          return { ...element, ...(element.style === 'ordered' && offset > 0 && { offset }), elements: [part] };
        });
      });
    }
  }
}

function groupInlines(inlines: readonly Inline[]): Inline[][] {
  const groups: Inline[][] = [];
  let length = 0;
  for (const inline of inlines.flatMap(cutInline)) {
    const size = inlineText([inline]).length;
    const last = groups.at(-1);
    if (last === undefined || length + size > longestElement) {
      groups.push([inline]);
      length = size;
    } else {
      last.push(inline);
      length += size;
    }
  }
  return groups;
}

function cutInline(inline: Inline): Inline[] {
  if (inline.type === 'text')
    return cutText(inline.text, longestElement).map((text): TextInline => ({ ...inline, text }));
  if (inline.type !== 'link' || inline.text === undefined || inlineText([inline]).length <= longestElement)
    return [inline];
  // For a link with a very long text: the plain text, then the address.
  const texts = cutText(inline.text, longestElement).map((text): Inline => ({ type: 'text', text }));
  return [...texts, { type: 'text', text: ' ' }, { type: 'link', url: inline.url }];
}

/** Splits the text into pieces of at most `longest` UTF-16 units. */
export function cutText(text: string, longest: number): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > longest) {
    const window = rest.slice(0, longest);
    const line = window.lastIndexOf('\n') + 1;
    const word = window.lastIndexOf(' ') + 1;
    const at = line > longest / 2 ? line : word > longest / 2 ? word : graphemeBoundary(rest, longest);
    pieces.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  if (rest !== '' || pieces.length === 0) pieces.push(rest);
  return pieces;
}

let segmenter: Intl.Segmenter | undefined;

/** The last boundary at or before `limit`. A grapheme longer than the limit is split between characters. */
function graphemeBoundary(text: string, limit: number): number {
  const start = Math.max(0, limit - 200);
  const aligned = isLowSurrogate(text, start) ? start + 1 : start;
  let at = aligned;
  // Made when first needed: loading its rules would delay every start by a millisecond.
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  for (const { index, segment } of segmenter.segment(text.slice(aligned, limit + 200))) {
    if (aligned + index + segment.length > limit) break;
    at = aligned + index + segment.length;
  }
  if (at > aligned) return at;
  return isLowSurrogate(text, limit) ? limit - 1 : limit;
}

function isLowSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function tableAsCode(block: Block): Block[] {
  if (block.type !== 'table') return [block];
  const text = alignedTable(block.rows.map((row) => row.map((cell) => plainText([cell]).trim())));
  return cutToFit(text);
}
