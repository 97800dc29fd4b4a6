import * as z from 'zod';
import { outcomeSchema } from '../../contract/preview.ts';
import { defineTool } from '../../kit/define-tool.ts';
import { markInput, previewMark, putMark } from './message-mark.ts';
import type { Context } from './write-helpers.ts';

const scope = 'reactions:write';

const reaction = {
  effect: 'react',
  whereToLook: (channel: { readonly name: string }) => `Look at the message in #${channel.name}.`,
} as const;

export default defineTool({
  name: 'add_slack_reaction',
  title: 'Add Slack reaction',
  description: 'Adds an emoji to a message. remove undoes it.',
  limit: '30/10m',
  scopes: [scope],
  input: z.strictObject({
    ...markInput,
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
    removed: z.boolean(),
    changed: z.boolean(),
  }),
  preview: async (input, context: Context) => {
    const { channel, ts, text, rest } = await previewMark(input, scope, context);
    return {
      ...rest,
      title: stepOf(input.remove).title,
      body: `:${input.name}:`,
      raw: JSON.stringify({
        ...(input.remove === true && { method: stepOf(true).method }),
        channel: channel.id,
        timestamp: ts,
        name: input.name,
      }),
      fields: [
        { label: 'Emoji', value: input.name, argument: 'name' },
        { label: 'To the message', value: text },
      ],
    };
  },
  run: async (input, context) => {
    const { method, alreadySo, done } = stepOf(input.remove);
    const mark = { ...reaction, method, alreadySo: [alreadySo], more: { name: input.name } };
    const { channel, ts, changed } = await putMark(input, mark, context);
    return {
      structured: {
        outcome: 'done' as const,
        channel: channel.id,
        ts,
        name: input.name,
        removed: input.remove === true,
        changed,
      },
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
