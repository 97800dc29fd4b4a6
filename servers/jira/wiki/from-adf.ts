import { attribute, hrefOf, type AdfDocument, type Node } from '../adf/document.ts';
import { splitEdges } from '../../kit/markdown/edges.ts';
import { wikiLanguage } from './code-language.ts';
import { escapeWiki } from './escape.ts';

/** A document as the wiki markup of Jira Data Center (help page "Text formatting notation"). */
export function adfToWiki(document: AdfDocument): string {
  return blocks(document.content, '').join('\n\n');
}

function blocks(nodes: readonly Node[], listPrefix: string): string[] {
  return nodes.map((node) => block(node, listPrefix)).filter((part) => part !== '');
}

const panelMacros: Readonly<Record<string, string>> = {
  info: 'info',
  success: 'tip',
  note: 'note',
  warning: 'warning',
  error: 'warning',
};

function block(node: Node, listPrefix: string): string {
  const content = node.content ?? [];
  switch (node.type) {
    case 'heading':
      return `h${attribute(node, 'level')}. ${inline(content)}`;
    case 'codeBlock':
      return code(content.map(({ text }) => text ?? '').join(''), attribute(node, 'language'));
    case 'blockquote':
      return `{quote}\n${blocks(content, '').join('\n\n')}\n{quote}`;
    case 'panel': {
      const macro = panelMacros[attribute(node, 'panelType')] ?? 'info';
      return `{${macro}}\n${blocks(content, '').join('\n\n')}\n{${macro}}`;
    }
    case 'expand':
      return `{panel:title=${panelTitle(attribute(node, 'title'))}}\n${blocks(content, '').join('\n\n')}\n{panel}`;
    case 'bulletList':
      return content.map((item) => listItem(item, `${listPrefix}*`)).join('\n');
    case 'orderedList':
      return content.map((item) => listItem(item, `${listPrefix}#`)).join('\n');
    case 'taskList':
      return content.map((item) => taskItem(item, `${listPrefix}*`)).join('\n');
    case 'rule':
      return '----';
    case 'table':
      return content.map(row).join('\n');
    default:
      return inline(content);
  }
}

/** A pipe or a brace would end it. */
function panelTitle(title: string): string {
  return title.replaceAll(/[|{}\n]/g, ' ').trim() || 'Details';
}

/** Text and lists of an item stay together. Anything else follows as a separate block. */
function listItem(item: Node, prefix: string): string {
  const [first, ...rest] = item.content ?? [];
  const lead = first === undefined ? '' : block(first, prefix);
  return [`${prefix} ${lead}`, ...blocks(rest, prefix)].join('\n');
}

function taskItem(item: Node, prefix: string): string {
  if (item.type === 'taskList') return (item.content ?? []).map((child) => taskItem(child, `${prefix}*`)).join('\n');
  // Wiki markup has no checkbox, and its (x) is a cross that would make an open task look failed.
  return `${prefix} ${attribute(item, 'state') === 'DONE' ? '☑' : '☐'} ${inline(item.content ?? [])}`;
}

function row(node: Node): string {
  const cells = node.content ?? [];
  const mark = cells[0]?.type === 'tableHeader' ? '||' : '|';
  const texts = cells.map((cell) =>
    (cell.content ?? [])
      .map((part) => block(part, ''))
      .join(' ')
      .replaceAll('\n', '\\\\ '),
  );
  return `${mark}${texts.map((text) => (text === '' ? ' ' : text)).join(mark)}${mark}`;
}

function code(text: string, info: string): string {
  // `{code}` inside would end the block, so a zero-width space breaks it up.
  const safe = text.replaceAll('{code', '{\u200bcode').replaceAll('{noformat', '{\u200bnoformat');
  if (info === '') return `{noformat}\n${safe}\n{noformat}`;
  const language = wikiLanguage(info);
  return `{code${language === undefined ? '' : `:${language}`}}\n${safe}\n{code}`;
}

const wrappers: Readonly<Record<string, string>> = { strong: '*', em: '_', strike: '-', underline: '+' };

function inline(nodes: readonly Node[]): string {
  return nodes
    .map((node, index) => inlineNode(node, textAt(nodes[index - 1], -1), textAt(nodes[index + 1], 0)))
    .join('');
}

/** The neighbouring character next to a node, or a space if there is none. */
function textAt(node: Node | undefined, index: number): string {
  return node?.text?.at(index) ?? ' ';
}

function inlineNode(node: Node, before: string, after: string): string {
  switch (node.type) {
    case 'hardBreak':
      return '\n';
    case 'mention':
      return `[~${attribute(node, 'id')}]`;
    case 'emoji':
      return attribute(node, 'text');
    case 'status':
      return `*${escapeWiki(attribute(node, 'text'))}*`;
    case 'date':
      return new Date(Number(attribute(node, 'timestamp'))).toISOString().slice(0, 10);
    // Markup from the earlier text, unchanged.
    case 'mediaInline':
      return attribute(node, 'wiki');
    default:
      return marked(node, before, after);
  }
}

function marked(node: Node, before: string, after: string): string {
  const marks = node.marks ?? [];
  const value = node.text ?? '';
  const { before: space, words, after: end } = splitEdges(value);
  if (words === '') return value;
  const isCode = marks.some(({ type }) => type === 'code');
  let result = isCode ? `{{${escapeWiki(words)}}}` : escapeWiki(words);
  // Inside a word, formatting works only in braces.
  const isInWord = (space === '' && isLetter(before)) || (end === '' && isLetter(after));
  for (const mark of isCode ? [] : marks) {
    const sign = mark.type === 'subsup' ? (attribute(mark, 'type') === 'sub' ? '~' : '^') : wrappers[mark.type];
    if (sign !== undefined) result = isInWord ? `{${sign}}${result}{${sign}}` : `${sign}${result}${sign}`;
  }
  const href = hrefOf(node);
  if (href !== '')
    result = value === href ? `[${href}]` : `[${result}|${href.replaceAll('|', '%7C').replaceAll(']', '%5D')}]`;
  return `${space}${result}${end}`;
}

function isLetter(character: string): boolean {
  return /[\p{L}\p{N}]/u.test(character);
}
