import * as z from 'zod';

// What Slack leaves out or sends as null must not hide the rest.
const maybeText = z.string().catch('');
const maybeId = z.string().optional().catch(undefined);

const attachmentSchema = z.object({
  fallback: maybeText,
  pretext: maybeText,
  title: maybeText,
  text: maybeText,
  from_url: maybeText,
  fields: z.array(z.object({ title: maybeText, value: maybeText })).catch([]),
  blocks: z.array(z.unknown()).catch([]),
});

/** A message as conversations.history and conversations.replies give it, as far as we read it. */
export const messageSchema = z.object({
  ts: z.string(),
  user: maybeId,
  username: maybeId,
  bot_id: maybeId,
  subtype: maybeId,
  text: maybeText,
  thread_ts: maybeId,
  reply_count: z.number().catch(0),
  reactions: z.array(z.object({ name: z.string(), count: z.number() })).catch([]),
  files: z.array(z.object({ id: maybeText, name: maybeText, title: maybeText })).catch([]),
  blocks: z.array(z.unknown()).catch([]),
  attachments: z.array(attachmentSchema).catch([]),
  metadata: z
    .object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) })
    .optional()
    .catch(undefined),
});
export type ReadMessage = z.infer<typeof messageSchema>;

type Names = ReadonlyMap<string, string>;
const markup = /<([@#!]?)([^>|]*)(?:\|([^>]*))?>/g;

/** Ids of the people whom a message names. */
export function mentionedIds(message: ReadMessage): string[] {
  const inText = [...message.text.matchAll(markup)].filter(([, mark]) => mark === '@').map(([, , id]) => id ?? '');
  const inBlocks: string[] = [];
  walk([message.blocks, message.attachments], (item) => {
    if (item['type'] === 'user' && typeof item['user_id'] === 'string') inBlocks.push(item['user_id']);
  });
  return [...inText, ...inBlocks];
}

/**
 * All that a reader would see of a message. `text` is only what notifications say, and may be cut: where there are
 * blocks that we know, they are what is read.
 */
export function messageText(message: ReadMessage, names: Names): string {
  const attached = message.attachments
    .filter((attachment) => attachment.from_url === '')
    .map((attachment) => attachmentText(attachment, names));
  const files = message.files.map((file) => `[file: ${file.title || file.name || file.id}]`);
  return lines([bodyText(message.blocks, message.text, names), ...attached, ...files]);
}

/** Of old, and still how most alerts of other apps come. */
function attachmentText(attachment: z.infer<typeof attachmentSchema>, names: Names): string {
  const { pretext, title, text, fields, blocks, fallback } = attachment;
  const facts = fields.map((field) => [field.title, field.value].filter((part) => part !== '').join(': '));
  const said = lines([pretext, title, text, ...facts].map((part) => readableText(part, names)));
  return bodyText(blocks, said === '' ? fallback : said, names);
}

/** Where some of the blocks are of a kind that we do not know, `text` may say more than the others. */
function bodyText(blocks: readonly unknown[], text: string, names: Names): string {
  const known = blocks.map((block) => (isRecord(block) ? blockText(block, names) : undefined));
  const shown = lines(known.filter((part) => part !== undefined));
  const whole = readableText(text, names);
  const isComplete = known.length > 0 && !known.includes(undefined);
  return isComplete || shown.length > whole.length ? shown : whole;
}

function lines(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}

/** mrkdwn as people see it: names for ids, link texts with their addresses. */
export function readableText(text: string, names: Names): string {
  return text
    .replace(markup, (_, mark: string, target: string, label: string | undefined) => {
      if (mark === '@') return `@${names.get(target) ?? label ?? target}`;
      if (mark === '#') return `#${label ?? target}`;
      if (mark === '!') return `@${label ?? target.replace(/^subteam\^/, 'group ')}`;
      return label === undefined || label === target ? target : `${label} (${target})`;
    })
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** Undefined for a kind that we do not know. */
function blockText(block: Record<string, unknown>, names: Names): string | undefined {
  switch (block['type']) {
    case 'divider':
      return '———';
    case 'rich_text':
      return listOf(block['elements'])
        .map((element) => richText(element, names))
        .join('\n');
    case 'table':
    case 'data_table':
      return rowsOf(block['rows'])
        .map((row) => row.map((cell) => cellText(cell, names)).join(' | '))
        .join('\n');
    case 'header':
      return textObject(block['text'], names);
    case 'markdown':
      return stringOf(block['text']);
    case 'section':
      return lines([block['text'], ...listOf(block['fields'])].map((text) => textObject(text, names)));
    case 'context':
      return listOf(block['elements'])
        .map((item) => textObject(item, names))
        .join(' ');
    case 'actions':
      return listOf(block['elements'])
        .map(buttonText)
        .filter((label) => label !== '')
        .join(' ');
    case 'image':
      return `[image: ${textObject(block['title'], names) || stringOf(block['alt_text'])}]`;
    default:
      return undefined;
  }
}

function cellText(cell: unknown, names: Names): string {
  if (!isRecord(cell)) return '';
  if (cell['type'] === 'rich_text') return (blockText(cell, names) ?? '').trim();
  return (stringOf(cell['text']) || (typeof cell['value'] === 'number' ? String(cell['value']) : '')).trim();
}

/** What can be pressed, and where it leads if that is an address. */
function buttonText(element: unknown): string {
  if (!isRecord(element)) return '';
  const label = isRecord(element['text']) ? stringOf(element['text']['text']) : '';
  const url = stringOf(element['url']);
  return label === '' ? '' : `[${label}${url === '' ? '' : `: ${url}`}]`;
}

function richText(element: unknown, names: Names): string {
  if (!isRecord(element)) return '';
  const parts = listOf(element['elements']);
  if (element['type'] !== 'rich_text_list') return parts.map((part) => inlineText(part, names)).join('');
  const indent = '  '.repeat(Number(element['indent'] ?? 0));
  const first = Number(element['offset'] ?? 0) + 1;
  return parts
    .map(
      (item, index) =>
        `${indent}${element['style'] === 'ordered' ? `${first + index}.` : '•'} ${richText(item, names)}`,
    )
    .join('\n');
}

function inlineText(part: unknown, names: Names): string {
  if (!isRecord(part)) return '';
  const text = stringOf(part['text']);
  switch (part['type']) {
    case 'link': {
      const url = stringOf(part['url']);
      return text === '' || text === url ? url : `${text} (${url})`;
    }
    case 'emoji':
      return `:${stringOf(part['name'])}:`;
    case 'user':
      return `@${names.get(stringOf(part['user_id'])) ?? stringOf(part['user_id'])}`;
    case 'usergroup':
      return `@group ${stringOf(part['usergroup_id'])}`;
    case 'broadcast':
      return `@${stringOf(part['range'])}`;
    case 'channel':
      return `#${stringOf(part['channel_id'])}`;
    default:
      return text;
  }
}

function textObject(value: unknown, names: Names): string {
  if (!isRecord(value)) return '';
  const text = stringOf(value['text']) || stringOf(value['alt_text']);
  return value['type'] === 'mrkdwn' ? readableText(text, names) : text;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const rowsOf = (value: unknown): readonly (readonly unknown[])[] => listOf(value).map(listOf);

function walk(value: unknown, visit: (item: Record<string, unknown>) => void): void {
  if (Array.isArray(value)) for (const item of value) walk(item, visit);
  else if (isRecord(value)) {
    visit(value);
    for (const item of Object.values(value)) walk(item, visit);
  }
}
