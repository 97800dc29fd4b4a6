import * as z from 'zod';
import type { ToolResult } from '../../kit/define-tool.ts';
import { labelOf, type Channel } from '../channels.ts';
import { messageText, type ReadMessage } from '../format/message-to-text.ts';
import { cutText } from '../format/split-messages.ts';
import { readTs } from '../message-links.ts';
import { authorOf, namesIn } from '../names.ts';
import { callOptions, type Context } from './write-helpers.ts';
import { table, type tableOutput } from './table-output.ts';

/** A time in Slack's format: seconds since the epoch with six decimals. */
export const timeInput = z.string().transform((text, context) => {
  if (/^\d{10}(?:\.\d{1,6})?$/.test(text)) return text;
  const linked = readTs(text, 'message');
  if (linked !== undefined) return linked;
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return (time / 1000).toFixed(6);
  context.addIssue('must be a time such as 2026-01-31T09:00:00Z or a message ts such as 1700000000.000100');
  return z.NEVER;
});

export function toTime(ts: string): string {
  return `${new Date(Number(ts) * 1000).toISOString().slice(0, 19)}Z`;
}

const columns = {
  ts: 'text',
  time: 'timestamptz',
  author: 'text',
  text: 'text',
  replies: 'integer',
  reactions: 'text',
  permalink: 'text',
} as const;

type Row = {
  readonly ts: string;
  readonly time: string;
  readonly author: string;
  readonly text: string;
  readonly replies: number;
  readonly reactions: string;
  readonly permalink: string;
};

/**
 * Messages as a table and as compact lines for the model. In the lines, joins, renames and similar notices are only
 * counted, and a bot's repeats are folded into the first one. The table has every message.
 */
export async function messageTable(
  { channel, title }: { channel: Channel; title: string },
  messages: readonly ReadMessage[],
  nextCursor: string,
  context: Context,
): Promise<ToolResult<z.infer<typeof tableOutput>>> {
  const options = callOptions(context);
  const spoken = messages.filter((message) => !noise.has(message.subtype ?? ''));
  const names = await namesIn(spoken, context.connection, options);
  const base = `${await context.connection.workspaceUrl(options)}archives/${channel.id}/p`;
  const rows = spoken.map((message): Row => ({
    ts: message.ts,
    time: toTime(message.ts),
    author: authorOf(message, names),
    text: shorten(messageText(message, names)),
    replies: message.reply_count,
    reactions: message.reactions.map(({ name, count }) => `${name} ${count}`).join(', '),
    permalink: `${base}${message.ts.replace('.', '')}`,
  }));
  const bots = new Set(spoken.filter((message) => message.bot_id !== undefined).map(({ ts }) => ts));
  const left = messages.length - spoken.length;
  const lines = [
    `${title}${labelOf(channel)}: ${rows.length} messages (link to one: ${base} and its ts without the dot)`,
    ...capped(foldRepeats(rows, bots)),
    ...(left > 0 ? [`(${left} joins and notices omitted)`] : []),
    ...(nextCursor === '' ? [] : [`There is more: cursor ${nextCursor}`]),
  ];
  return {
    structured: table(
      columns,
      rows.map((row) => Object.values(row)),
      nextCursor,
    ),
    text: lines.join('\n'),
  };
}

/** Slack accepts messages of 40,000 characters. A pasted log must not fill the model's context. */
const longestText = 12_000;
const longestAnswer = 60_000;

export function shorten(text: string): string {
  if (text.length <= longestText) return text;
  const [start = ''] = cutText(text, longestText);
  return `${start.trimEnd()}… [${text.length - start.length} more characters: see the permalink]`;
}

/** The messages that fit into the result, newest last, and how many do not. */
function capped(lines: readonly string[]): string[] {
  let length = 0;
  const from = lines.findLastIndex((line) => (length += line.length) > longestAnswer) + 1;
  return from === 0 ? [...lines] : [`(${from} older ones omitted here: use a smaller limit)`, ...lines.slice(from)];
}

function foldRepeats(rows: readonly Row[], bots: ReadonlySet<string>): string[] {
  const lines: string[] = [];
  let last = '';
  let repeats = 0;
  const close = (): void => {
    if (repeats > 0) lines.push(`  (and ${repeats} more like it)`);
    repeats = 0;
  };
  for (const row of rows) {
    // Similar means the same words from the same bot, ignoring numbers and hashes.
    const short = row.text.length < 300 && !row.text.includes('\n');
    const shape =
      bots.has(row.ts) && short && row.replies === 0
        ? `${row.author} ${row.text.replaceAll(/[\da-f]{4,}|\d+/g, '#')}`
        : '';
    if (shape !== '' && shape === last) {
      repeats += 1;
      continue;
    }
    close();
    last = shape;
    const notes = [row.replies > 0 ? `${row.replies} replies` : '', row.reactions].filter((note) => note !== '');
    lines.push(
      `[${row.ts}] ${row.time} ${row.author}: ${row.text}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`,
    );
  }
  close();
  return lines;
}

/** Subtypes without content: docs.slack.dev/reference/events/message. */
const noise = new Set(
  `channel_join channel_leave channel_topic channel_purpose channel_name channel_archive channel_unarchive
  channel_convert_to_private group_join group_leave group_topic group_purpose group_name pinned_item unpinned_item
  bot_add bot_remove reminder_add channel_posting_permissions`.split(/\s+/),
);
