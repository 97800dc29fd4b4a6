import { attribute, hrefOf, type Mark, type Node } from './document.ts';

/**
 * A document as Markdown. Reads whatever Jira holds: of kinds it does not know it shows the text inside.
 * @returns an empty string for what is no document.
 */
export function adfToMarkdown(value: unknown): string {
  const root = readNode(value);
  return root === undefined
    ? ''
    : blocks(root.content ?? [])
        .join('\n\n')
        .trim();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readNode(value: unknown): Node | undefined {
  if (!isRecord(value) || typeof value['type'] !== 'string') return undefined;
  const { type, text, attrs, content, marks } = value;
  return {
    type,
    ...(typeof text === 'string' && { text }),
    ...(isRecord(attrs) && { attrs }),
    ...(Array.isArray(content) && { content: content.map(readNode).filter((node) => node !== undefined) }),
    ...(Array.isArray(marks) && { marks: marks.map(readMark).filter((mark) => mark !== undefined) }),
  };
}

function readMark(value: unknown): Mark | undefined {
  if (!isRecord(value) || typeof value['type'] !== 'string') return undefined;
  return { type: value['type'], ...(isRecord(value['attrs']) && { attrs: value['attrs'] }) };
}

const alerts: Readonly<Record<string, string>> = {
  info: 'NOTE',
  success: 'TIP',
  tip: 'TIP',
  note: 'IMPORTANT',
  warning: 'WARNING',
  error: 'CAUTION',
};

const inlineKinds = new Set([
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

function blocks(nodes: readonly Node[]): string[] {
  let isOther = false;
  return nodes
    .map((node, index) => {
      // Two lists in a row would become one, were it not for their marks.
      isOther = !isOther && listKind(node) !== undefined && listKind(node) === listKind(nodes[index - 1]);
      return block(node, isOther);
    })
    .filter((part) => part !== '');
}

function listKind(node: Node | undefined): string | undefined {
  return node?.type === 'orderedList'
    ? 'ordered'
    : ['bulletList', 'taskList', 'decisionList'].includes(node?.type ?? '')
      ? 'bullet'
      : undefined;
}

/** @param isOther whether a list takes the second kind of marks. */
function block(node: Node, isOther = false): string {
  const content = node.content ?? [];
  switch (node.type) {
    case 'paragraph':
    case 'caption':
      return escapeLineStarts(inline(content));
    case 'heading':
      return `${'#'.repeat(Number(attribute(node, 'level') || 1))} ${inline(content).replaceAll('\\\n', ' ')}`.trimEnd();
    case 'codeBlock':
      return fence(content.map(({ text }) => text ?? '').join(''), attribute(node, 'language'));
    case 'blockquote':
      return quote(blocks(content).join('\n\n'));
    case 'panel':
      return quote(`[!${alerts[attribute(node, 'panelType')] ?? 'NOTE'}]\n\n${blocks(content).join('\n\n')}`);
    case 'bulletList':
      return list(content, () => (isOther ? '* ' : '- '));
    case 'orderedList': {
      const first = Number(attribute(node, 'order') || 1);
      return list(content, (index) => `${first + index}${isOther ? ')' : '.'} `);
    }
    case 'taskList':
    case 'decisionList':
      return content.map((item) => taskLine(item, isOther ? '*' : '-')).join('\n');
    case 'rule':
      return '---';
    case 'table':
      return table(content);
    case 'expand':
    case 'nestedExpand':
      return [`**${escapeText(attribute(node, 'title'))}**`, ...blocks(content)].join('\n\n');
    case 'media':
    case 'blockCard':
    case 'embedCard':
    case 'extension':
      return inline([node]);
    default:
      return inlineKinds.has(node.type) ? inline([node]) : blocks(content).join('\n\n');
  }
}

function taskLine(item: Node, mark = '-'): string {
  if (item.type === 'taskList') return indent((item.content ?? []).map((child) => taskLine(child)).join('\n'), 2);
  const box = item.type === 'taskItem' ? (item.attrs?.['state'] === 'DONE' ? '[x] ' : '[ ] ') : '';
  const content = item.content ?? [];
  const body = content.some(({ type }) => !inlineKinds.has(type)) ? blocks(content).join('\n\n') : inline(content);
  return `${mark} ${box}${indent(body, 2).trimStart()}`;
}

function list(items: readonly Node[], marker: (index: number) => string): string {
  const parts = items.map((item, index) => {
    const mark = marker(index);
    return `${mark}${indent(blocks(item.content ?? []).join('\n\n'), mark.length).trimStart()}`;
  });
  return parts.join(parts.some((part) => part.includes('\n\n')) ? '\n\n' : '\n');
}

function table(rows: readonly Node[]): string {
  const lines = rows.map((row) => (row.content ?? []).map(cell));
  const [head = [], ...body] = lines;
  const width = Math.max(...lines.map(({ length }) => length), 1);
  const line = (cells: readonly string[]) =>
    `| ${Array.from({ length: width }, (_, column) => cells[column] ?? '').join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(width)}`, ...body.map(line)].join('\n');
}

function cell(node: Node): string {
  return blocks(node.content ?? [])
    .join(' ')
    .replaceAll('\\\n', ' ')
    .replaceAll('\n', ' ')
    .replaceAll('|', '\\|');
}

function quote(markdown: string): string {
  return markdown
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
}

function indent(markdown: string, width: number): string {
  return markdown
    .split('\n')
    .map((line) => (line === '' ? '' : ' '.repeat(width) + line))
    .join('\n');
}

function fence(code: string, language: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = '`'.repeat(longest + 1);
  return `${marks}${language}\n${code}\n${marks}`;
}

function inline(nodes: readonly Node[]): string {
  return nodes.map(inlineNode).join('');
}

function inlineNode(node: Node): string {
  switch (node.type) {
    case 'text':
      return marked(node);
    case 'hardBreak':
      return '\\\n';
    case 'mention':
      return escapeText(`@${(attribute(node, 'text') || attribute(node, 'id')).replace(/^@/, '')}`);
    case 'emoji':
      return attribute(node, 'text') || attribute(node, 'shortName');
    case 'date':
      return day(attribute(node, 'timestamp'));
    case 'status':
      return escapeText(`[${attribute(node, 'text')}]`);
    case 'inlineCard':
    case 'blockCard':
    case 'embedCard':
      return `<${attribute(node, 'url')}>`;
    case 'media':
    case 'mediaInline':
      return escapeText(
        `[file: ${attribute(node, 'alt') || attribute(node, 'id') || attribute(node, 'url') || 'unnamed'}]`,
      );
    case 'extension':
    case 'inlineExtension':
      return escapeText(`[${attribute(node, 'extensionKey')}] ${attribute(node, 'text')}`.trim());
    default:
      return escapeText(node.text ?? '') + inline(node.content ?? []);
  }
}

/** ADF keeps a date as milliseconds since 1970. */
function day(timestamp: string): string {
  const date = new Date(Number(timestamp));
  return Number.isNaN(date.getTime()) ? timestamp : date.toISOString().slice(0, 10);
}

const wrappers: Readonly<Record<string, string>> = { strong: '**', em: '*', strike: '~~' };

function marked(node: Node): string {
  const marks = node.marks ?? [];
  const value = node.text ?? '';
  const isCode = marks.some(({ type }) => type === 'code');
  // Markdown wants the marks right at the words: white space goes outside.
  const [, before = '', words = '', after = ''] = /^(\s*)([\s\S]*?)(\s*)$/.exec(value) ?? [];
  if (words === '') return value;
  const href = hrefOf(node);
  // A link in the label of a link is none.
  let result = isCode ? codeSpan(words) : href === '' ? escapeText(words) : escapeMarks(words);
  for (const { type } of marks) {
    const wrapper = isCode ? undefined : wrappers[type];
    if (wrapper !== undefined) result = `${wrapper}${result}${wrapper}`;
  }
  if (href !== '') result = value === href ? `<${href}>` : `[${result}](${encodeAddress(href)}${titleOf(node)})`;
  return `${before}${result}${after}`;
}

function codeSpan(code: string): string {
  const longest = Math.max(0, ...[...code.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = '`'.repeat(longest + 1);
  const pad = code.startsWith('`') || code.endsWith('`') ? ' ' : '';
  return `${marks}${pad}${code}${pad}${marks}`;
}

function titleOf(node: Node): string {
  const title = attribute(
    node.marks?.find(({ type }) => type === 'link'),
    'title',
  );
  return title === '' ? '' : ` "${title.replaceAll(/["\\]/g, '\\$&').replaceAll(/\s*\n\s*/g, ' ')}"`;
}

function encodeAddress(href: string): string {
  return /[\s()<>]/.test(href) ? `<${href.replaceAll(/[\s<>]/g, (character) => encodeURIComponent(character))}>` : href;
}

/** An address in plain text reads as one; its marks need no escape in angle brackets. */
const address = /https?:\/\/[^\s<>]*[^\s<>.,;:!?()'"*_~`[\]\\]/g;

function escapeText(value: string): string {
  let escaped = '';
  let from = 0;
  for (const match of value.matchAll(address)) {
    escaped += `${escapeMarks(value.slice(from, match.index))}<${match[0]}>`;
    from = match.index + match[0].length;
  }
  return escaped + escapeMarks(value.slice(from));
}

/** Only what Markdown would take for something: an underscore inside a word stays as it is. */
function escapeMarks(value: string): string {
  return value
    .replaceAll(/[\\`*[\]<]/g, '\\$&')
    .replaceAll('~~', '\\~\\~')
    .replaceAll(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replaceAll(/&(?=#?\w{1,32};)/g, '\\&')
    .replaceAll(/:(?=[a-z0-9_+-]{1,40}:)/g, '\\:');
}

function escapeLineStarts(markdown: string): string {
  return markdown
    .split('\n')
    .map((line) => line.replace(/^(\s*)([#>+=-]|~{3})/, '$1\\$2').replace(/^(\s*\d{1,9})([.)])(?=\s|\\?$)/, '$1\\$2'))
    .join('\n');
}
