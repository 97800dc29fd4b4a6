import type { Block, Element, Inline } from './blocks.ts';
import { splitEdges } from '../../kit/markdown/edges.ts';
import { emojiSymbol } from './emoji.ts';

type Names = ReadonlyMap<string, string>;

/** Converts blocks back to Markdown for the approval card, which shows what will be sent rather than what was requested. */
export function toMarkdown(blocks: readonly Block[], names: Names = new Map()): string {
  const others = secondLists(blocks);
  return blocks.map((block) => blockMarkdown(block, names, others)).join('\n\n');
}

/** Alternates list markers, because adjacent lists with the same marker would merge. */
function secondLists(blocks: readonly Block[]): ReadonlySet<Element> {
  const others = new Set<Element>();
  let last: Element | undefined;
  for (const block of blocks)
    for (const element of block.type === 'rich_text' ? block.elements : [undefined]) {
      const isSecond =
        last?.type === 'rich_text_list' &&
        element?.type === 'rich_text_list' &&
        last.style === element.style &&
        last.indent === element.indent &&
        !others.has(last);
      if (isSecond) others.add(element);
      last = element;
    }
  return others;
}

function blockMarkdown(block: Block, names: Names, others: ReadonlySet<Element>): string {
  switch (block.type) {
    case 'header':
      return `## ${escapeText(block.text.text)}`;
    case 'divider':
      return '---';
    case 'rich_text':
      return block.elements.map((element) => elementMarkdown(element, names, others.has(element))).join('\n');
    case 'table': {
      const rows = block.rows.map(
        (row) =>
          `| ${row
            .map((cell) =>
              cell.elements
                .map((element) => elementMarkdown(element, names))
                .join(' ')
                .replace(/[|\n]/g, tableEscape),
            )
            .join(' | ')} |`,
      );
      const marks = { left: '---', center: ':-:', right: '--:' } as const;
      const rule = `| ${block.column_settings.map(({ align }) => marks[align]).join(' | ')} |`;
      return [rows[0], rule, ...rows.slice(1)].join('\n');
    }
  }
}

const tableEscape = (character: string): string => (character === '|' ? '\\|' : ' ');

/** @param isOther whether the list uses the alternative marker. */
function elementMarkdown(element: Element, names: Names, isOther = false): string {
  switch (element.type) {
    case 'rich_text_section':
      return inlinesMarkdown(element.elements, names);
    case 'rich_text_quote':
      return inlinesMarkdown(element.elements, names).replace(/^/gm, '> ');
    case 'rich_text_preformatted': {
      const text = element.elements[0].text;
      const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
      return `${fence}\n${text}\n${fence}`;
    }
    case 'rich_text_list':
      return element.elements
        .map((item, index) => {
          const number = `${(element.offset ?? 0) + index + 1}${isOther ? ')' : '.'}`;
          const mark = element.style === 'ordered' ? number : isOther ? '*' : '-';
          return `${'   '.repeat(element.indent)}${mark} ${inlinesMarkdown(item.elements, names)}`;
        })
        .join('\n');
  }
}

function inlinesMarkdown(inlines: readonly Inline[], names: Names): string {
  return inlines.map((inline) => inlineMarkdown(inline, names)).join('');
}

function inlineMarkdown(inline: Inline, names: Names): string {
  switch (inline.type) {
    case 'text':
      return styled(inline.text, inline.style);
    case 'link':
      return inline.text === undefined ? `<${inline.url}>` : `[${escapeText(inline.text)}](<${inline.url}>)`;
    case 'emoji':
      return escapeText(emojiSymbol(inline));
    case 'user':
      return `**@${escapeText(names.get(inline.user_id) ?? inline.user_id)}**`;
    case 'usergroup':
      return `**@${inline.usergroup_id}**`;
    case 'broadcast':
      return `**@${inline.range}**`;
  }
}

function styled(text: string, style: Extract<Inline, { type: 'text' }>['style']): string {
  if (style?.code === true) {
    const fence = '`'.repeat(longestRun(text) + 1);
    const padding = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
    return `${fence}${padding}${text}${padding}${fence}`;
  }
  const inner = escapeText(text);
  const { before, words: core, after } = splitEdges(inner);
  if (core === '') return inner;
  const marks = `${style?.strike === true ? '~~' : ''}${style?.bold === true ? '**' : ''}${style?.italic === true ? '*' : ''}`;
  const closing = `${style?.italic === true ? '*' : ''}${style?.bold === true ? '**' : ''}${style?.strike === true ? '~~' : ''}`;
  return `${before}${marks}${core}${closing}${after}`;
}

function escapeText(text: string): string {
  return text
    .replace(/[\\`*_[\]<>~]|&(?=#?\w{1,32};)/g, String.raw`\$&`)
    .replace(/^([^\S\n\r]*)([-+#])(?=\s)/gm, String.raw`$1\$2`)
    .replace(/^([^\S\n\r]*\d{1,9})([.)])(?=\s)/gm, String.raw`$1\$2`);
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
