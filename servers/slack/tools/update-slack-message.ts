import * as z from 'zod';
import { outcomeSchema } from '../../contract/preview.ts';
import { defineTool } from '../../kit/define-tool.ts';
import { ToolError } from '../../kit/errors.ts';
import { toMarkdown } from '../format/markdown-out.ts';
import { messageText } from '../format/reading.ts';
import {
  callOptions,
  channelInput,
  compose,
  content,
  type Context,
  destinationOf,
  messageAt,
  messageTs,
  permalinkOf,
  requireTs,
  sentSchema,
  requireScope,
} from './posting.ts';

const input = z.strictObject({
  channel: channelInput,
  ts: messageTs.optional(),
  text: z.string().trim().min(1).max(20_000).describe('Markdown, the whole new text'),
});

type Input = z.infer<typeof input>;

export default defineTool({
  name: 'update_slack_message',
  title: 'Update Slack message',
  description: 'Replaces the text of a message that this app posted.',
  limit: '20/10m',
  input,
  output: z.object({
    outcome: outcomeSchema,
    channel: z.string(),
    ts: z.string(),
    permalink: z.string(),
    warnings: z.array(z.string()),
  }),
  preview: async (input, context: Context) => {
    await requireScope('chat:write', context);
    const { channel, target, part, linkHosts, warnings, before } = await prepare(input, context);
    return {
      title: 'Change a Slack message',
      destination: destinationOf(channel),
      body: toMarkdown(part.blocks),
      raw: JSON.stringify({ ...content(channel.id, part), ts: target }),
      fields: [
        { label: 'Channel', value: `#${channel.name}`, argument: 'channel' },
        { label: 'Message', value: target, argument: 'ts' },
        { label: 'Text so far', value: before },
      ],
      warnings,
      duplicates: [],
      linkHosts: [...linkHosts],
      mentions: [],
    };
  },
  run: async (input, context) => {
    const { channel, target, part, warnings } = await prepare(input, context);
    const options = { ...callOptions(context), write: true };
    const { ts } = await context.effect({
      name: 'update',
      result: sentSchema,
      send: () =>
        context.connection.client.call(
          'chat.update',
          { ...content(channel.id, part), ts: target },
          sentSchema,
          options,
        ),
      find: 'repeatable',
      whereToLook: `Look at the message in #${channel.name}.`,
    });
    const permalink = await permalinkOf(channel.id, ts, context);
    return {
      structured: { outcome: 'done' as const, channel: channel.id, ts, permalink, warnings },
      text: `Changed the message in #${channel.name}: ${permalink || ts}`,
    };
  },
});

async function prepare(input: Input, context: Context) {
  const target = requireTs(input.ts, input.channel, 'ts');
  const { message, warnings } = await compose(input.text, [], context);
  const [part, ...rest] = message.parts;
  if (part === undefined || rest.length > 0)
    throw new ToolError('too_large', "'text' does not fit one Slack message, and an edit cannot become a thread.", {
      hint: 'Shorten it, or post the rest with post_slack_message and thread_ts.',
    });
  const channel = await context.connection.channelToWrite(input.channel, callOptions(context));
  const current = await messageAt(channel, target, context);
  if (current.user !== (await context.connection.botUserId(callOptions(context))))
    throw new ToolError('forbidden', 'Only messages that this app posted can be changed.');
  // chat.update documents no way to keep Slack from fetching links.
  const before = messageText(current, new Map());
  const added = message.linkHosts.filter((host) => !before.includes(host));
  if (added.length > 0)
    throw new ToolError('not_allowed', `The edit would bring in links to ${added.join(', ')}, which Slack may fetch.`, {
      hint: 'Reply in the thread with post_slack_message instead.',
    });
  return { channel, target, part, linkHosts: message.linkHosts, warnings, before };
}
