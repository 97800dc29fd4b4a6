import * as z from 'zod';
import { outcomeSchema } from '../../contract/preview.ts';
import { defineTool } from '../../kit/define-tool.ts';
import { ToolError } from '../../kit/errors.ts';
import { toMarkdown } from '../format/markdown-out.ts';
import { describeMention, mentionsInput, toMentionInlines } from './mentions.ts';
import {
  callOptions,
  channelInput,
  compose,
  type Context,
  destinationOf,
  findSent,
  mayUnfurl,
  optionalThread,
  payload,
  permalinkOf,
  postPart,
  requirePostable,
  sentSchema,
  threadOf,
  threadTs,
  requireScope,
} from './write-helpers.ts';

const input = z.strictObject({
  channel: channelInput.describe('#name, id or link'),
  text: z.string().trim().min(1).max(100_000).describe('Markdown with tables and code'),
  thread_ts: threadTs.optional().describe('reply there'),
  mentions: mentionsInput.optional().describe('who is notified; text notifies nobody'),
  unfurl_hosts: z
    .array(z.string().regex(/^[\p{L}\p{N}.-]+$/u, 'must be a host such as docs.example.com'))
    .max(10)
    .optional()
    .describe('hosts whose links may show cards'),
});

type Input = z.infer<typeof input>;

export default defineTool({
  name: 'post_slack_message',
  title: 'Post Slack message',
  description: 'Posts Markdown to a channel; long text continues in a thread.',
  limit: '20/10m',
  input,
  output: z.object({
    outcome: outcomeSchema,
    channel: z.string(),
    ts: z.string(),
    permalink: z.string(),
    parts: z.array(z.object({ ts: z.string(), permalink: z.string() })),
    warnings: z.array(z.string()),
  }),
  preview: async (input, context: Context) => {
    await requireScope('chat:write', context);
    const { channel, message, warnings, unfurl, thread } = await prepare(input, context);
    const mentions = toMentionInlines(input.mentions ?? []);
    const people = mentions.flatMap((mention) => (mention.type === 'user' ? [mention.user_id] : []));
    const persons = await context.connection.people.require(people, callOptions(context));
    const hasGroups = mentions.some(({ type }) => type === 'usergroup');
    const groups = hasGroups ? await context.connection.groups.names(callOptions(context)) : new Map<string, string>();
    const names = new Map([...persons, ...groups]);
    const parts = message.parts.map((part) => toMarkdown(part.blocks, names));
    return {
      title: thread === undefined ? 'Post to Slack' : 'Reply in a Slack thread',
      destination: destinationOf(channel),
      author: await context.connection.botName(callOptions(context)),
      body: parts.join('\n\n---\n\n'),
      ...(parts.length > 1 && { parts }),
      raw: JSON.stringify(message.parts.map((part) => payload(channel.id, part, unfurl, thread))),
      fields: [
        { label: 'Channel', value: `#${channel.name}`, argument: 'channel' },
        ...(thread === undefined ? [] : [{ label: 'Thread', value: thread, argument: 'thread_ts' }]),
        ...(unfurl ? [{ label: 'Link cards', value: message.linkHosts.join(', '), argument: 'unfurl_hosts' }] : []),
      ],
      warnings,
      duplicates: [],
      linkHosts: [...message.linkHosts],
      mentions: mentions.map((mention) => describeMention(mention, names)),
    };
  },
  run: async (input, context) => {
    const { channel, message, warnings, unfurl, thread: answered } = await prepare(input, context);
    const parts: { ts: string; permalink: string }[] = [];
    for (const [index, part] of message.parts.entries()) {
      if (message.parts.length > 1)
        context.progress(`Posting ${index + 1} of ${message.parts.length}`, index, message.parts.length);
      const thread = answered ?? parts[0]?.ts;
      const sent = context.effect({
        name: `part ${index + 1}`,
        result: sentSchema,
        send: (mark) => postPart(payload(channel.id, part, unfurl, thread), mark, context),
        find: (trace) => findSent(channel.id, thread, trace, context),
        whereToLook: `Check #${channel.name} for the message.`,
      });
      const { ts } = await sent.catch((error: unknown) => {
        throw partFailure(error, message.parts.length, parts, context.signal);
      });
      parts.push({ ts, permalink: await permalinkOf(channel.id, ts, context) });
    }
    const [first = { ts: '', permalink: '' }] = parts;
    return {
      structured: { outcome: 'done' as const, channel: channel.id, ...first, parts, warnings },
      text: [`Posted to #${channel.name}: ${first.permalink || first.ts}`, ...warnings].join('\n'),
    };
  },
});

async function prepare(input: Input, context: Context) {
  const composed = await compose(input.text, toMentionInlines(input.mentions ?? []), context);
  const channel = await context.connection.channelToWrite(input.channel, callOptions(context));
  await requirePostable(channel, context);
  const wanted = optionalThread(input.thread_ts, input.channel);
  const thread = wanted === undefined ? undefined : await threadOf(channel, wanted, context);
  const hosts = input.unfurl_hosts ?? [];
  const unfurl = mayUnfurl(composed.message, hosts);
  if (hosts.length > 0 && !unfurl)
    composed.warnings.push('No link shows a card, because not every link goes to a host in unfurl_hosts.');
  return { ...composed, channel, unfurl, thread };
}

/** Reports what was already posted: an incomplete thread differs from a message that was never posted. */
function partFailure(
  error: unknown,
  total: number,
  posted: readonly { permalink: string }[],
  signal: AbortSignal,
): unknown {
  const [first] = posted;
  if (first === undefined) return error;
  const stands = `${posted.length} of ${total} messages were posted (${first.permalink})`;
  if (error instanceof ToolError) {
    const extra = { ...optionalParts(error), retryable: error.retryable };
    return new ToolError(error.code, `${stands}, then: ${error.message}`, extra, { cause: error });
  }
  return signal.aborted ? new ToolError('cancelled', `${stands}, then the call was cancelled.`) : error;
}

function optionalParts({ hint, retryAfterMs, details }: ToolError) {
  return {
    ...(hint !== undefined && { hint }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(details !== undefined && { details }),
  };
}
