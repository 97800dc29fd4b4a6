import type { Block, Element, Inline, RichText, Style, TextInline } from '../../../../servers/slack/format/blocks.ts';
import { toBlocks } from '../../../../servers/slack/format/markdown-to-blocks.ts';
import { showInvisible } from '../../../agent/untrusted-text.ts';

/** Flags a figure without evidence. */
const flag: Style = { bold: true, code: true };

/**
 * A text as the card shows it: formatted as in Slack, but with the address of every link to read instead of a link, no
 * live mention, nothing invisible, and each figure without evidence flagged.
 */
export function shownText(markdown: string, flagged: readonly string[]): readonly Block[] {
  const blocks = toBlocks(showInvisible(markdown));
  const tables = blocks.filter(({ type }) => type === 'table');
  // Slack takes one table a message.
  const usable = tables.length > 1 ? [literal(showInvisible(markdown))] : blocks;
  return usable.map((block): Block => {
    if (block.type === 'rich_text') return richText(block, flagged);
    if (block.type === 'table')
      return { ...block, rows: block.rows.map((row) => row.map((cell) => richText(cell, flagged))) };
    // A heading cannot be flagged in parts.
    if (block.type === 'header')
      return section(inlinesOf({ type: 'text', text: block.text.text, style: { bold: true } }, flagged));
    return block;
  });
}

/** A text on its own, not formatted. */
export function flaggedText(text: string, flagged: readonly string[]): readonly Inline[] {
  return withFlags({ type: 'text', text: showInvisible(text) }, flagged);
}

export function section(elements: readonly Inline[]): RichText {
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [...elements] }] };
}

function literal(text: string): RichText {
  return { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }] };
}

function richText({ elements }: RichText, flagged: readonly string[]): RichText {
  return { type: 'rich_text', elements: elements.map((element) => flaggedElement(element, flagged)) };
}

function flaggedElement(element: Element, flagged: readonly string[]): Element {
  const all = (inlines: readonly Inline[]): readonly Inline[] =>
    inlines.flatMap((inline) => inlinesOf(inline, flagged));
  switch (element.type) {
    case 'rich_text_section':
    case 'rich_text_quote':
      return { ...element, elements: all(element.elements) };
    case 'rich_text_list':
      return { ...element, elements: element.elements.map((item) => ({ ...item, elements: all(item.elements) })) };
    // Code has no styles: its figures are in the list of warnings alone.
    case 'rich_text_preformatted':
      return element;
  }
}

function inlinesOf(inline: Inline, flagged: readonly string[]): readonly TextInline[] {
  switch (inline.type) {
    case 'text':
      return withFlags(inline, flagged);
    case 'link': {
      const { url, text = url, style } = inline;
      const address = text === url ? [] : [{ type: 'text' as const, text: ` (${url})` }];
      return [...withFlags({ type: 'text', text, ...(style !== undefined && { style }) }, flagged), ...address];
    }
    case 'emoji':
      return [{ type: 'text', text: `:${inline.name}:` }];
    case 'user':
      return [{ type: 'text', text: `@${inline.user_id}` }];
    case 'usergroup':
      return [{ type: 'text', text: `@${inline.usergroup_id}` }];
    case 'broadcast':
      return [{ type: 'text', text: `@${inline.range}` }];
  }
}

/** Splits a text at its flagged figures. A figure inside a longer one is no figure: `7` in `37`. */
function withFlags(inline: TextInline, flagged: readonly string[]): readonly TextInline[] {
  const parts: TextInline[] = [];
  const add = (text: string, style: Style | undefined): void => {
    if (text !== '') parts.push({ type: 'text', text, ...(style !== undefined && { style }) });
  };
  let from = 0;
  for (const { index, text } of placesOf(inline.text, flagged)) {
    if (index < from) continue;
    add(inline.text.slice(from, index), inline.style);
    add(`⚠ ${text}`, { ...inline.style, ...flag });
    from = index + text.length;
  }
  add(inline.text.slice(from), inline.style);
  return parts;
}

function placesOf(text: string, flagged: readonly string[]): readonly { index: number; text: string }[] {
  return flagged
    .flatMap((figure) => {
      const places: { index: number; text: string }[] = [];
      if (figure === '') return places;
      for (let at = text.indexOf(figure); at !== -1; at = text.indexOf(figure, at + figure.length))
        if (!isInside(text, at, figure.length)) places.push({ index: at, text: figure });
      return places;
    })
    .toSorted((left, right) => left.index - right.index || right.text.length - left.text.length);
}

const wordPart = /[\p{L}\p{N}_]/u;

function isInside(text: string, at: number, length: number): boolean {
  const [before = '', first = '', last = '', after = ''] = [
    text[at - 1],
    text[at],
    text[at + length - 1],
    text[at + length],
  ];
  const isPart = (wordPart.test(first) && wordPart.test(before)) || (wordPart.test(last) && wordPart.test(after));
  return isPart || /\d[.,]$/u.test(text.slice(0, at)) || /^[.,]\d/u.test(text.slice(at + length));
}
