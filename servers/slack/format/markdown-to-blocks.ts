import type { Token } from 'markdown-it';
import { cleanText } from '../../kit/outgoing-text.ts';
import { createParser } from '../../kit/markdown/parser.ts';
import { escapeBars, hasSpareCells } from '../../kit/markdown/table-bars.ts';
import { titleAlert } from './alerts.ts';
import { type Block, type Element, type Inline, limits, type RichText, type Section } from './blocks.ts';
import { attribute, mergeText, toInlines } from './inline.ts';
import { inlineText } from './blocks-to-text.ts';
import { tableBlocks, type TableRow } from './table.ts';

/** markdown-it drops what is nested deeper than its limit (100) without a word; well before that we take it as text. */
const deepest = 60;

const parser = createParser({ furtherMarks: false, maxNesting: 100 });

/** Paragraphs are put together up to here, so that a long text is cut between paragraphs. */
const longestParagraphs = 1_500;

/**
 * Markdown (CommonMark and GitHub tables) as Slack blocks, one for each top-level block of the text. Everything that a
 * reader of the Markdown would see is there; what Slack cannot draw nested is drawn flat.
 * @param comments takes the HTML comments, which nobody would see.
 */
export function toBlocks(text: string, comments: string[] = []): Block[] {
  const markdown = cleanText(text);
  const tokens = parser.parse(escapeBars(markdown), { comments });
  if (tokens.some((token) => token.level > deepest)) return [literal(markdown)];
  const walk = new Walk(tokens, markdown.split('\n'));
  const blocks: Block[] = [];
  while (!walk.done) for (const block of topLevel(walk)) append(block, blocks);
  return blocks;
}

/** Paragraphs in a row share a block, as when a person writes them: a message has only so many blocks. */
function append(block: Block, blocks: Block[]): void {
  const last = blocks.at(-1);
  const before = last === undefined ? undefined : paragraphOf(last);
  const added = paragraphOf(block);
  if (before === undefined || added === undefined || inlineText(before).length > longestParagraphs) blocks.push(block);
  else blocks[blocks.length - 1] = richText([section(joinInlines([before, added], '\n\n'))]);
}

function paragraphOf(block: Block): readonly Inline[] | undefined {
  const [only, ...rest] = block.type === 'rich_text' ? block.elements : [];
  return only?.type === 'rich_text_section' && rest.length === 0 ? only.elements : undefined;
}

/** The text as it is, nothing read into it. */
function literal(text: string): RichText {
  return richText([section([{ type: 'text', text }])]);
}

/** A position in the flat list of tokens. */
class Walk {
  readonly #tokens: readonly Token[];
  readonly #lines: readonly string[];
  #index = 0;

  constructor(tokens: readonly Token[], lines: readonly string[]) {
    this.#tokens = tokens;
    this.#lines = lines;
  }

  /** The lines of the text that a token was made of. */
  sourceOf({ map }: Token): readonly string[] {
    return map === null ? [] : this.#lines.slice(...map);
  }

  get done(): boolean {
    return this.#index >= this.#tokens.length;
  }

  next(): Token | undefined {
    return this.#tokens[this.#index++];
  }

