import * as z from 'zod';
import { defineTool } from '../../kit/define-tool.ts';
import { ToolError } from '../../kit/errors.ts';
import { searchAsBot } from '../bot-search.ts';
import { messageSchema, messageText } from '../format/message-to-text.ts';
import { authorOf, namesIn } from '../names.ts';
import { shorten, toTime } from './message-table.ts';
import { callOptions, type Context } from './write-helpers.ts';
import { table, tableOutput } from './table-output.ts';

const answerSchema = z.object({
  messages: z.object({
    total: z.number().default(0),
    matches: z.array(
      messageSchema.extend({
        channel: z.object({ id: z.string(), name: z.string().default('') }),
        permalink: z.string().default(''),
      }),
    ),
    paging: z.object({ page: z.number(), pages: z.number() }).optional(),
  }),
});

const columns = {
  ts: 'text',
  time: 'timestamptz',
  channel: 'text',
  author: 'text',
  text: 'text',
  permalink: 'text',
} as const;
type Row = Readonly<Record<keyof typeof columns, string>>;

interface Found {
  readonly rows: readonly Row[];
  /** The number of matches outside the settings. */
  readonly hidden: number;
  readonly total: number;
  readonly next: string;
}

export default defineTool({
  name: 'search_slack_messages',
  title: 'Search Slack messages',
  description:
    "Slack's own search (in:#channel from:@name after:2026-01-31 work); without SLACK_USER_TOKEN only where Slack lets apps search.",
  input: z.strictObject({
    query: z.string().trim().min(1).max(500),
    limit: z.int().min(1).max(100).default(20),
    cursor: z.string().optional(),
  }),
  output: tableOutput,
  run: async (input, context: Context) => {
    const { rows, hidden, total, next } = context.connection.hasPerson
      ? await findAsPerson(input, context)
      : await findAsBot(input, context);
    const { isNarrowed } = context.connection;
    const lines = rows.map(
      (row) => `[${row.ts}] ${row.time} #${row.channel} ${row.author}: ${row.text}\n  ${row.permalink}`,
    );
    if (hidden > 0 && !isNarrowed) lines.push(`(${hidden} in channels not listed in SLACK_READ_CHANNELS)`);
    if (next !== '') lines.push(`There is more: cursor ${next}`);
    return {
      structured: table(
        columns,
        rows.map((row) => Object.values(row)),
        next,
      ),
      text: [isNarrowed ? `${rows.length} messages` : `${rows.length} of ${total} messages`, ...lines].join('\n'),
    };
  },
});

interface Search {
  readonly query: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

async function findAsPerson(input: Search, context: Context): Promise<Found> {
  const page = Number(input.cursor ?? '1');
  if (!Number.isInteger(page) || page < 1 || page > 100)
    throw new ToolError('invalid_arguments', "'cursor': must be the next_cursor of the previous result.");
  const { messages } = await context.connection.client.call(
    'search.messages',
    { query: input.query, count: input.limit, page, sort: 'timestamp' },
    answerSchema,
    { ...callOptions(context), as: 'person' },
  );
  const allowed = await onlyReadable(messages.matches, ({ channel }) => channel.id, context);
  const names = await namesIn(allowed, context.connection, callOptions(context));
  const rows = allowed.map((match) => ({
    ts: match.ts,
    time: toTime(match.ts),
    channel: match.channel.name,
    author: authorOf(match, names),
    text: shorten(messageText(match, names)),
    permalink: match.permalink,
  }));
  const hasMore = messages.paging !== undefined && messages.paging.page < messages.paging.pages;
  const hidden = messages.matches.length - allowed.length;
  return { rows, hidden, total: messages.total, next: hasMore ? String(page + 1) : '' };
}

async function findAsBot({ query, limit, cursor }: Search, context: Context): Promise<Found> {
  const { connection } = context;
  const options = callOptions(context);
  const { hits, next } = await searchAsBot(query, limit, cursor, connection, options);
  const allowed = await onlyReadable(hits, ({ channel_id: id }) => id, context);
  const messages = allowed.map((hit) => ({
    hit,
    message: messageSchema.parse({
      ts: hit.message_ts,
      ...(hit.author_user_id !== '' && { user: hit.author_user_id }),
      ...(hit.author_name !== '' && { username: hit.author_name }),
      text: hit.content,
    }),
  }));
  const names = await namesIn(
    messages.map(({ message }) => message),
    connection,
    options,
  );
  const channels = await connection.channelNames(
    allowed.map((hit) => hit.channel_id),
    options,
  );
  const rows = messages.map(({ hit, message }) => ({
    ts: message.ts,
    time: toTime(message.ts),
    channel: hit.channel_name || (channels.get(hit.channel_id) ?? hit.channel_id),
    author: authorOf(message, names),
    text: shorten(messageText(message, names)),
    permalink: hit.permalink,
  }));
  return { rows, hidden: hits.length - allowed.length, total: hits.length, next };
}

/** A search covers more than the channels that may be read here. */
async function onlyReadable<Hit>(
  hits: readonly Hit[],
  channelOf: (hit: Hit) => string,
  context: Context,
): Promise<Hit[]> {
  const allowed: Hit[] = [];
  for (const hit of hits) if (await context.connection.mayRead(channelOf(hit), callOptions(context))) allowed.push(hit);
  return allowed;
}
