import * as z from 'zod';
import { outcomeSchema } from '../../contract/preview.ts';
import { defineTool } from '../../kit/define-tool.ts';
import { ToolError } from '../../kit/errors.ts';
import { toMarkdown } from '../format/markdown-out.ts';
import type { Channel } from '../channels.ts';
import { digestOfMessage, withoutIds } from '../format/message-digest.ts';
import { messageText, type ReadMessage } from '../format/message-to-text.ts';
import {
  callOptions,
  channelInput,
  compose,
  content,
  type Context,
  destinationOf,
  findSent,
  messageAt,
  messageTs,
  payload,
  permalinkOf,
  postPart,
  requireTs,
  sentSchema,
  requireScope,
} from './write-helpers.ts';

const input = z.strictObject({
  channel: channelInput,
  ts: messageTs.optional(),
  text: z.string().trim().min(1).max(100_000).describe('Markdown, the whole new text'),
});

type Input = z.infer<typeof input>;

export default defineTool({
  name: 'update_slack_message',
  title: 'Update Slack message',
  description: 'Replaces the text of a message posted by this app.',
  limit: '20/10m',
  input,
  output: z.object({
    outcome: outcomeSchema,
    channel: z.string(),
    ts: z.string(),
    permalink: z.string(),
    parts: z.array(z.object({ ts: z.string() })).optional(),
    undo: z.object({ text: z.string(), blocks: z.array(z.unknown()), after: z.string() }).optional(),
    warnings: z.array(z.string()),
  }),
  preview: async (input, context: Context) => {
    await requireScope('chat:write', context);
    const { channel, target, part, rest, linkHosts, warnings, before } = await prepare(input, context);
    const changed = { ...content(channel.id, part), ts: target };
    return {
      title: 'Change a Slack message',
      destination: destinationOf(channel),
      author: await context.connection.botName(callOptions(context)),
      body: [part, ...rest].map(({ blocks }) => toMarkdown(blocks)).join('\n\n---\n\n'),
      raw: JSON.stringify(rest.length === 0 ? changed : [changed, ...rest]),
      fields: [
        { label: 'Channel', value: `#${channel.name}`, argument: 'channel' },
        { label: 'Message', value: target, argument: 'ts' },
        { label: 'Current text', value: before },
      ],
      warnings,
      duplicates: [],
      linkHosts: [...linkHosts],
      mentions: [],
    };
  },
  run: async (input, context) => {
    const { channel, target, part, rest, warnings, current } = await prepare(input, context);
    // After an interruption, the text may be the one that was set before it.
    const { digest } = await context.effect({
      name: 'before',
      result: z.object({ digest: z.string() }),
      send: () => Promise.resolve({ digest: digestOfMessage(current) }),
      find: 'repeatable',
      whereToLook: '',
    });
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
    const parts: { ts: string }[] = [];
    for (const [index, message] of rest.entries()) {
      const sent = await context.effect({
        name: `part ${index + 2}`,
        result: sentSchema,
        send: (mark) => postPart(message, mark, context),
        find: (trace) => findSent(channel.id, message.thread_ts, trace, context),
        whereToLook: `Check the thread of the message in #${channel.name}.`,
      });
      parts.push(sent);
    }
    const permalink = await permalinkOf(channel.id, ts, context);
    return {
      structured: {
        outcome: 'done' as const,
        channel: channel.id,
        ts,
        permalink,
        ...(parts.length > 0 && { parts }),
        ...(digest === digestOfMessage(current) && { undo: await undoOf(current, channel, context) }),
        warnings,
      },
      text: `Changed the message in #${channel.name}: ${permalink || ts}`,
    };
  },
});

/** What was there, and what tells whether the edit is still there. undefined if that is not known. */
async function undoOf(before: ReadMessage, channel: Channel, context: Context) {
  try {
    const after = digestOfMessage(await messageAt(channel, before.ts, context));
    return { text: before.text, blocks: before.blocks.map(withoutIds), after };
  } catch (error) {
    // The edit is made; only taking it back is not offered.
    context.log('warn', 'the edit cannot be undone', { error: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

async function prepare(input: Input, context: Context) {
  const target = requireTs(input.ts, input.channel, 'ts');
  const { message, warnings } = await compose(input.text, [], context);
  const [part = { blocks: [], text: '' }, ...others] = message.parts;
  const channel = await context.connection.channelToWrite(input.channel, callOptions(context));
  const current = await messageAt(channel, target, context);
  if (current.user !== (await context.connection.botUserId(callOptions(context))))
    throw new ToolError('forbidden', 'Only messages posted by this app can be changed.');
  // chat.update documents no way to stop Slack from fetching links.
  const before = messageText(current, new Map());
  const added = message.linkHosts.filter((host) => !before.includes(host));
  if (added.length > 0)
    throw new ToolError('not_allowed', `The edit would add links to ${added.join(', ')}, which Slack may fetch.`, {
      hint: 'Reply in the thread with post_slack_message instead.',
    });
  // Text that does not fit continues in the message's thread.
  const thread = current.thread_ts ?? target;
  const rest = others.map((other) => payload(channel.id, other, false, thread));
  return { channel, target, part, rest, linkHosts: message.linkHosts, warnings, before, current };
}
