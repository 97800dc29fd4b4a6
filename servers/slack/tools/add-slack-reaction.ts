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

const scope = 'reactions:write';

export default defineTool({
  name: 'add_slack_reaction',
  title: 'Add Slack reaction',
  description: 'Adds an emoji to a message.',
  limit: '30/10m',
  scopes: [scope],
  input: z.strictObject({
    channel: channelInput,
    ts: messageTs.optional(),
    name: z
      .string()
      .trim()
      .regex(/^:?[\p{L}\p{N}_+'-]{1,100}(?:::skin-tone-[2-6])?:?$/u, "must be an emoji's name such as eyes")
      .transform((name) => name.replaceAll(/^:|:$/g, ''))
      .describe('eyes, white_check_mark, ...'),
  }),
  output: z.object({
    outcome: outcomeSchema,
    channel: z.string(),
    ts: z.string(),
    name: z.string(),
  }),
  preview: async (input, context: Context) => {
    await requireScope(scope, context);
    const channel = await context.connection.channelToWrite(input.channel, callOptions(context));
    const ts = requireTs(input.ts, input.channel, 'ts');
    const message = await messageAt(channel, ts, context);
    const names = await context.connection.people.namesOf([message.user ?? ''], callOptions(context));
    return {
      title: 'React in Slack',
      destination: destinationOf(channel),
      body: `:${input.name}:`,
      raw: JSON.stringify({ channel: channel.id, timestamp: ts, name: input.name }),
      fields: [
        { label: 'Emoji', value: input.name, argument: 'name' },
        { label: 'To the message', value: messageText(message, names).slice(0, 500) },
      ],
      warnings: [],
      duplicates: [],
      linkHosts: [],
      mentions: [],
    };
  },
  run: async (input, context) => {
    const channel = await context.connection.channelToWrite(input.channel, callOptions(context));
    const ts = requireTs(input.ts, input.channel, 'ts');
    const call = { channel: channel.id, timestamp: ts, name: input.name };
    await context.effect({
      name: 'react',
      result: z.object({}),
      send: async () => {
        try {
          return await context.connection.client.call('reactions.add', call, z.object({}), {
            ...callOptions(context),
            write: true,
          });
        } catch (error) {
          // It already exists, as requested.
          if (error instanceof ToolError && error.details?.['slack'] === 'already_reacted') return {};
          throw error;
        }
      },
      find: 'repeatable',
      whereToLook: `Look at the message in #${channel.name}.`,
    });
    return {
      structured: { outcome: 'done' as const, channel: channel.id, ts, name: input.name },
      text: `Reacted with :${input.name}: in #${channel.name}.`,
    };
  },
});
