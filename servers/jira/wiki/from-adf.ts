import { attribute, hrefOf, type AdfDocument, type Node } from '../adf/document.ts';

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

/** Text and lists of an item hang together; anything else follows it as a block of its own. */
function listItem(item: Node, prefix: string): string {
  const [first, ...rest] = item.content ?? [];
  const lead = first === undefined ? '' : block(first, prefix);
  return [`${prefix} ${lead}`, ...blocks(rest, prefix)].join('\n');
}

function taskItem(item: Node, prefix: string): string {
  if (item.type === 'taskList') return (item.content ?? []).map((child) => taskItem(child, `${prefix}*`)).join('\n');
  // Wiki markup has no box, and its (x) is a cross: what is still to do would look failed.
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

function code(text: string, language: string): string {
  // `{code}` inside would end the block: a zero-width space keeps the braces apart.
  const safe = text.replaceAll('{code}', '{\u200bcode}').replaceAll('{noformat}', '{\u200bnoformat}');
  return language === ''
    ? `{noformat}\n${safe}\n{noformat}`
    : `{code:${language.replaceAll(/[^\w+#-]/g, '')}}\n${safe}\n{code}`;
}

const wrappers: Readonly<Record<string, string>> = { strong: '*', em: '_', strike: '-' };

function inline(nodes: readonly Node[]): string {
  return nodes.map(inlineNode).join('');
}

function inlineNode(node: Node): string {
  switch (node.type) {
    case 'hardBreak':
      return '\n';
    case 'mention':
      return `[~${attribute(node, 'id')}]`;
    case 'emoji':
      return attribute(node, 'text');
    default:
      return marked(node);
  }
}

function marked(node: Node): string {
  const marks = node.marks ?? [];
  const value = node.text ?? '';
  const [, before = '', words = '', after = ''] = /^(\s*)([\s\S]*?)(\s*)$/.exec(value) ?? [];
  if (words === '') return value;
  const isCode = marks.some(({ type }) => type === 'code');
  let result = isCode ? `{{${escape(words)}}}` : escape(words);
  for (const { type } of marks) {
    const wrapper = isCode ? undefined : wrappers[type];
    if (wrapper !== undefined) result = `${wrapper}${result}${wrapper}`;
  }
  const href = hrefOf(node);
  if (href !== '')
    result = value === href ? `[${href}]` : `[${result}|${href.replaceAll('|', '%7C').replaceAll(']', '%5D')}]`;
  return `${before}${result}${after}`;
}

/** A backslash keeps wiki markup from being read: macros, links with mentions, tables and the marks of text. */
function escape(value: string): string {
  return value
    .replaceAll(/[{}[\]|!\\]/g, '\\$&')
    .replaceAll(/(?<![\p{L}\p{N}])[*_+^~?-](?=[^\s])/gu, '\\$&')
    .replaceAll(/^(h[1-6]|bq)\./gm, '$1\\.')
    .replaceAll(/^(\s*)([#*-]+ )/gm, '$1\\$2');
}
