import * as z from 'zod';
import { defineTool, type ToolContext } from '../../kit/define-tool.ts';
import type { SlackConnection } from '../connection.ts';
import { messageTable, timeInput } from './message-table.ts';
import { callOptions, historySchema } from './posting.ts';
import { tableOutput } from './table-output.ts';

export default defineTool({
  name: 'read_slack_channel',
  title: 'Read Slack channel',
  description: 'Latest messages of a channel, oldest first. Threads: read_slack_thread.',
  risk: 'read',
  input: z.strictObject({
    channel: z.string().min(1).describe('#name or id'),
    oldest: timeInput.optional().describe('ISO time or ts'),
    latest: timeInput.optional(),
    limit: z.int().min(1).max(100).default(30),
    cursor: z.string().optional().describe('next_cursor of the last answer: older messages'),
  }),
  output: tableOutput,
  run: async (input, context: ToolContext<SlackConnection>) => {
    const options = callOptions(context);
    const channel = await context.connection.channelToRead(input.channel, options);
    const answer = await context.connection.client.call(
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
    const next = answer.response_metadata?.next_cursor ?? '';
    return messageTable(`#${channel.name}`, answer.messages.toReversed(), next, context);
  },
});
