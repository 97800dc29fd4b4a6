import type { Token } from 'markdown-it';
import { cleanText } from '../../kit/outgoing-text.ts';
import { createParser } from '../../kit/markdown/parser.ts';
import { escapeBars, hasSpareCells } from '../../kit/markdown/table-bars.ts';
import { titleAlert } from './alerts.ts';
import { type Block, type Element, type Inline, limits, type RichText, type Section } from './blocks.ts';
import { attribute, mergeText, toInlines } from './inline.ts';
import { inlineText } from './blocks-to-text.ts';
import { tableBlocks, type TableRow } from './table.ts';

/** markdown-it silently drops content nested deeper than its limit (100). Well before that, we treat it as text. */
const deepest = 60;

const parser = createParser({ furtherMarks: false, maxNesting: 100 });

/** Paragraphs are merged up to this size, so that a long text is split between paragraphs. */
const longestParagraphs = 1_500;

/**
 * Markdown (CommonMark and GitHub tables) as Slack blocks, one for each top-level block of the text. All visible
 * content is kept. Nesting that Slack cannot display is flattened.
 * @param comments collects HTML comments, which are invisible to readers.
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

/** Consecutive paragraphs share a block, as in a message typed by a person, because the number of blocks is limited. */
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

/** The literal text, unparsed. */
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

  /** The source lines of a token. */
  sourceOf({ map }: Token): readonly string[] {
    return map === null ? [] : this.#lines.slice(...map);
  }

  get done(): boolean {
    return this.#index >= this.#tokens.length;
  }

  next(): Token | undefined {
    return this.#tokens[this.#index++];
  }

  /** The tokens up to the one that closes the block just opened. */
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

/** A `header` holds only plain text, and whether Slack parses `<...>` in it is undocumented. Such a heading becomes bold text. */
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

/** The elements of a block inside a rich_text block. `indent` counts the enclosing lists. */
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
      // Slack shows no language. Other info, such as a file name and lines, is meant for readers.
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

/** Collapsible sections are shown expanded under their title. */
function details(opened: Token, inside: Walk, indent: number): Element[] {
  const elements: Element[] = [section([boldText(opened.info || 'Details')])];
  while (!inside.done) {
    const token = inside.next();
    if (token !== undefined) elements.push(...blockElements(token, inside, indent));
  }
  return elements;
}

/** Slack's lists hold only text. Another block inside an item ends the list, which continues after it. */
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

/** A quote holds only text, so nested blocks become lines: "• item", "> quoted", code in code style. */
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

/** Shows the source as code when a row has more cells than the header, because the parser drops those. */
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

/** Slack rejects an empty text element. */
function preformatted(text: string): Element {
  return { type: 'rich_text_preformatted', elements: [{ type: 'text', text: text === '' ? ' ' : text }] };
}
