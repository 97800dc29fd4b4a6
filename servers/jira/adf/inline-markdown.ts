import { splitEdges } from '../../kit/markdown/edges.ts';
import { attribute, hrefOf, type Node } from './document.ts';
import { findEmoji } from './emoji.ts';

export const inlineKinds = new Set([
  'text',
  'hardBreak',
  'mention',
  'emoji',
  'date',
  'status',
  'inlineCard',
  'mediaInline',
  'inlineExtension',
  'placeholder',
]);

/** Inline content as Markdown. Trailing line breaks mean nothing and would become backslashes. */
export function inline(nodes: readonly Node[]): string {
  const end = nodes.findLastIndex(({ type }) => type !== 'hardBreak') + 1;
  let markdown = '';
  for (const [index, node] of nodes.slice(0, end).entries())
    markdown += inlineNode(node, markdown.at(-1) ?? ' ', startOf(nodes[index + 1]));
  return keepEdges(markdown);
}

/** Outer white space, which Markdown would drop, as a character reference. */
function keepEdges(markdown: string): string {
  const reference = (space: string): string => (space === '\u00a0' ? '&nbsp;' : `&#${space.charCodeAt(0)};`);
  return markdown.replace(/^[^\S \n]/, reference).replace(/[^\S \n]$/, reference);
}

/** Looks ahead two characters. */
function startOf(node: Node | undefined): string {
  if (node === undefined || node.type === 'hardBreak') return ' ';
  if (node.type !== 'text') return 'x';
  const isPlain = (node.marks ?? []).length === 0;
  return isPlain ? (node.text ?? '').slice(0, 2) : '*';
}

function inlineNode(node: Node, before: string, after: string): string {
  switch (node.type) {
    case 'text':
      return marked(node, before, after);
    case 'hardBreak':
      return '\\\n';
    case 'mention':
      return mention(attribute(node, 'text').replace(/^@/, ''), attribute(node, 'id'));
    case 'emoji': {
      const shortName = attribute(node, 'shortName');
      return findEmoji(shortName) === undefined ? attribute(node, 'text') || shortName : shortName;
    }
    case 'date':
      return `<time>${day(attribute(node, 'timestamp'))}</time>`;
    case 'status':
      return `<status color="${attribute(node, 'color') || 'neutral'}">${escapeTag(attribute(node, 'text'))}</status>`;
    case 'inlineCard':
    case 'blockCard':
    case 'embedCard':
      return `<${attribute(node, 'url')}>`;
    case 'media':
    case 'mediaInline':
      return media(node);
    case 'extension':
    case 'inlineExtension':
      return escapeText(`[${attribute(node, 'extensionKey')}] ${attribute(node, 'text')}`.trim());
    default:
      return escapeText(node.text ?? '') + inline(node.content ?? []);
  }
}

/** The name is for readers. The id preserves the mention when the text is written back. */
function mention(name: string, id: string): string {
  const said = name === '' || name === id ? '' : `${escapeText(`@${name}`)} `;
  return /^[\w:.-]{1,128}$/.test(id) ? `${said}[~accountid:${id}]` : escapeText(`@${name || id}`);
}

/** An image or file with its id, so that it keeps its place when a description is written back. */
function media(node: Node): string {
  const [id, url, name] = [attribute(node, 'id'), attribute(node, 'url'), attribute(node, 'alt')];
  const target = id === '' ? url : `media:${id}`;
  if (target === '') return escapeText(`[file: ${name || 'unnamed'}]`);
  return `![${escapeMarks(name || 'file')}](${encodeAddress(target)})`;
}

function escapeTag(text: string): string {
  return text.replaceAll(/[<>\n]/g, ' ').trim();
}

/** ADF stores dates as milliseconds since 1970. */
function day(timestamp: string): string {
  const date = new Date(Number(timestamp));
  return Number.isNaN(date.getTime()) ? timestamp : date.toISOString().slice(0, 10);
}

const wrappers: Readonly<Record<string, readonly [sign: string, tag: string]>> = {
  strong: ['**', 'strong'],
  em: ['*', 'em'],
  strike: ['~~', 's'],
  underline: ['', 'u'],
};

