import type { Token } from 'markdown-it';
import { cleanText } from '../../kit/outgoing-text.ts';
import { escapeBars, hasSpareCells } from '../../kit/markdown/table-bars.ts';
import { codeBlock, paragraph, text, type AdfDocument, type Kept, type Mentions, type Node } from './document.ts';
import { fitBlocks } from './fit.ts';
import { asInlineMedia, withBlockMedia } from './media.ts';
import { inlineNodes } from './inline.ts';
import { parseMarkdown } from './parser.ts';

export interface Reading {
  /** Whom `[~accountid:ID]` may notify. For any other id it stays text. */
  readonly mentions?: Mentions;
  /** Nodes of an earlier document that may be reused. */
  readonly kept?: Kept;
  /** Collects HTML comments, which are invisible to readers. */
  readonly comments?: string[];
}

/**
 * Markdown (CommonMark, tables, ~~strike~~, task lists, GitHub alerts as panels, some HTML) as a valid ADF document.
 * All text and line breaks are kept.
 */
export function markdownToAdf(markdown: string, { mentions = new Map(), kept, comments }: Reading = {}): AdfDocument {
  const source = cleanText(markdown);
  const tokens = parseMarkdown(escapeBars(source), mentions, comments);
  if (tokens === undefined) return asDocument(literalBlocks(source));
  const reader = new BlockReader(tokens, source.split('\n'), kept);
  return asDocument(fitBlocks(reader.readUntil(undefined)));
}

function asDocument(content: Node[]): AdfDocument {
  return { type: 'doc', version: 1, content };
}

function literalBlocks(source: string): Node[] {
  return source
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => paragraph([text(line)]));
}

const alerts: ReadonlyMap<string, string> = new Map([
  ['NOTE', 'info'],
  ['TIP', 'success'],
  ['IMPORTANT', 'note'],
  ['WARNING', 'warning'],
  ['CAUTION', 'error'],
]);

/** Builds a tree from the flat list of block tokens. */
class BlockReader {
  readonly #tokens: readonly Token[];
  readonly #lines: readonly string[];
  readonly #kept: Kept | undefined;
  #position = 0;
  #tasks = 0;

  constructor(tokens: readonly Token[], lines: readonly string[], kept: Kept | undefined) {
    this.#tokens = tokens;
    this.#lines = lines;
    this.#kept = kept;
  }

  /** All blocks up to and including a closing token; undefined reads to the end. */
  readUntil(close: string | undefined): Node[] {
    const blocks: Node[] = [];
    for (let token = this.#take(); token !== undefined && token.type !== close; token = this.#take()) {
      if (token.type === 'paragraph_open') blocks.push(...withBlockMedia(this.#inlineUntil('paragraph_close')));
      const block = this.#block(token);
      if (block !== undefined) blocks.push(block);
    }
    return blocks;
  }

  #take(): Token | undefined {
    const token = this.#tokens[this.#position];
    this.#position += 1;
    return token;
  }

  #block(token: Token): Node | undefined {
    switch (token.type) {
      case 'heading_open':
        return {
          type: 'heading',
          attrs: { level: Number(token.tag.slice(1)) },
          content: this.#inlineUntil('heading_close').map(asInlineMedia),
        };
      case 'fence':
      case 'code_block':
        return codeBlock(token.content.replace(/\n$/, ''), token.info.trim());
      case 'hr':
        return { type: 'rule' };
      case 'blockquote_open':
        return this.#quote();
      case 'bullet_list_open':
        return this.#list({ type: 'bulletList' }, 'bullet_list_close');
      case 'ordered_list_open': {
        const order = Number(token.attrGet('start') ?? 1);
        return this.#list({ type: 'orderedList', ...(order !== 1 && { attrs: { order } }) }, 'ordered_list_close');
      }
      case 'table_open':
        return this.#table(token);
      case 'details_open': {
        const content = this.readUntil('details_close');
        return { type: 'expand', attrs: { title: token.info }, content };
      }
      default:
        return undefined;
    }
  }

