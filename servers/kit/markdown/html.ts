import type { MarkdownIt, StateBlock, StateInline } from 'markdown-it';

/** Tags that have a Markdown equivalent, and the tokens it produces. */
const marks: Readonly<Record<string, string>> = {
  b: 'strong',
  strong: 'strong',
  i: 'em',
  em: 'em',
  s: 's',
  del: 's',
  // Where it cannot be shown, the text means the same without it.
  u: 'underline',
  ins: 'underline',
};
/** Tags without a Markdown equivalent that change the meaning of the text. */
const furtherMarks: Readonly<Record<string, string>> = { sub: 'sub', sup: 'sup' };

export interface HtmlOptions {
  /** Whether subscript and superscript can be shown. */
  readonly furtherMarks: boolean;
}

/**
 * The HTML that people use in Markdown: `<br>`, `<details>`, comments, links, images, and tags for bold, code and the
 * like. Any other tag is text. Comments are added to `env.comments` if that list exists, so that the caller can report
 * dropping them.
 */
export function readHtml(parser: MarkdownIt, options: HtmlOptions): void {
  const tags = options.furtherMarks ? { ...marks, ...furtherMarks } : marks;
  const names = Object.keys(tags).join('|');
  const open = new RegExp(`<(${names})>`, 'iy');
  parser.inline.ruler.before('autolink', 'html_break', readBreak);
  parser.inline.ruler.before('autolink', 'html_comment', readComment);
  parser.inline.ruler.before('autolink', 'html_code', readCode);
  parser.inline.ruler.before('autolink', 'html_link', readLink);
  parser.inline.ruler.before('autolink', 'html_image', readImage);
  parser.inline.ruler.before('autolink', 'html_mark', (state, silent) => readMark(state, silent, open, tags));
  const alt = ['paragraph', 'reference', 'blockquote', 'list'];
  parser.block.ruler.before('fence', 'html_comment_block', readCommentBlock, { alt });
  parser.block.ruler.before('fence', 'details', readDetails, { alt });
}

export function matchAt(pattern: RegExp, state: StateInline): RegExpExecArray | null {
  pattern.lastIndex = state.pos;
  return pattern.exec(state.src.slice(0, state.posMax));
}

function readBreak(state: StateInline, silent: boolean): boolean {
  const match = matchAt(/<br\s*\/?>[ \t]*\n?[ \t]*/iy, state);
  if (match === null) return false;
  if (!silent) state.push('hardbreak', 'br', 0);
  state.pos += match[0].length;
  return true;
}

/** `<kbd>Ctrl</kbd>` */
function readCode(state: StateInline, silent: boolean): boolean {
  const match = matchAt(/<(code|kbd|samp|tt)>([^<>\n]{1,2000})<\/\1>/iy, state);
  if (match === null) return false;
  if (!silent) state.push('code_inline', 'code', 0).content = state.md.utils.unescapeAll(match[2] ?? '');
  state.pos += match[0].length;
  return true;
}

