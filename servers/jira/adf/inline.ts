import type { Token } from 'markdown-it';
import { inlineText, text, type Mark, type Node } from './document.ts';
import { findEmoji } from './emoji.ts';

const simpleMarks: ReadonlyMap<string, string> = new Map([
  ['strong_open', 'strong'],
  ['em_open', 'em'],
  ['s_open', 'strike'],
]);

/**
 * Inline tokens as ADF nodes.
 * @param mentions account ids that may be notified; `[~accountid:ID]` of any other stays text.
 */
export function inlineNodes(tokens: readonly Token[], mentions: ReadonlySet<string>): Node[] {
  const nodes: Node[] = [];
  const open: Mark[] = [];
  let link: { readonly href: string; readonly from: number } | undefined;
  for (const token of tokens) {
    const simple = simpleMarks.get(token.type);
    if (simple !== undefined) open.push({ type: simple });
    else if (['strong_close', 'em_close', 's_close'].includes(token.type)) open.pop();
    else if (token.type === 'link_open') link = { href: String(token.attrGet('href') ?? ''), from: nodes.length };
    else if (token.type === 'link_close') {
      if (link !== undefined) nodes.push(...linkNodes(nodes.splice(link.from), link.href));
      link = undefined;
    } else nodes.push(...leafNodes(token, open, mentions, link !== undefined));
  }
  return mergeText(nodes);
}

function leafNodes(token: Token, open: readonly Mark[], mentions: ReadonlySet<string>, inLink: boolean): Node[] {
  switch (token.type) {
    case 'code_inline':
      return token.content === '' ? [] : [text(token.content, [{ type: 'code' }])];
    // A line break is one: tickets are written like messages, not like paragraphs of prose.
    case 'softbreak':
    case 'hardbreak':
      return [{ type: 'hardBreak' }];
    // An image would be fetched by every reader from wherever it says: it becomes a link.
    case 'image': {
      const source = String(token.attrGet('src') ?? '');
      const label = [text(token.content === '' ? source : token.content, uniqueMarks(open))];
      return inLink ? label : linkNodes(label, source);
    }
    default:
      return textNodes(token.content, uniqueMarks(open), mentions);
  }
}

function uniqueMarks(marks: readonly Mark[]): Mark[] {
  return [...new Map(marks.map((mark) => [mark.type, mark])).values()];
}

const special = /\[~accountid:([\w:.-]{1,128})\]|:([a-z0-9_+-]{1,40}):/g;

function textNodes(value: string, marks: readonly Mark[], mentions: ReadonlySet<string>): Node[] {
  const nodes: Node[] = [];
  let from = 0;
  for (const match of value.matchAll(special)) {
    const node = specialNode(match[1], match[2], mentions);
    if (node === undefined) continue;
    if (match.index > from) nodes.push(text(value.slice(from, match.index), marks));
    nodes.push(node);
    from = match.index + match[0].length;
  }
  if (from < value.length) nodes.push(text(value.slice(from), marks));
  return nodes;
}

function specialNode(
  account: string | undefined,
  name: string | undefined,
  mentions: ReadonlySet<string>,
): Node | undefined {
  if (account !== undefined) {
    return mentions.has(account) ? { type: 'mention', attrs: { id: account, text: `@${account}` } } : undefined;
  }
  const character = findEmoji(name ?? '');
  return character === undefined
    ? undefined
    : { type: 'emoji', attrs: { shortName: `:${name ?? ''}:`, text: character } };
}

/** Only web and mail addresses become links. A label that names another host has the true one put beside it. */
function linkNodes(label: readonly Node[], href: string): Node[] {
  const nodes = label.length === 0 ? [text(href)] : label;
  const address = readAddress(href);
  const shown = inlineText(nodes);
  if (address === undefined) return shown === href || href === '' ? [...nodes] : [...nodes, text(` (${href})`)];
  const mark: Mark = { type: 'link', attrs: { href } };
  const linked = nodes.map((node) => (node.type === 'text' ? { ...node, marks: [mark, ...(node.marks ?? [])] } : node));
  const named = /^\s*(?:https?:\/\/)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?=[/:?#\s]|$)/i.exec(shown)?.[1];
  const isOther = named !== undefined && address.host !== '' && named.toLowerCase() !== address.hostname;
  return isOther ? [...linked, text(` (${address.host})`)] : linked;
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
