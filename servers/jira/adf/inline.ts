import type { Token } from 'markdown-it';
import { inlineText, text, type Mark, type Node } from './document.ts';

const simpleMarks: ReadonlyMap<string, string> = new Map([
  ['strong_open', 'strong'],
  ['em_open', 'em'],
  ['s_open', 'strike'],
]);

/** Inline tokens as ADF nodes. */
export function inlineNodes(tokens: readonly Token[]): Node[] {
  const nodes: Node[] = [];
  const open: Mark[] = [];
  let link: (Target & { readonly from: number }) | undefined;
  for (const [index, token] of tokens.entries()) {
    const simple = simpleMarks.get(token.type);
    if (simple !== undefined) open.push({ type: simple });
    else if (['strong_close', 'em_close', 's_close'].includes(token.type)) open.pop();
    else if (token.type === 'link_open')
      link = { href: attributeOf(token, 'href'), title: attributeOf(token, 'title'), from: nodes.length };
    else if (token.type === 'link_close') {
      if (link !== undefined) nodes.push(...linkNodes(nodes.splice(link.from), link, tokens[index + 1]?.content));
      link = undefined;
    } else nodes.push(...leafNodes(token, open, link !== undefined));
  }
  return mergeText(nodes);
}

function leafNodes(token: Token, open: readonly Mark[], inLink: boolean): Node[] {
  switch (token.type) {
    case 'code_inline':
      return token.content === '' ? [] : [text(token.content, [{ type: 'code' }])];
    case 'mention':
      return [{ type: 'mention', attrs: { id: token.info, text: token.content } }];
    case 'emoji':
      return [{ type: 'emoji', attrs: { shortName: token.markup, text: token.content } }];
    // A line break is one: tickets are written like messages, not like paragraphs of prose.
    case 'softbreak':
    case 'hardbreak':
      return [{ type: 'hardBreak' }];
    // An image would be fetched by every reader from wherever it says: it becomes a link.
    case 'image': {
      const source = attributeOf(token, 'src');
      const label = [text(token.content === '' ? source : token.content, uniqueMarks(open))];
      return inLink ? label : linkNodes(label, { href: source, title: attributeOf(token, 'title') });
    }
    default:
      return [text(token.content, uniqueMarks(open))];
  }
}

function attributeOf(token: Token, name: string): string {
  return String(token.attrGet(name) ?? '');
}

function uniqueMarks(marks: readonly Mark[]): Mark[] {
  return [...new Map(marks.map((mark) => [mark.type, mark])).values()];
}

interface Target {
  readonly href: string;
  readonly title: string;
}

/**
 * Only web and mail addresses become links. A label that names another host has the true one put beside it, unless it
 * stands there already: a description that is read and written again must not grow.
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
  return misleads(shown, address) && !isSaid ? [...linked, text(` (${address.host})`)] : linked;
}

const hostLike = /(?:[a-z][a-z0-9+.-]*:\/\/[^\s/]+)|(?:[\p{L}\p{N}-]+\.)+\p{L}{2,}/giu;

/** Whether a label could be taken for the address of another host. */
function misleads(label: string, target: URL): boolean {
  if (target.host === '') return false;
  // Invisible characters would hide an address from this check, not from the reader's eye.
  const seen = label.normalize('NFKC').replaceAll(/[\p{Cf}\p{Mn}]/gu, '');
  return [...seen.matchAll(hostLike)].some(([found]) => {
    const named = found.includes('://') ? found : `https://${found}`;
    return !URL.canParse(named) || new URL(named).hostname !== target.hostname;
  });
}

function readAddress(href: string): URL | undefined {
  if (!URL.canParse(href)) return undefined;
  const address = new URL(href);
  return ['http:', 'https:', 'mailto:'].includes(address.protocol) ? address : undefined;
}

/** Neighbours with the same marks are one node; empty text is not allowed at all. */
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
