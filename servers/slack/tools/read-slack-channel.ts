import * as z from 'zod';
import { defineTool } from '../../kit/define-tool.ts';
import { messageTable, timeInput } from './message-table.ts';
import { callOptions, channelInput, type Context, historySchema } from './write-helpers.ts';
import { tableOutput } from './table-output.ts';

export default defineTool({
  name: 'read_slack_channel',
  title: 'Read Slack channel',
  description: 'Latest messages of a channel, oldest first; replies: read_slack_thread.',
  input: z.strictObject({
    channel: channelInput.describe('#name, id, link, or @person for direct messages'),
    oldest: timeInput.optional().describe('ISO time or ts'),
    latest: timeInput.optional(),
    limit: z.int().min(1).max(100).default(30),
    cursor: z.string().optional().describe('next_cursor: older ones'),
  }),
  output: tableOutput,
  run: async (input, context: Context) => {
    const options = callOptions(context);
    const channel = await context.connection.channelToRead(input.channel, options);
    const { messages, response_metadata: page } = await context.connection.client.call(
      'conversations.history',
      {
        channel: channel.id,
        limit: input.limit,
        oldest: input.oldest,
        latest: input.latest,
        inclusive: true,
        cursor: input.cursor,
      },
      historySchema,
      options,
    );
    return messageTable({ channel, title: '' }, messages.toReversed(), page?.next_cursor ?? '', context);
  },
});