  #inlineUntil(close: string): Node[] {
    let nodes: Node[] = [];
    for (let token = this.#take(); token !== undefined && token.type !== close; token = this.#take())
      if (token.type === 'inline') nodes = inlineNodes(token.children ?? [], this.#kept);
    return nodes;
  }

  /** `> [!WARNING]` on its own line turns the quote into a panel. */
  #quote(): Node {
    // Checks the source, not the text, because an escaped bracket does not count.
    const source = this.#tokens[this.#position + 1];
    const name = source?.type === 'inline' ? /^\[!([A-Z]+)\][ \t]*(?:\n|$)/.exec(source.content)?.[1] : undefined;
    const panelType = name === undefined ? undefined : alerts.get(name);
    const blocks = this.readUntil('blockquote_close');
    const [first, ...rest] = blocks;
    if (panelType === undefined || first?.type !== 'paragraph')
      return { type: 'blockquote', content: blocks.length === 0 ? [paragraph([])] : blocks };
    const line = (first.content ?? []).slice(2);
    return { type: 'panel', attrs: { panelType }, content: line.length === 0 ? rest : [paragraph(line), ...rest] };
  }

  #list(list: Node, close: string): Node {
    const items: Node[] = [];
    for (let token = this.#take(); token !== undefined && token.type !== close; token = this.#take())
      if (token.type === 'list_item_open') items.push({ type: 'listItem', content: this.readUntil('list_item_close') });
    return (list.type === 'bulletList' ? this.#taskList(items) : undefined) ?? { ...list, content: items };
  }

  /** Only if every item is a task with one paragraph and at most nested task lists. Otherwise the boxes stay text. */
  #taskList(items: readonly Node[]): Node | undefined {
    const content: Node[] = [];
    for (const { content: blocks = [] } of items) {
      const [first, ...rest] = blocks;
      const task = first?.type === 'paragraph' ? readTask(first.content ?? []) : undefined;
      if (task === undefined || rest.some(({ type }) => type !== 'taskList')) return undefined;
      this.#tasks += 1;
      const attrs = { localId: `task-${this.#tasks}`, state: task.isDone ? 'DONE' : 'TODO' };
      content.push({ type: 'taskItem', attrs, content: task.content }, ...rest);
    }
    this.#tasks += 1;
    return { type: 'taskList', attrs: { localId: `tasks-${this.#tasks}` }, content };
  }

  #table(open: Token): Node {
    const rows: Node[] = [];
    let cells: Node[] = [];
    for (let token = this.#take(); token !== undefined && token.type !== 'table_close'; token = this.#take()) {
      if (token.type === 'tr_open') cells = [];
      else if (token.type === 'tr_close') rows.push({ type: 'tableRow', content: cells });
      else if (token.type === 'th_open' || token.type === 'td_open') {
        const isHeader = token.type === 'th_open';
        const blocks = withBlockMedia(this.#inlineUntil(isHeader ? 'th_close' : 'td_close'));
        const content = blocks.length === 0 ? [paragraph([])] : blocks;
        cells.push({ type: isHeader ? 'tableHeader' : 'tableCell', content });
      }
    }
    const [from, to] = open.map ?? [0, 0];
    const lines = this.#lines.slice(from, to);
    // The parser drops cells beyond the header's width, so such a table is shown as source.
    const width = rows[0]?.content?.length ?? 0;
    return hasSpareCells(lines, width) ? codeBlock(lines.join('\n')) : { type: 'table', content: rows };
  }
}

function readTask(nodes: readonly Node[]): { isDone: boolean; content: Node[] } | undefined {
  const [first, ...rest] = nodes;
  const match =
    first?.type === 'text' && first.marks === undefined ? /^\[([ xX])\](?: |$)/.exec(first.text ?? '') : null;
  if (match === null) return undefined;
  const left = (first?.text ?? '').slice(match[0].length);
  return { isDone: match[1] !== ' ', content: left === '' ? rest : [text(left), ...rest] };
}
