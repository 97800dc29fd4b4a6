import * as z from 'zod';
import { outcomeSchema } from '../../contract/preview.ts';
import { defineTool, type ToolContext } from '../../kit/define-tool.ts';
import type { Channel } from '../channels.ts';
import type { SlackConnection } from '../connection.ts';
import { toMarkdown } from '../format/markdown-out.ts';
import { composeMessage, type OutgoingMessage } from '../format/message.ts';
import { describeMention, mentionsInput, toMentionInlines } from './mentions.ts';
import { audienceOf, callOptions, findMarked, mayUnfurl, messageTs, payload, postPart } from './posting.ts';

const input = z.strictObject({
  channel: z.string().min(1).describe('#name or id'),
  text: z.string().trim().min(1).max(60_000).describe('Markdown; tables and code are kept'),
  thread_ts: messageTs.optional().describe('reply in this thread'),
  mentions: mentionsInput.default([]).describe('who is notified; nothing in text notifies anybody'),
  unfurl_hosts: z.array(z.string()).max(10).default([]).describe('hosts whose links may show a card'),
});

const output = z.object({
  outcome: outcomeSchema,
  channel: z.string(),
  ts: z.string(),
  permalink: z.string(),
  parts: z.array(z.object({ ts: z.string(), permalink: z.string() })),
  warnings: z.array(z.string()),
});

type Input = z.infer<typeof input>;
type Context = ToolContext<SlackConnection>;

export default defineTool({
  name: 'post_slack_message',
  title: 'Post Slack message',
  description: 'Posts Markdown to a Slack channel; long text goes on in a thread.',
  risk: 'write',
  limit: '20/10m',
  input,
  output,
  preview: async (input, context: Context) => {
    const { channel, message, warnings, unfurl } = await prepare(input, context);
    const names = await userNames(input, context);
    return {
      title: input.thread_ts === undefined ? 'Post to Slack' : 'Reply in a Slack thread',
      destination: { id: channel.id, name: `#${channel.name}`, audience: audienceOf(channel) },
      body: message.parts.map((part) => toMarkdown(part.blocks)).join('\n\n---\n\n'),
      raw: JSON.stringify(message.parts.map((part) => payload(channel.id, part, unfurl, input.thread_ts))),
      fields: [
        { label: 'Channel', value: `#${channel.name}`, argument: 'channel' },
        ...(input.thread_ts === undefined ? [] : [{ label: 'Thread', value: input.thread_ts, argument: 'thread_ts' }]),
      ],
      warnings,
      duplicates: [],
      linkHosts: [...message.linkHosts],
      mentions: toMentionInlines(input.mentions).map((mention) => describeMention(mention, (id) => names.get(id))),
    };
  },
  run: async (input, context) => {
    const { channel, message, warnings, unfurl } = await prepare(input, context);
    const parts: { ts: string; permalink: string }[] = [];
    for (const [index, part] of message.parts.entries()) {
      if (message.parts.length > 1) context.progress(`Posting ${index + 1} of ${message.parts.length}`);
      const thread = input.thread_ts ?? parts[0]?.ts;
      const sent = await context.effect({
        name: `part ${index + 1}`,
        result: z.object({ ts: z.string() }),
        send: (mark) => postPart(payload(channel.id, part, unfurl, thread), mark, context),
        find: (trace) => findMarked(channel.id, thread, trace, context),
        whereToLook: `Look into #${channel.name} whether it is there.`,
      });
      parts.push({ ts: sent.ts, permalink: await permalinkOf(channel.id, sent.ts, context) });
    }
    const [first = { ts: '', permalink: '' }] = parts;
    return {
      structured: { outcome: 'done' as const, channel: channel.id, ...first, parts, warnings },
      text: [`Posted to #${channel.name}: ${first.permalink || first.ts}`, ...warnings].join('\n'),
    };
  },
});

async function prepare(
  input: Input,
  context: Context,
): Promise<{ channel: Channel; message: OutgoingMessage; warnings: string[]; unfurl: boolean }> {
  const channel = await context.connection.channelToWrite(input.channel, callOptions(context));
  const message = composeMessage(context.redact(input.text), toMentionInlines(input.mentions));
  const warnings: string[] = [];
  if (message.parts.length > 1) warnings.push(`The text is posted as ${message.parts.length} messages, one thread.`);
  return { channel, message, warnings, unfurl: mayUnfurl(message, input.unfurl_hosts) };
}

async function userNames(input: Input, context: Context): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  const schema = z.object({ user: z.object({ real_name: z.string().optional(), name: z.string().default('') }) });
  for (const { type, id } of input.mentions) {
    if (type !== 'user' || id === undefined) continue;
    const { user } = await context.connection.client.call('users.info', { user: id }, schema, callOptions(context));
    names.set(id, user.real_name ?? user.name);
  }
  return names;
}

/** The message stands whether or not its link can be had. */
async function permalinkOf(channel: string, ts: string, context: Context): Promise<string> {
  const schema = z.object({ permalink: z.string() });
  const input = { channel, message_ts: ts };
  try {
    return (await context.connection.client.call('chat.getPermalink', input, schema, callOptions(context))).permalink;
  } catch (error) {
    context.log('warn', 'no permalink', { error: error instanceof Error ? error.message : String(error) });
    return '';
  }
}
