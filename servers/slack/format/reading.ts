import * as z from 'zod';

const attachmentSchema = z.object({
  fallback: z.string().optional(),
  pretext: z.string().optional(),
  title: z.string().optional(),
  text: z.string().optional(),
  from_url: z.string().optional(),
});

/** A message as conversations.history and conversations.replies give it, as far as we read it. */
export const messageSchema = z.object({
  ts: z.string(),
  user: z.string().optional(),
  username: z.string().optional(),
  bot_id: z.string().optional(),
  subtype: z.string().optional(),
  text: z.string().default(''),
  thread_ts: z.string().optional(),
  reply_count: z.number().default(0),
  reactions: z.array(z.object({ name: z.string(), count: z.number() })).default([]),
  files: z.array(z.object({ id: z.string(), name: z.string().optional(), title: z.string().optional() })).default([]),
  blocks: z.array(z.unknown()).default([]),
  attachments: z.array(attachmentSchema).default([]),
  metadata: z.object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) }).optional(),
});
export type ReadMessage = z.infer<typeof messageSchema>;

type Names = ReadonlyMap<string, string>;
const markup = /<([@#!]?)([^>|]*)(?:\|([^>]*))?>/g;

/** Ids of the people whom a message names. */
export function mentionedIds(message: ReadMessage): string[] {
  const inText = [...message.text.matchAll(markup)].filter(([, mark]) => mark === '@').map(([, , id]) => id ?? '');
  const inBlocks: string[] = [];
  walk(message.blocks, (item) => {
    if (item['type'] === 'user' && typeof item['user_id'] === 'string') inBlocks.push(item['user_id']);
  });
  return [...inText, ...inBlocks];
}

/**
 * All that a reader would see of a message. `text` is only what notifications say, and may be cut: where there are
 * blocks that we know, they are what is read.
 */
export function messageText(message: ReadMessage, names: Names): string {
  const fromBlocks = message.blocks.length === 0 ? undefined : blocksText(message.blocks, names);
  const attached = message.attachments
    .filter((attachment) => attachment.from_url === undefined)
    .map(({ pretext, title, text, fallback }) =>
      [pretext, title, text ?? fallback].filter((part) => part !== undefined && part !== '').join('\n'),
    );
  const files = message.files.map((file) => `[file: ${file.title ?? file.name ?? file.id}]`);
  return [
    fromBlocks ?? readableText(message.text, names),
    ...attached.map((text) => readableText(text, names)),
    ...files,
  ]
    .filter((part) => part !== '')
    .join('\n');
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

/** Undefined when one of the blocks is of a kind that we do not know. */
function blocksText(blocks: readonly unknown[], names: Names): string | undefined {
  const texts: string[] = [];
  for (const block of blocks) {
    const text = isRecord(block) ? blockText(block, names) : undefined;
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return texts.join('\n');
}

function blockText(block: Record<string, unknown>, names: Names): string | undefined {
  switch (block['type']) {
    case 'divider':
      return '———';
    case 'rich_text':
      return listOf(block['elements'])
        .map((element) => richText(element, names))
        .join('\n');
    case 'table':
      return rowsOf(block['rows'])
        .map((row) => row.map((cell) => cellText(cell, names)).join(' | '))
        .join('\n');
    case 'header':
      return textObject(block['text'], names);
    case 'markdown':
      return stringOf(block['text']);
    case 'section':
      return [block['text'], ...listOf(block['fields'])]
        .map((text) => textObject(text, names))
        .filter((text) => text !== '')
        .join('\n');
    case 'context':
      return listOf(block['elements'])
        .map((item) => textObject(item, names))
        .join(' ');
    default:
      return undefined;
  }
}

function cellText(cell: unknown, names: Names): string {
  if (!isRecord(cell)) return '';
  const text = cell['type'] === 'rich_text' ? blockText(cell, names) : stringOf(cell['text']);
  return (text ?? '').trim();
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
  const text = stringOf(value['text']);
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