/** `<a href="address">text</a>` */
function readLink(state: StateInline, silent: boolean): boolean {
  const match = matchAt(
    /<a\s(?:[^<>]{0,200}\s)?href=(["'])([^"'<>\s]{1,3000})\1[^<>]{0,200}>([^<>]{1,1000})<\/a>/iy,
    state,
  );
  const href = addressIn(match, state);
  if (match === null || href === undefined) return false;
  if (!silent) {
    state.push('link_open', 'a', 1).attrs = [['href', href]];
    state.push('text', '', 0).content = state.md.utils.unescapeAll(match[3] ?? '').replaceAll(/\s+/g, ' ');
    state.push('link_close', 'a', -1);
  }
  state.pos += match[0].length;
  return true;
}

/** `<img src="address" alt="text">` */
function readImage(state: StateInline, silent: boolean): boolean {
  const match = matchAt(/<img\s(?:[^<>]{0,500}\s)?src=(["'])([^"'<>\s]{1,3000})\1[^<>]{0,500}>/iy, state);
  const source = addressIn(match, state);
  if (match === null || source === undefined) return false;
  const [, , alt = ''] = /\salt=(["'])(.*?)\1/i.exec(match[0]) ?? [];
  if (!silent) {
    const token = state.push('image', 'img', 0);
    token.attrs = [['src', source]];
    token.content = state.md.utils.unescapeAll(alt);
    token.children = [];
  }
  state.pos += match[0].length;
  return true;
}

function addressIn(match: RegExpExecArray | null, { md }: StateInline): string | undefined {
  const address = md.normalizeLink(md.utils.unescapeAll(match?.[2] ?? ''));
  return match !== null && md.validateLink(address) ? address : undefined;
}

function readComment(state: StateInline, silent: boolean): boolean {
  const end = endOfComment(state, state.pos);
  if (end === undefined || end > state.posMax) return false;
  if (!silent) noteComment(state.env, state.src.slice(state.pos, end));
  state.pos = end;
  return true;
}

/** The last search in each text: many comments that are not closed, or closed by the same mark, are one search. */
const searches = new WeakMap<StateInline | StateBlock, { readonly from: number; readonly found: number }>();

/** Where the comment that begins at `start` ends. */
function endOfComment(state: StateInline | StateBlock, start: number): number | undefined {
  if (!state.src.startsWith('<!--', start) || /^-?>/.test(state.src.slice(start + 4, start + 6))) return undefined;
  const from = start + 4;
  let search = searches.get(state);
  if (search === undefined || from < search.from || from > search.found) {
    const found = state.src.indexOf('-->', from);
    search = { from, found: found < 0 ? Infinity : found };
    searches.set(state, search);
  }
  return search.found === Infinity ? undefined : search.found + 3;
}

function noteComment(env: unknown, comment: string): void {
  if (typeof env === 'object' && env !== null && 'comments' in env && Array.isArray(env.comments))
    env.comments.push(comment);
}

/** `<b>text</b>` within one paragraph. A tag that is not closed in it is text. */
function readMark(state: StateInline, silent: boolean, open: RegExp, tags: Readonly<Record<string, string>>): boolean {
  const match = matchAt(open, state);
  const name = match?.[1]?.toLowerCase() ?? '';
  const type = tags[name];
  if (match === null || type === undefined) return false;
  const start = state.pos + match[0].length;
  const end = closeOf(state.src.slice(0, state.posMax), name, start);
  if (end === undefined || end === start) return false;
  if (!silent) {
    const { posMax } = state;
    state.push(`${type}_open`, name, 1);
    state.pos = start;
    state.posMax = end;
    state.md.inline.tokenize(state);
    state.push(`${type}_close`, name, -1);
    state.posMax = posMax;
  }
  state.pos = end + name.length + 3;
  return true;
}

/** Real text never nests this deep. Without a limit, a search for the closing tag would restart at every tag. */
const maxDepth = 30;

function closeOf(text: string, name: string, start: number): number | undefined {
  let depth = 1;
  const pattern = new RegExp(`<(/?)${name}>`, 'gi');
  pattern.lastIndex = start;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    depth += match[1] === '/' ? -1 : 1;
    if (depth === 0) return match.index;
    if (depth > maxDepth) return undefined;
  }
  return undefined;
}

function lineOf(state: StateBlock, line: number): string {
  return state.getLines(line, line + 1, state.blkIndent, false);
}

function isIndented(state: StateBlock, line: number): boolean {
  return (state.sCount[line] ?? 0) - state.blkIndent >= 4;
}

function readCommentBlock(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  if (isIndented(state, startLine)) return false;
  const end = endOfComment(state, (state.bMarks[startLine] ?? 0) + (state.tShift[startLine] ?? 0));
  if (end === undefined || end > (state.eMarks[endLine - 1] ?? 0)) return false;
  const line = lineAt(state, end, startLine, endLine);
  if (state.src.slice(end, state.eMarks[line]).trim() !== '') return false;
  if (silent) return true;
  noteComment(state.env, state.getLines(startLine, line + 1, state.blkIndent, false).trim());
  state.line = line + 1;
  return true;
}

function lineAt({ eMarks }: StateBlock, position: number, startLine: number, endLine: number): number {
  let [low, high] = [startLine, endLine - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((eMarks[middle] ?? 0) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

const summary = /^\s*<summary>([\s\S]*?)<\/summary>[ \t]*\n?/i;

/** `<details>`, with its summary as `info` of the opening token. The content is Markdown. */
function readDetails(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  if (isIndented(state, startLine) || !/^\s*<details(?:\s+open)?\s*>/i.test(lineOf(state, startLine))) return false;
  const last = lastLineOf(state, startLine, endLine);
  if (last === undefined) return false;
  if (silent) return true;
  const whole = state.getLines(startLine, last + 1, state.blkIndent, false);
  const [opening = ''] = /^\s*<details(?:\s+open)?\s*>[ \t]*\n?/i.exec(whole) ?? [];
  const inside = whole.slice(opening.length, whole.toLowerCase().lastIndexOf('</details>'));
  const [head = '', title = ''] = summary.exec(inside) ?? [];
  const token = state.push('details_open', 'details', 1);
  const plain = title.replaceAll(/<\/?(?:b|strong|i|em|u|s|code|span|h[1-6])>/gi, '').replaceAll('\\', '\\\\');
  token.info = state.md.utils.unescapeAll(plain).replaceAll(/\s+/g, ' ').trim();
  const from = state.tokens.length;
  state.md.block.parse(inside.slice(head.length), state.md, state.env, state.tokens);
  const offset = startLine + (whole.slice(0, opening.length + head.length).split('\n').length - 1);
  for (const inner of state.tokens.slice(from)) {
    inner.level += state.level;
    if (inner.map !== null) inner.map = [inner.map[0] + offset, inner.map[1] + offset];
  }
  state.push('details_close', 'details', -1);
  state.line = last + 1;
  return true;
}

/** The line with the closing tag and nothing after it. */
function lastLineOf(state: StateBlock, startLine: number, endLine: number): number | undefined {
  let depth = 0;
  let fence: string | undefined;
  for (let line = startLine; line < endLine; line += 1) {
    const text = lineOf(state, line);
    const mark = /^\s*(`{3,}|~{3,})/.exec(text)?.[1];
    if (mark !== undefined) fence = fence === undefined ? mark : mark.startsWith(fence) ? undefined : fence;
    if (fence !== undefined || mark !== undefined) continue;
    for (const [, close] of text.matchAll(/<(\/?)details(?:\s+open)?\s*>/gi)) depth += close === '/' ? -1 : 1;
    if (depth === 0) return /<\/details>\s*$/i.test(text) ? line : undefined;
    if (depth > maxDepth) return undefined;
  }
  return undefined;
}
