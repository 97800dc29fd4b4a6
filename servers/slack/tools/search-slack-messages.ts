import * as z from 'zod';
import { defineTool } from '../../kit/define-tool.ts';
import { ToolError } from '../../kit/errors.ts';
import { messageSchema, messageText } from '../format/reading.ts';
import { authorOf, namesIn } from '../names.ts';
import { shorten, toTime } from './message-table.ts';
import { callOptions, type Context } from './posting.ts';
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

export default defineTool({
  name: 'search_slack_messages',
  title: 'Search Slack messages',
  description: "Slack's own search (in:#channel from:@name after:2026-01-31 work); needs SLACK_USER_TOKEN.",
  risk: 'read',
  input: z.strictObject({
    query: z.string().trim().min(1).max(500),
    limit: z.int().min(1).max(100).default(20),
    cursor: z.string().optional(),
  }),
  output: tableOutput,
  run: async (input, context: Context) => {
    const options = { ...callOptions(context), as: 'person' as const };
    const page = Number(input.cursor ?? '1');
    if (!Number.isInteger(page) || page < 1 || page > 100)
      throw new ToolError('invalid_arguments', "'cursor': must be the next_cursor of the last answer.");
    const { messages } = await context.connection.client.call(
      'search.messages',
      { query: input.query, count: input.limit, page, sort: 'timestamp' },
      answerSchema,
      options,
    );
    // The person's token sees more than the channels that may be read here.
    const allowed = [];
    for (const match of messages.matches)
      if (await context.connection.mayRead(match.channel.id, callOptions(context))) allowed.push(match);
    const names = await namesIn(allowed, context.connection, callOptions(context));
    const rows = allowed.map((match) => ({
      ts: match.ts,
      time: toTime(match.ts),
      channel: match.channel.name,
      author: authorOf(match, names),
      text: shorten(messageText(match, names)),
      permalink: match.permalink,
    }));
    const hidden = messages.matches.length - allowed.length;
    const more = messages.paging !== undefined && messages.paging.page < messages.paging.pages;
    const lines = rows.map(
      (row) => `[${row.ts}] ${row.time} #${row.channel} ${row.author}: ${row.text}\n  ${row.permalink}`,
    );
    if (hidden > 0) lines.push(`(${hidden} in channels that SLACK_READ_CHANNELS leaves out)`);
    if (more) lines.push(`There is more: cursor ${page + 1}`);
    return {
      structured: table(
        { ts: 'text', time: 'timestamptz', channel: 'text', author: 'text', text: 'text', permalink: 'text' },
        rows.map((row) => Object.values(row)),
        more ? String(page + 1) : '',
      ),
      text: [`${rows.length} of ${messages.total} messages`, ...lines].join('\n'),
    };
  },
});
