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

const scope = 'pins:write';

/** Slack's error code when the message is already in the requested state. */
const alreadySo: ReadonlySet<unknown> = new Set(['already_pinned', 'no_pin', 'not_pinned']);

export default defineTool({
  name: 'pin_slack_message',
  title: 'Pin Slack message',
  description: 'Pins a message to its channel. unpin undoes it.',
  limit: '30/10m',
  scopes: [scope],
  input: z.strictObject({
    channel: channelInput,
    ts: messageTs.optional(),
    unpin: z.boolean().optional(),
  }),
  output: z.object({
    outcome: outcomeSchema,
    channel: z.string(),
    ts: z.string(),
    pinned: z.boolean(),
  }),
  preview: async (input, context: Context) => {
    await requireScope(scope, context);
    const channel = await context.connection.channelToWrite(input.channel, callOptions(context));
    const ts = requireTs(input.ts, input.channel, 'ts');
    const message = await messageAt(channel, ts, context);
    const names = await context.connection.people.namesOf([message.user ?? ''], callOptions(context));
    const { method, title } = stepOf(input.unpin);
    return {
      title,
      destination: destinationOf(channel),
      body: messageText(message, names).slice(0, 500),
      raw: JSON.stringify({ method, channel: channel.id, timestamp: ts }),
      fields: [{ label: 'Message', value: ts, argument: 'ts' }],
      warnings: [],
      duplicates: [],
      linkHosts: [],
      mentions: [],
    };
  },
  run: async (input, context) => {
    const channel = await context.connection.channelToWrite(input.channel, callOptions(context));
    const ts = requireTs(input.ts, input.channel, 'ts');
    const { method, done } = stepOf(input.unpin);
    await context.effect({
      name: 'pin',
      result: z.object({}),
      send: async () => {
        const options = { ...callOptions(context), write: true };
        try {
          return await context.connection.client.call(
            method,
            { channel: channel.id, timestamp: ts },
            z.object({}),
            options,
          );
        } catch (error) {
          if (error instanceof ToolError && alreadySo.has(error.details?.['slack'])) return {};
          throw error;
        }
      },
      find: 'repeatable',
      whereToLook: `Look at the pins of #${channel.name}.`,
    });
    return {
      structured: { outcome: 'done' as const, channel: channel.id, ts, pinned: input.unpin !== true },
      text: `${done} #${channel.name}.`,
    };
  },
});

function stepOf(unpin: boolean | undefined) {
  return unpin === true
    ? ({ method: 'pins.remove', title: 'Unpin in Slack', done: 'Unpinned the message in' } as const)
    : ({ method: 'pins.add', title: 'Pin in Slack', done: 'Pinned the message in' } as const);
}
