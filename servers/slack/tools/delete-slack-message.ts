import * as z from 'zod';
import { outcomeSchema } from '../../contract/preview.ts';
import { defineTool } from '../../kit/define-tool.ts';
import { ToolError } from '../../kit/errors.ts';
import { messageText } from '../format/message-to-text.ts';
import {
  callOptions,
  channelInput,
  type Context,
  destinationOf,
  messageAt,
  messageTs,
  requireScope,
  requireTs,
} from './write-helpers.ts';

const scope = 'chat:write';
const input = z.strictObject({ channel: channelInput, ts: messageTs.optional() });

export default defineTool({
  name: 'delete_slack_message',
  title: 'Delete Slack message',
  description: 'Deletes a message posted by this app.',
  limit: '20/10m',
  scopes: [scope],
  input,
  output: z.object({ outcome: outcomeSchema, channel: z.string(), ts: z.string() }),
  preview: async (input, context: Context) => {
    await requireScope(scope, context);
    const { channel, ts } = await prepare(input, context);
    const message = await messageAt(channel, ts, context);
    if (message.user !== (await context.connection.botUserId(callOptions(context))))
      throw new ToolError('forbidden', 'Only messages posted by this app can be deleted.');
    return {
      title: 'Delete a Slack message',
      destination: destinationOf(channel),
      body: messageText(message, new Map()),
      raw: JSON.stringify({ channel: channel.id, ts }),
      fields: [{ label: 'Message', value: ts, argument: 'ts' }],
      warnings: message.reply_count === 0 ? [] : ['It has replies in its thread, which stay.'],
      duplicates: [],
      linkHosts: [],
      mentions: [],
    };
  },
  run: async (input, context) => {
    const { channel, ts } = await prepare(input, context);
    await context.effect({
      name: 'delete',
      result: z.object({}),
      send: async () => {
        const options = { ...callOptions(context), write: true };
        try {
          return await context.connection.client.call(
            'chat.delete',
            { channel: channel.id, ts },
            z.object({}),
            options,
          );
        } catch (error) {
          // It is already gone, as requested.
          if (error instanceof ToolError && error.details?.['slack'] === 'message_not_found') return {};
          throw error;
        }
      },
      find: 'repeatable',
      whereToLook: `Check whether the message is still in #${channel.name}.`,
    });
    return {
      structured: { outcome: 'done' as const, channel: channel.id, ts },
      text: `Deleted the message in #${channel.name}.`,
    };
  },
});

async function prepare({ channel, ts }: z.infer<typeof input>, context: Context) {
  const target = requireTs(ts, channel, 'ts');
  return { channel: await context.connection.channelToWrite(channel, callOptions(context)), ts: target };
}
