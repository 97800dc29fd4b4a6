import type { Token } from 'markdown-it';
import { misleads } from '../../kit/link-label.ts';
import { splitEdges } from '../../kit/markdown/edges.ts';
import { attribute, inlineText, text, type Kept, type Mark, type Node } from './document.ts';

const simpleMarks: ReadonlyMap<string, Mark> = new Map([
  ['strong', { type: 'strong' }],
  ['em', { type: 'em' }],
  ['s', { type: 'strike' }],
  ['underline', { type: 'underline' }],
  ['sub', { type: 'subsup', attrs: { type: 'sub' } }],
  ['sup', { type: 'subsup', attrs: { type: 'sup' } }],
]);

const none: Kept = new Map();

/**
 * Inline tokens as ADF nodes.
 * @param kept nodes of an earlier document that an address may refer to; media among them may be blocks.
 */
export function inlineNodes(tokens: readonly Token[], kept: Kept = none): Node[] {
  const nodes: Node[] = [];
  const open: Mark[] = [];
  let link: (Target & { readonly from: number; readonly pictures: string[] }) | undefined;
  for (const [index, token] of tokens.entries()) {
    const mark = simpleMarks.get(token.type.replace(/_(?:open|close)$/, ''));
    if (mark !== undefined && token.nesting === 1) open.push(mark);
    else if (mark !== undefined && token.nesting === -1) open.pop();
    else if (token.type === 'link_open')
      link = { href: attributeOf(token, 'href'), title: attributeOf(token, 'title'), from: nodes.length, pictures: [] };
    else if (token.type === 'link_close') {
      if (link === undefined) continue;
      const label = nodes.splice(link.from);
      const card = kept.get(link.href);
      if (card?.type === 'inlineCard' && inlineText(label) === link.href) nodes.push(card);
      else nodes.push(...linkNodes(label, link, tokens[index + 1]?.content), ...link.pictures.flatMap(addressNodes));
      link = undefined;
    } else if (token.type === 'image' && link !== undefined) {
      const source = attributeOf(token, 'src');
      if (token.content !== '' && source !== '') link.pictures.push(source);
      nodes.push(text(token.content === '' ? source : token.content, uniqueMarks(open)));
    } else nodes.push(...leafNodes(token, open, kept));
  }
  return mergeText(trimEdges(mergeText(joinMentions(nodes)).flatMap(freeSpaces)));
}

/** Bold and italic are invisible on a space, and Markdown needs their markers directly at the words. */
function freeSpaces(node: Node): Node[] {
  const marks = node.marks ?? [];
  if (node.type !== 'text' || marks.length === 0 || marks.some(({ type }) => type !== 'em' && type !== 'strong'))
    return [node];
  const { before, words, after } = splitEdges(node.text ?? '');
  return words === '' ? [text(before)] : [text(before), { ...node, text: words }, text(after)];
}

/** Invisible characters at the ends of a text: spaces and line breaks. */
function trimEdges(nodes: readonly Node[]): Node[] {
  const trimmed = [...nodes];
  const isEmpty = (node: Node | undefined): boolean =>
    node?.type === 'hardBreak' ||
    (node?.type === 'text' && node.marks === undefined && /^[ \n]*$/.test(node.text ?? ''));
  while (isEmpty(trimmed[0])) trimmed.shift();
  while (isEmpty(trimmed.at(-1))) trimmed.pop();
  const [first] = trimmed;
  if (first?.type === 'text' && first.marks === undefined) trimmed[0] = text((first.text ?? '').replace(/^[ \n]+/, ''));
  const last = trimmed.at(-1);
  if (last?.type === 'text' && last.marks === undefined)
    trimmed[trimmed.length - 1] = text((last.text ?? '').replace(/(?<![ \n])[ \n]+$/, ''));
  return trimmed;
}

