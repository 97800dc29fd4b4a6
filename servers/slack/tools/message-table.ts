import * as z from 'zod';
import type { ToolContext, ToolResult } from '../../kit/define-tool.ts';
import type { SlackConnection } from '../connection.ts';
import { mentionedIds, type ReadMessage, readableText } from '../format/reading.ts';
import { callOptions } from './posting.ts';
import type { tableOutput } from './table-output.ts';

/** A point in time as Slack wants it: seconds since the epoch with six decimals. */
export const timeInput = z.string().transform((text, context) => {
  if (/^\d{10}(?:\.\d{1,6})?$/.test(text)) return text;
  const time = Date.parse(text);
  if (!Number.isNaN(time) && /^\d{4}-\d{2}-\d{2}/.test(text)) return (time / 1000).toFixed(6);
  context.addIssue('must be a time such as 2026-01-31T09:00:00Z or a message ts such as 1700000000.000100');
  return z.NEVER;
});

/** Messages as a table and as compact lines; joins, renames and the like are folded into one count. */
export async function messageTable(
  title: string,
  messages: readonly ReadMessage[],
  nextCursor: string,
  context: ToolContext<SlackConnection>,
): Promise<ToolResult<z.infer<typeof tableOutput>>> {
  const spoken = messages.filter((message) => !noise.has(message.subtype ?? ''));
  const ids = spoken
    .flatMap((message) => [message.user ?? '', ...mentionedIds(message.text)])
    .filter((id) => id !== '');
  const names = await context.connection.people.namesOf(ids, callOptions(context));
  const rows = spoken.map((message) => ({
    ts: message.ts,
    time: `${new Date(Number(message.ts) * 1000).toISOString().slice(0, 19)}Z`,
    author: authorOf(message, names),
    text: readableText(message.text, names) + fileList(message),
    replies: message.reply_count,
    reactions: message.reactions.map(({ name, count }) => `${name} ${count}`).join(', '),
    thread_ts: message.thread_ts ?? null,
  }));
  const folded = messages.length - spoken.length;
  const lines = rows.map((row) => {
    const notes = [row.replies > 0 ? `${row.replies} replies` : '', row.reactions].filter((note) => note !== '');
    return `[${row.ts}] ${row.time} ${row.author}: ${row.text}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`;
  });
  if (folded > 0) lines.push(`(${folded} joins and notices left out)`);
  if (nextCursor !== '') lines.push(`There is more: cursor ${nextCursor}`);
  return {
    structured: {
      columns: ['ts', 'time', 'author', 'text', 'replies', 'reactions', 'thread_ts'].map((name) => ({
        name,
        type: name === 'replies' ? 'integer' : name === 'time' ? 'timestamptz' : 'text',
      })),
      rows: rows.map((row) => Object.values(row)),
      row_count: rows.length,
      truncated: nextCursor !== '',
      ...(nextCursor !== '' && { next_cursor: nextCursor }),
    },
    text: [`${title}: ${rows.length} messages`, ...lines].join('\n'),
  };
}

const noise = new Set([
  'channel_join',
  'channel_leave',
  'channel_topic',
  'channel_purpose',
  'channel_name',
  'channel_archive',
  'channel_unarchive',
  'group_join',
  'group_leave',
  'pinned_item',
  'bot_add',
  'bot_remove',
  'reminder_add',
]);

function authorOf(message: ReadMessage, names: ReadonlyMap<string, string>): string {
  if (message.user !== undefined) return names.get(message.user) ?? message.user;
  return message.username ?? message.bot_id ?? 'unknown';
}

function fileList(message: ReadMessage): string {
  const files = message.files.map((file) => `[file: ${file.title ?? file.name ?? 'untitled'}]`);
  return files.length === 0 ? '' : ` ${files.join(' ')}`;
}
