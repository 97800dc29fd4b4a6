import * as z from 'zod';
import { outcomeSchema } from '../../contract/preview.ts';
import { defineTool } from '../../kit/define-tool.ts';
import { ToolError } from '../../kit/errors.ts';
import { digestOfMessage } from '../format/message-digest.ts';
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
  sentSchema,
} from './write-helpers.ts';

const scope = 'chat:write';

const input = z.strictObject({
  channel: channelInput,
  ts: messageTs.optional(),
  text: z.string().max(40_000).describe('the old text'),
  blocks: z.array(z.unknown()).max(50).describe('the old blocks'),
  after: z.string().describe('digest of the edit'),
});

type Input = z.infer<typeof input>;

export default defineTool({
  name: 'restore_slack_message',
  title: 'Restore Slack message',
  description: "Takes back an edit of this app's message, if it was not edited since.",
  limit: '20/10m',
  scopes: [scope],
  input,
  output: z.object({ outcome: outcomeSchema, channel: z.string(), ts: z.string() }),
  preview: async (input, context: Context) => {
    await requireScope(scope, context);
    const { channel, current, ts } = await prepare(input, context);
    return {
      title: 'Take back an edit of a Slack message',
      destination: destinationOf(channel),
      author: await context.connection.botName(callOptions(context)),
      body: messageText({ ...current, text: input.text, blocks: input.blocks }, new Map()),
      raw: JSON.stringify(payloadOf(channel.id, ts, input)),
      fields: [{ label: 'Current text', value: messageText(current, new Map()) }],
      warnings: [],
      duplicates: [],
      linkHosts: [],
      mentions: [],
    };
  },
  run: async (input, context) => {
    const { channel, ts } = await prepare(input, context);
    await context.effect({
      name: 'restore',
      result: sentSchema,
      send: () => {
        const options = { ...callOptions(context), write: true };
        return context.connection.client.call('chat.update', payloadOf(channel.id, ts, input), sentSchema, options);
      },
      find: 'repeatable',
      whereToLook: `Look at the message in #${channel.name}.`,
    });
    return {
      structured: { outcome: 'done' as const, channel: channel.id, ts },
      text: `Took back the edit of the message in #${channel.name}.`,
    };
  },
});

function payloadOf(channel: string, ts: string, { text, blocks }: Input) {
  return { channel, ts, text, blocks, parse: 'none', link_names: false };
}

async function prepare(input: Input, context: Context) {
  const ts = requireTs(input.ts, input.channel, 'ts');
  const channel = await context.connection.channelToWrite(input.channel, callOptions(context));
  const current = await messageAt(channel, ts, context);
  if (current.user !== (await context.connection.botUserId(callOptions(context))))
    throw new ToolError('forbidden', 'Only messages posted by this app can be changed.');
  const now = digestOfMessage(current);
  // After a lost response it may be back already.
  if (now !== input.after && now !== digestOfMessage(input))
    throw new ToolError('conflict', 'The message was edited since. It stays as it is.');
  return { channel, current, ts };
}
