import * as z from 'zod';
import { outcomeSchema } from '../../contract/preview.ts';
import { defineTool } from '../../kit/define-tool.ts';
import { markInput, previewMark, putMark } from './message-mark.ts';
import type { Context } from './write-helpers.ts';

const scope = 'pins:write';

const pin = {
  effect: 'pin',
  alreadySo: ['already_pinned', 'no_pin', 'not_pinned'],
  whereToLook: (channel: { readonly name: string }) => `Look at the pins of #${channel.name}.`,
} as const;

export default defineTool({
  name: 'pin_slack_message',
  title: 'Pin Slack message',
  description: 'Pins a message to its channel. unpin undoes it.',
  limit: '30/10m',
  scopes: [scope],
  input: z.strictObject({
    ...markInput,
    unpin: z.boolean().optional(),
  }),
  output: z.object({
    outcome: outcomeSchema,
    channel: z.string(),
    ts: z.string(),
    pinned: z.boolean(),
    changed: z.boolean(),
  }),
  preview: async (input, context: Context) => {
    const { channel, ts, text, rest } = await previewMark(input, scope, context);
    const { method, title } = stepOf(input.unpin);
    return {
      ...rest,
      title,
      body: text,
      raw: JSON.stringify({ method, channel: channel.id, timestamp: ts }),
      fields: [{ label: 'Message', value: ts, argument: 'ts' }],
    };
  },
  run: async (input, context) => {
    const { method, done } = stepOf(input.unpin);
    const { channel, ts, changed } = await putMark(input, { ...pin, method }, context);
    return {
      structured: { outcome: 'done' as const, channel: channel.id, ts, pinned: input.unpin !== true, changed },
      text: `${done} #${channel.name}.`,
    };
  },
});

function stepOf(unpin: boolean | undefined) {
  return unpin === true
    ? ({ method: 'pins.remove', title: 'Unpin in Slack', done: 'Unpinned the message in' } as const)
    : ({ method: 'pins.add', title: 'Pin in Slack', done: 'Pinned the message in' } as const);
}
