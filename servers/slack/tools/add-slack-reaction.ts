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
  description: 'Adds an emoji to a message. remove undoes it.',
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
    remove: z.boolean().optional(),
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
      title: stepOf(input.remove).title,
      destination: destinationOf(channel),
      body: `:${input.name}:`,
      raw: JSON.stringify({
        ...(input.remove === true && { method: stepOf(true).method }),
        channel: channel.id,
        timestamp: ts,
        name: input.name,
      }),
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
    const { method, alreadySo, done } = stepOf(input.remove);
    await context.effect({
      name: 'react',
      result: z.object({}),
      send: async () => {
        try {
          return await context.connection.client.call(method, call, z.object({}), {
            ...callOptions(context),
            write: true,
          });
        } catch (error) {
          if (error instanceof ToolError && error.details?.['slack'] === alreadySo) return {};
          throw error;
        }
      },
      find: 'repeatable',
      whereToLook: `Look at the message in #${channel.name}.`,
    });
    return {
      structured: { outcome: 'done' as const, channel: channel.id, ts, name: input.name },
      text: `${done} :${input.name}: in #${channel.name}.`,
    };
  },
});

function stepOf(remove: boolean | undefined) {
  return remove === true
    ? ({
        method: 'reactions.remove',
        title: 'Remove a reaction in Slack',
        alreadySo: 'no_reaction',
        done: 'Removed the reaction',
      } as const)
    : ({
        method: 'reactions.add',
        title: 'React in Slack',
        alreadySo: 'already_reacted',
        done: 'Reacted with',
      } as const);
}
