import * as z from 'zod';
import { defineTool } from '../../kit/define-tool.ts';
import { messageTable } from './message-table.ts';
import { callOptions, channelInput, type Context, historySchema, requireTs, threadTs } from './write-helpers.ts';
import { tableOutput } from './table-output.ts';

export default defineTool({
  name: 'read_slack_thread',
  title: 'Read Slack thread',
  description: 'A message and its replies, oldest first.',
  input: z.strictObject({
    channel: channelInput,
    thread_ts: threadTs.optional().describe('of the first message; not needed where channel is a link to one'),
    limit: z.int().min(1).max(200).default(100),
    cursor: z.string().optional(),
  }),
  output: tableOutput,
  run: async (input, context: Context) => {
    const options = callOptions(context);
    const ts = requireTs(input.thread_ts, input.channel, 'thread_ts');
    const channel = await context.connection.channelToRead(input.channel, options);
    const { messages, response_metadata: page } = await context.connection.client.call(
      'conversations.replies',
      { channel: channel.id, ts, limit: input.limit, cursor: input.cursor },
      historySchema,
      options,
    );
    return messageTable({ channel, title: 'thread in ' }, messages, page?.next_cursor ?? '', context);
  },
});