/** Marks that draw a line even under white space. */
const seenInSpaces = new Set(['strike', 'underline']);

function marked(node: Node, before: string, after: string): string {
  const marks = node.marks ?? [];
  const value = node.text ?? '';
  const isCode = marks.some(({ type }) => type === 'code');
  // Markdown needs markers directly at the words, so white space moves outside unless the mark is visible on it.
  const isSeen = isCode || marks.some(({ type }) => seenInSpaces.has(type));
  const { before: space, words, after: end } = isSeen ? { before: '', words: value, after: '' } : splitEdges(value);
  if (words === '') return value.replaceAll('\n', '&#10;');
  const href = hrefOf(node);
  // A link inside a link label is not a link.
  let result = isCode ? codeSpan(words) : href === '' ? escapeText(words) : escapeMarks(words);
  const isPlain =
    !isCode && hasRoom(href === '' && space === '' ? before : ' ', words, href === '' && end === '' ? after : ' ');
  for (const mark of isCode ? [] : marks) {
    const [sign = '', tag = ''] = mark.type === 'subsup' ? ['', attribute(mark, 'type')] : (wrappers[mark.type] ?? []);
    if (tag === '') continue;
    result = isPlain && sign !== '' ? `${sign}${result}${sign}` : `<${tag}>${result}</${tag}>`;
  }
  if (href !== '') result = value === href ? `<${href}>` : `[${result}](${encodeAddress(href)}${titleOf(node)})`;
  return `${space}${result}${end}`;
}

/** Whether Markdown's markers work at this position. If not, HTML tags are used. */
function hasRoom(before: string, words: string, after: string): boolean {
  const first = words[0] ?? '';
  return (
    /[\s("'“‘—–:!]/.test(before) &&
    before !== first &&
    !/^\s|\s$/.test(words) &&
    !/[)\]}>,;|.?/*_~\\]/.test(first) &&
    !/[([{/,;*_~\\]$/.test(words) &&
    !words.endsWith(after[0] ?? '') &&
    /^(?:$|[\s,;:!?)"'”’—–…]|\.(?![\p{L}\p{N}]))/u.test(after)
  );
}

export function codeSpan(code: string): string {
  const longest = Math.max(0, ...[...code.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = '`'.repeat(longest + 1);
  const isStripped = /^ [\s\S]*\S[\s\S]* $/.test(code);
  const pad = isStripped || code.startsWith('`') || code.endsWith('`') ? ' ' : '';
  return `${marks}${pad}${code}${pad}${marks}`;
}

function titleOf(node: Node): string {
  const title = attribute(
    node.marks?.find(({ type }) => type === 'link'),
    'title',
  );
  return title === '' ? '' : ` "${title.replaceAll(/["\\]/g, '\\$&').replaceAll(/(?<!\s)\s*\n\s*/g, ' ')}"`;
}

function encodeAddress(href: string): string {
  return /[\s()<>]/.test(href) ? `<${href.replaceAll(/[\s<>]/g, (character) => encodeURIComponent(character))}>` : href;
}

/** A bare URL is parsed as a link. In angle brackets its special characters need no escape. */
const address = /https?:\/\/[^\s<>|]*[^\s<>|.,;:!?()'"*_~`[\]\\]/g;

export function escapeText(value: string): string {
  let escaped = '';
  let from = 0;
  for (const match of value.matchAll(address)) {
    escaped += `${escapeMarks(value.slice(from, match.index))}<${match[0]}>`;
    from = match.index + match[0].length;
  }
  return escaped + escapeMarks(value.slice(from));
}

/** Escapes only what Markdown would interpret. An underscore inside a word stays as it is. */
function escapeMarks(value: string): string {
  return value
    .replaceAll(/[\\`*[\]<]/g, '\\$&')
    .replaceAll('~~', '\\~\\~')
    .replaceAll(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replaceAll(/&(?=#?\w{1,32};)/g, '\\&')
    .replaceAll(/:(?=[a-z0-9_+-]{1,40}:)/g, '\\:')
    .replaceAll('\n', '&#10;');
}