/** Drops the name after the id, because the mention shows it. */
function joinMentions(nodes: readonly Node[]): Node[] {
  return nodes.map((node, index) => {
    const next = nodes[index + 1];
    const name = next?.type === 'mention' ? `${attribute(next, 'text')} ` : '';
    if (name === '' || node.type !== 'text' || node.text?.endsWith(name) !== true) return node;
    return { ...node, text: node.text.slice(0, -name.length) };
  });
}

/** Links cannot be nested, so the URL of an image follows the link. */
function addressNodes(source: string): Node[] {
  return [text(' ('), ...linkNodes([text(source)], { href: source, title: '' }), text(')')];
}

function leafNodes(token: Token, open: readonly Mark[], kept: Kept): Node[] {
  switch (token.type) {
    case 'code_inline':
      return token.content === '' ? [] : [text(token.content, [{ type: 'code' }])];
    case 'mention':
      return [{ type: 'mention', attrs: { id: token.info, text: token.content } }];
    case 'emoji':
      return [{ type: 'emoji', attrs: { shortName: token.markup, text: token.content } }];
    case 'status':
      return [{ type: 'status', attrs: { text: token.content, color: token.info } }];
    case 'date':
      return [{ type: 'date', attrs: { timestamp: String(Date.parse(token.content)) } }];
    // Keeps single line breaks, because tickets are written like messages, not like prose.
    case 'softbreak':
    case 'hardbreak':
      return [{ type: 'hardBreak' }];
    // An image would make every reader fetch it from any host, so it becomes a link.
    case 'image': {
      const source = attributeOf(token, 'src');
      const known = kept.get(source.startsWith('media:') ? source : `media:${source}`);
      if (known !== undefined) return [known];
      const label = [text(token.content === '' ? source : token.content, uniqueMarks(open))];
      return linkNodes(label, { href: source, title: attributeOf(token, 'title') });
    }
    default:
      return [text(token.content, uniqueMarks(open))];
  }
}

function attributeOf(token: Token, name: string): string {
  return String(token.attrGet(name) ?? '');
}

const markOrder = ['em', 'strong', 'strike', 'underline', 'subsup'];

function uniqueMarks(marks: readonly Mark[]): Mark[] {
  const unique = new Map(marks.map((mark) => [mark.type, mark]));
  // Jira ignores their order. A fixed order makes equal-looking texts equal.
  return markOrder.flatMap((type) => unique.get(type) ?? []);
}

interface Target {
  readonly href: string;
  readonly title: string;
}

/**
 * Only web and mail addresses become links. A label that names a different host gets the true one beside it, unless it
 * is already there: a description that is read and written back must not grow.
 * @param following the text after the link.
 */
function linkNodes(label: readonly Node[], { href, title }: Target, following = ''): Node[] {
  const nodes = label.length === 0 ? [text(href)] : label;
  const address = readAddress(href);
  const shown = inlineText(nodes);
  if (address === undefined) return shown === href || href === '' ? [...nodes] : [...nodes, text(` (${href})`)];
  const mark: Mark = { type: 'link', attrs: { href, ...(title !== '' && { title }) } };
  const linked = nodes.map((node) => (node.type === 'text' ? { ...node, marks: [mark, ...(node.marks ?? [])] } : node));
  const isSaid = following.startsWith(` (${address.host})`);
  return shown !== href && misleads(shown, address) && !isSaid ? [...linked, text(` (${address.host})`)] : linked;
}

function readAddress(href: string): URL | undefined {
  if (!URL.canParse(href)) return undefined;
  const address = new URL(href);
  return ['http:', 'https:', 'mailto:'].includes(address.protocol) ? address : undefined;
}

/** Merges neighbours with the same marks. ADF does not allow empty text. */
export function mergeText(nodes: readonly Node[]): Node[] {
  const merged: Node[] = [];
  for (const node of nodes) {
    if (node.type === 'text' && node.text === '') continue;
    const last = merged.at(-1);
    if (last?.type === 'text' && node.type === 'text' && JSON.stringify(last.marks) === JSON.stringify(node.marks))
      merged[merged.length - 1] = text((last.text ?? '') + (node.text ?? ''), node.marks);
    else merged.push(node);
  }
  return merged;
}
