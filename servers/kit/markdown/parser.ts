import Parser, { type MarkdownIt, type StateInline, type Token } from 'markdown-it';
import { cleanText } from '../outgoing-text.ts';
import { readEmphasis } from './emphasis.ts';
import { matchAt, readHtml, type HtmlOptions } from './html.ts';

/**
 * Markdown as people and models write it to colleagues: CommonMark with tables, ~~strike~~, some HTML, Slack-style
 * links, and emphasis that leaves code and arithmetic alone. URLs become links only if they include the scheme. Link
 * definitions stay text: an unused one would disappear.
 */
export function createParser(options: HtmlOptions & { readonly maxNesting: number }): MarkdownIt {
  const parser = new Parser({ html: false, linkify: true, breaks: true, maxNesting: options.maxNesting });
  parser.disable('reference');
  parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
  // Show URLs as written, not decoded.
  parser.normalizeLinkText = (address) => address;
  readEmphasis(parser);
  readHtml(parser, options);
  parser.inline.ruler.before('autolink', 'slack_link', readSlackLink);
  parser.core.ruler.push('clean_links', ({ tokens }) => {
    for (const token of tokens) if (token.children !== null) token.children = endLinksAtBars(token.children);
  });
  // Character references (`&#8238;`) would bring back what was cleaned away.
  parser.core.ruler.push('clean_text', ({ tokens }) => {
    for (const token of tokens) for (const child of token.children ?? []) child.content = cleanText(child.content);
  });
  return parser;
}

/** `<address|text>` */
function readSlackLink(state: StateInline, silent: boolean): boolean {
  const match = matchAt(/<((?:https?:\/\/|mailto:)[^\s<>|]+)\|([^<>\n]*)>/iy, state);
  const [whole = '', address = '', label = ''] = match ?? [];
  const href = state.md.normalizeLink(address);
  if (match === null || !state.md.validateLink(href)) return false;
  if (!silent) {
    state.push('link_open', 'a', 1).attrs = [['href', href]];
    state.push('text', '', 0).content = label.trim() === '' ? address : label;
    state.push('link_close', 'a', -1);
  }
  state.pos += whole.length;
  return true;
}

/** A bar belongs to the surrounding text, not to the URL. */
function endLinksAtBars(tokens: readonly Token[]): Token[] {
  const ended: Token[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const [open, text, close] = [tokens[index], tokens[index + 1], tokens[index + 2]];
    if (open === undefined) break;
    ended.push(open);
    const bar = open.type === 'link_open' && open.markup === 'linkify' ? (text?.content.indexOf('|') ?? -1) : -1;
    if (text === undefined || close === undefined || bar < 0) continue;
    const rest = new Parser.Token('text', '', 0);
    rest.content = text.content.slice(bar);
    text.content = text.content.slice(0, bar);
    open.attrSet('href', text.content);
    ended.push(text, close, rest);
    index += 2;
  }
  return ended;
}