  /** The tokens up to the one that closes what was just opened. */
  inside(opened: Token): Walk {
    const start = this.#index;
    const close = opened.type.replace('_open', '_close');
    while (!this.done) {
      const token = this.next();
      if (token?.type === close && token.level === opened.level) break;
    }
    return new Walk(this.#tokens.slice(start, this.#index - 1), this.#lines);
  }
}

function topLevel(walk: Walk): Block[] {
  const token = walk.next();
  if (token === undefined) return [];
  switch (token.type) {
    case 'heading_open':
      return heading(token, inlinesOf(walk.inside(token)));
    case 'hr':
      return [{ type: 'divider' }];
    case 'table_open': {
      const table = readTable(token, walk);
      return Array.isArray(table) ? tableBlocks(table) : [richText([table])];
    }
    case 'details_open': {
      const inside = walk.inside(token);
      const blocks: Block[] = [richText([section([boldText(token.info || 'Details')])])];
      while (!inside.done) blocks.push(...topLevel(inside));
      return blocks;
    }
    default: {
      const elements = blockElements(token, walk, 0);
      return elements.length === 0 ? [] : [richText(elements)];
    }
  }
}

/** A `header` holds plain text only, and whether it reads markup in `<...>` is not documented: then it is bold text. */
function heading(token: Token, inlines: Inline[]): Block[] {
  if (inlines.length === 0) return [];
  const text = inlines.map((inline) => (inline.type === 'text' ? inline.text : '')).join('');
  const plain = inlines.every((inline) => inline.type === 'text' && inline.style === undefined);
  const large = token.tag === 'h1' || token.tag === 'h2';
  if (large && plain && text.length <= limits.header && text.trim() !== '' && !/[<>&:\n]/.test(text))
    return [{ type: 'header', text: { type: 'plain_text', text } }];
  const bold = inlines.map((inline): Inline =>
    inline.type === 'text' || inline.type === 'link' ? { ...inline, style: { ...inline.style, bold: true } } : inline,
  );
  return [richText([section(bold)])];
}

/** What a block becomes inside one rich_text block. `indent` counts the lists around it. */
function blockElements(token: Token, walk: Walk, indent: number): Element[] {
  switch (token.type) {
    case 'paragraph_open':
    case 'heading_open': {
      const inlines = inlinesOf(walk.inside(token));
      return inlines.length === 0 ? [] : [section(inlines)];
    }
    case 'fence':
    case 'code_block': {
      const info = token.info.trim();
      const code = preformatted(token.content.replace(/\n$/, ''));
      // Slack draws no language; whatever else stands there, such as a file and its lines, is meant to be read.
      return /^[a-z][\w+#-]*$|^$/i.test(info) ? [code] : [section([{ type: 'text', text: info }]), code];
    }
    case 'blockquote_open': {
      const inlines = titleAlert(flatten(walk.inside(token)), walk.sourceOf(token)[0] ?? '');
      return inlines.length === 0 ? [] : [{ type: 'rich_text_quote', elements: inlines }];
    }
    case 'bullet_list_open':
    case 'ordered_list_open':
      return listElements(token, walk.inside(token), indent);
    case 'details_open':
      return details(token, walk.inside(token), indent);
    case 'table_open': {
      const table = readTable(token, walk);
      return Array.isArray(table) ? table.map((row) => section(joinInlines(row.cells, ' | '))) : [table];
    }
    case 'hr':
      return [section([{ type: 'text', text: '———' }])];
    case 'inline':
      return [section(toInlines(token.children))];
    default:
      return [];
  }
}

/** What can be opened and closed elsewhere stands open, under its title. */
function details(opened: Token, inside: Walk, indent: number): Element[] {
  const elements: Element[] = [section([boldText(opened.info || 'Details')])];
  while (!inside.done) {
    const token = inside.next();
    if (token !== undefined) elements.push(...blockElements(token, inside, indent));
  }
  return elements;
}

/** Slack's lists hold text only: another block in an item ends the list, which goes on after it. */
function listElements(opened: Token, items: Walk, indent: number): Element[] {
  const style = opened.type === 'ordered_list_open' ? 'ordered' : 'bullet';
  const first = Number(opened.attrGet('start') ?? 1);
  const output: Element[] = [];
  let open: Section[] | undefined;
  let number = 0;
  while (!items.done) {
    const item = items.next();
    if (item?.type !== 'list_item_open') continue;
    const inner = items.inside(item);
    const parts: Element[] = [];
    while (!inner.done) {
      const token = inner.next();
      if (token !== undefined) parts.push(...blockElements(token, inner, indent + 1));
    }
    const texts = takeWhile(parts, (part) => part.type === 'rich_text_section');
    const lead = joinInlines(
      texts.map((part) => part.elements),
      '\n',
    );
    const entry = section(lead.length === 0 ? [{ type: 'text', text: ' ' }] : lead);
    if (open === undefined) {
      const offset = style === 'ordered' ? Math.max(0, first - 1 + number) : 0;
      open = [];
      output.push({
        type: 'rich_text_list',
        style,
        indent: Math.min(indent, limits.indent),
        ...(offset > 0 && { offset }),
        elements: open,
      });
    }
    open.push(entry);
    const others = parts.slice(texts.length);
    if (others.length > 0) open = undefined;
    output.push(...others);
    number += 1;
  }
  return output;
}

function takeWhile(parts: readonly Element[], test: (part: Element) => part is Section): Section[] {
  const output: Section[] = [];
  for (const part of parts) {
    if (!test(part)) break;
    output.push(part);
  }
  return output;
}

/** A quote holds text only, so that what is nested in it becomes lines: "• item", "> quoted", code in code style. */
function flatten(walk: Walk): Inline[] {
  const lines: Inline[][] = [];
  while (!walk.done) {
    const token = walk.next();
    if (token === undefined) break;
    for (const element of blockElements(token, walk, 0)) lines.push(...flatLines(element));
  }
  return joinInlines(lines, '\n');
}

function flatLines(element: Element): Inline[][] {
  switch (element.type) {
    case 'rich_text_section':
      return [[...element.elements]];
    case 'rich_text_quote':
      return [[{ type: 'text', text: '> ' }, ...element.elements]];
    case 'rich_text_preformatted':
      return [element.elements.map((inline): Inline => ({ ...inline, style: { code: true } }))];
    case 'rich_text_list':
      return element.elements.map((item, index) => {
        const mark = element.style === 'ordered' ? `${(element.offset ?? 0) + index + 1}.` : '•';
        return [{ type: 'text', text: `${'  '.repeat(element.indent)}${mark} ` }, ...item.elements];
      });
  }
}

/** The source as code where a row has more cells than the head: the parser has dropped those. */
function readTable(opened: Token, around: Walk): TableRow[] | Element {
  const rows: TableRow[] = [];
  const walk = around.inside(opened);
  while (!walk.done) {
    const token = walk.next();
    const row = rows.at(-1);
    if (token?.type === 'tr_open') rows.push({ cells: [], aligns: [] });
    else if (token?.type === 'inline') row?.cells.push(toInlines(token.children));
    else if (token?.type === 'th_open' || token?.type === 'td_open') {
      const align = /text-align:(center|right)/.exec(attribute(token, 'style'))?.[1];
      row?.aligns.push(align === 'center' || align === 'right' ? align : 'left');
    }
  }
  const source = around.sourceOf(opened);
  return hasSpareCells(source, rows[0]?.cells.length ?? 0) ? preformatted(source.join('\n').trim()) : rows;
}

function inlinesOf(walk: Walk): Inline[] {
  const output: Inline[] = [];
  while (!walk.done) output.push(...toInlines(walk.next()?.children ?? null));
  return output;
}

function joinInlines(groups: readonly (readonly Inline[])[], separator: string): Inline[] {
  return mergeText(
    groups.flatMap((group, index): Inline[] =>
      index === 0 ? [...group] : [{ type: 'text', text: separator }, ...group],
    ),
  );
}

const richText = (elements: readonly Element[]): RichText => ({ type: 'rich_text', elements });
const section = (elements: readonly Inline[]): Section => ({ type: 'rich_text_section', elements });

const boldText = (text: string): Inline => ({ type: 'text', text, style: { bold: true } });

/** An empty text element is refused. */
function preformatted(text: string): Element {
  return { type: 'rich_text_preformatted', elements: [{ type: 'text', text: text === '' ? ' ' : text }] };
}
