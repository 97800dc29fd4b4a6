import { attribute, type Mark, type Node } from './document.ts';
import { codeSpan, inline, inlineKinds } from './inline-markdown.ts';

/**
 * A document as Markdown. Accepts any document from Jira and shows the text inside unknown nodes.
 * @returns an empty string for anything that is not a document.
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

/** Any node from Jira. */
export function readNode(value: unknown): Node | undefined {
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

function blocks(nodes: readonly Node[]): string[] {
  let isOther = false;
  return nodes
    .map((node, index) => {
      // Alternates list markers, because adjacent lists with the same marker would merge.
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

/** @param isOther whether the list uses the alternative marker. */
function block(node: Node, isOther = false): string {
  const content = node.content ?? [];
  switch (node.type) {
    case 'paragraph':
    case 'caption':
      return escapeLineStarts(inline(content));
    case 'heading':
      return heading(Number(attribute(node, 'level') || 1), inline(content));
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
      return details(attribute(node, 'title'), blocks(content));
    case 'media':
    case 'blockCard':
    case 'embedCard':
    case 'extension':
      return inline([node]);
    default:
      return inlineKinds.has(node.type) ? inline([node]) : blocks(content).join('\n\n');
  }
}

/** A heading cannot contain a line break, and a trailing `#` would be read as a closing marker. */
function heading(level: number, markdown: string): string {
  const line = markdown.replaceAll('\\\n', '<br>').replace(/(#+)$/, (marks) => marks.replaceAll('#', '\\#'));
  return `${'#'.repeat(level)} ${line}`.trimEnd();
}

function details(title: string, content: readonly string[]): string {
  const plain = title.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll(/\s+/g, ' ');
  return ['<details>', `<summary>${plain}</summary>`, '', content.join('\n\n'), '', '</details>'].join('\n');
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

/** The content of a cell on one line. */
function cell(node: Node): string {
  return (node.content ?? [])
    .map(cellBlock)
    .filter((part) => part !== '')
    .join('<br>')
    .replaceAll('\\\n', '<br>')
    .replaceAll('\n', '<br>')
    .replaceAll('|', '\\|');
}

function cellBlock(node: Node): string {
  if (node.type !== 'codeBlock') return node.type === 'paragraph' ? inline(node.content ?? []) : block(node);
  const code = (node.content ?? []).map(({ text }) => text ?? '').join('');
  return code
    .split('\n')
    .map((line) => (line.trim() === '' ? '' : codeSpan(line)))
    .join('<br>');
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
  const info = language.replaceAll(/\s+/g, ' ').trim();
  // A backtick in the language would end a fence of backticks.
  const sign = info.includes('`') ? '~' : '`';
  const longest = Math.max(2, ...[...code.matchAll(sign === '~' ? /~+/g : /`+/g)].map(([run]) => run.length));
  const marks = sign.repeat(longest + 1);
  return `${marks}${info}\n${code}\n${marks}`;
}

function escapeLineStarts(markdown: string): string {
  return markdown
    .split('\n')
    .map((line) => line.replace(/^(\s*)([#>+=-]|~{3})/, '$1\\$2').replace(/^(\s*\d{1,9})([.)])(?=\s|\\?$)/, '$1\\$2'))
    .join('\n');
}
