import type { Block, Element, Inline } from './blocks.ts';
import { emojiText } from './emoji.ts';

/** The visible text without markup, for notifications, screen readers and checks. */
export function plainText(blocks: readonly Block[]): string {
  return blocks.map(blockText).join('\n');
}

export function inlineText(inlines: readonly Inline[]): string {
  return inlines.map(oneInline).join('');
}

function oneInline(inline: Inline): string {
  switch (inline.type) {
    case 'text':
      return inline.text;
    case 'link':
      return inline.text === undefined ? inline.url : `${inline.text} (${inline.url})`;
    case 'emoji':
      return emojiText(inline);
    case 'user':
      return `@${inline.user_id}`;
    case 'usergroup':
      return `@${inline.usergroup_id}`;
    case 'broadcast':
      return `@${inline.range}`;
  }
}

function blockText(block: Block): string {
  switch (block.type) {
    case 'header':
      return block.text.text;
    case 'divider':
      return '———';
    case 'rich_text':
      return block.elements.map(elementText).join('\n');
    case 'table':
      return block.rows
        .map((row) => row.map((cell) => cell.elements.map(elementText).join(' ').trim()).join(' | '))
        .join('\n');
  }
}

function elementText(element: Element): string {
  if (element.type !== 'rich_text_list') return inlineText(element.elements);
  return element.elements
    .map((item, index) => {
      const mark = element.style === 'ordered' ? `${(element.offset ?? 0) + index + 1}.` : '•';
      return `${'  '.repeat(element.indent)}${mark} ${inlineText(item.elements)}`;
    })
    .join('\n');
}

/** Every URL that the blocks link to. */
export function linkedUrls(blocks: readonly Block[]): string[] {
  const urls: string[] = [];
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) collect(item);
    else if (value !== null && typeof value === 'object') {
      if ('type' in value && value.type === 'link' && 'url' in value && typeof value.url === 'string')
        urls.push(value.url);
      for (const item of Object.values(value)) collect(item);
    }
  };
  collect(blocks);
  return [...new Set(urls)];
}

/** Only these three characters are markup in mrkdwn (docs.slack.dev: formatting message text). */
export function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
