import * as z from 'zod';
import { signatureOf } from '../../kit/caller/caller.ts';
import type { ToolContext } from '../../kit/define-tool.ts';
import type { Trace } from '../../kit/effect.ts';
import { ToolError } from '../../kit/errors.ts';
import type { Channel } from '../channels.ts';
import { cursorAfter, pageMetadata } from '../client.ts';
import type { CallOptions } from '../client-settings.ts';
import type { SlackConnection } from '../connection.ts';
import type { OutgoingMessage, OutgoingPart } from '../format/message.ts';
import { plainText } from '../format/blocks-to-text.ts';
import { readTs } from '../message-links.ts';
import { missingScope } from '../refusals.ts';
import type { MentionInline } from '../format/blocks.ts';
import { messageSchema, type ReadMessage } from '../format/message-to-text.ts';

export type Context = ToolContext<SlackConnection>;

/** The ts of a message, or a link to it. */
export const messageTs = tsInput('message');
/** The ts of a thread. A link to a reply stands for its thread. */
export const threadTs = tsInput('thread');

function tsInput(of: 'message' | 'thread') {
  return z
    .string()
    .max(500)
    .transform((text, context) => {
      const ts = readTs(text, of);
      if (ts !== undefined) return ts;
      context.addIssue('must be a message ts such as 1700000000.000100, or a link to the message');
      return z.NEVER;
    });
}

/** A name, an id or a link. Described only in the tools where work starts, because tools/list costs tokens on every turn. */
export const channelInput = z.string().trim().min(1).max(500);

/** The given ts, or that of the message that `channel` links to. @throws ToolError when there is neither. */
export function requireTs(given: string | undefined, channel: string, argument: 'ts' | 'thread_ts'): string {
  const ts = given ?? readTs(channel, argument === 'ts' ? 'message' : 'thread');
  if (ts !== undefined) return ts;
  throw new ToolError('invalid_arguments', `'${argument}' is required: a ts such as 1700000000.000100, or a link.`, {
    hint: "Alternatively, set only 'channel' to a link to the message.",
  });
}

/** The thread to reply in, if any; resolved as in `requireTs`. */
export function optionalThread(given: string | undefined, channel: string): string | undefined {
  return given ?? readTs(channel, 'thread');
}

export function callOptions({ signal, progress }: Context): CallOptions {
  return { signal, progress: (message) => progress(message) };
}

export interface Composed {
  readonly message: OutgoingMessage;
  readonly warnings: string[];
}

/** Markdown as it will be sent: secrets masked, mentions and links neutralized, with notes on what was changed. */
export async function compose(
  markdown: string,
  mentions: readonly MentionInline[],
  context: Context,
): Promise<Composed> {
  // Loaded on first use: the Markdown parser is half the size of this server.
  const [{ composeMessage }, { warnOfComments, warnOfLookAlikes }] = await Promise.all([
    import('../format/message.ts'),
    import('../../kit/link-label.ts'),
  ]);

  const message = composeMessage(
    context.redact(markdown),
    mentions,
    signatureOf('Sent', context.call.onBehalfOf, markdown),
  );
  const seen = message.parts.map((part) => plainText(part.blocks)).join('\n');
  // Formatting inside a secret hides it from the first check.
  if (context.redact(seen) !== seen)
    throw new ToolError('not_allowed', "'text' contains a secret split by formatting. It was not sent.", {
      hint: 'Remove the secret.',
    });
  const warnings: string[] = [];
  if (message.parts.length > 1) warnings.push(`Sent as ${message.parts.length} messages in one thread.`);
  const literal = [...markdown.matchAll(/<[@!#][^>\s]{1,80}>|(?<![\w.])@(?:here|channel|everyone)\b/g)].map(
    ([found]) => found,
  );
  if (literal.length > 0)
    warnings.push(`Sent as plain text that notifies nobody: ${[...new Set(literal)].slice(0, 5).join(' ')}`);
  warnings.push(...warnOfComments(message.comments), ...warnOfLookAlikes(message.linkHosts));
  return { message, warnings };
}

/** For previews: what cannot be sent must not be approved. @throws ToolError `forbidden` */
export async function requireScope(scope: string, context: Context): Promise<void> {
  const scopes = await context.connection.scopes(callOptions(context));
  if (scopes?.has(scope) === false) throw missingScope(scope);
}

/** Rejects early what Slack would reject later: an archived channel, or one without the app. */
export async function requirePostable(channel: Channel, context: Context): Promise<void> {
  if (channel.is_archived) throw new ToolError('conflict', `#${channel.name} is archived.`);
  if (channel.is_member) return;
  const scopes = await context.connection.scopes(callOptions(context));
  if (scopes?.has('chat:write.public') === true && !channel.is_private) return;
  if (scopes !== undefined)
    throw new ToolError('forbidden', `The Slack app is not in #${channel.name}.`, {
      hint: `Invite it there: /invite @${await context.connection.botName(callOptions(context))}`,
    });
}

/** Slack unfurls a whole message or nothing, so all links must go to listed hosts. */
export function mayUnfurl(message: OutgoingMessage, hosts: readonly string[]): boolean {
  const named = new Set(
    hosts.map((host) => (URL.canParse(`https://${host}`) ? new URL(`https://${host}`).hostname : host)),
  );
  return message.linkHosts.length > 0 && message.linkHosts.every((host) => named.has(host));
}

/** Shared by posts and edits: nothing in the text becomes live. */
export function content(channel: string, part: OutgoingPart) {
  return { channel, text: part.text, blocks: part.blocks, parse: 'none', link_names: false };
}

/** The bytes of one message, without the ledger's marker. */
export function payload(channel: string, part: OutgoingPart, unfurl: boolean, threadTs?: string) {
  return {
    ...content(channel, part),
    unfurl_links: unfurl,
    unfurl_media: unfurl,
    ...(threadTs !== undefined && { thread_ts: threadTs }),
  };
}

/** The destination of a write, and a description of who will see it. */
export function destinationOf(channel: Channel) {
  return { id: channel.id, name: `#${channel.name}`, audience: audienceOf(channel) };
}

function audienceOf(channel: Channel): string {
  const members = channel.num_members === undefined ? 'members unknown' : `${channel.num_members} members`;
  return `${members}${channel.is_private ? ', private' : ''}${channel.is_ext_shared ? ', and people of another company' : ''}`;
}

export const sentSchema = z.object({ ts: z.string() });
const eventType = 'switchboard_message';

/** Sends one message with the marker in its metadata, which is invisible to people and returned by the history. */
export async function postPart(message: ReturnType<typeof payload>, mark: string, context: Context) {
  const metadata = { event_type: eventType, event_payload: { key: mark } };
  const options = { ...callOptions(context), write: true };
  await context.connection.pace(message.channel, options);
  return context.connection.client.call('chat.postMessage', { ...message, metadata }, sentSchema, options);
}

/** The allowed difference between this machine's clock and Slack's. */
const clockSlackSeconds = 120;
const mostPages = 20;

/** Looks for a message from this app that `matches`, posted since the send began. */
export async function findSent(
  channel: string,
  threadTs: string | undefined,
  trace: Trace,
  context: Context,
  matches: (message: ReadMessage) => boolean = carries(trace.mark),
): Promise<{ ts: string } | undefined> {
  const method = threadTs === undefined ? 'conversations.history' : 'conversations.replies';
  const oldest = (trace.since.getTime() / 1000 - clockSlackSeconds).toFixed(6);
  let cursor: string | undefined = '';
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await context.connection.client.call(
      method,
      { channel, ts: threadTs, oldest, include_all_metadata: true, limit: 200, ...(cursor !== '' && { cursor }) },
      historySchema,
      { ...callOptions(context), signal: trace.signal },
    );
    const found = answer.messages.find(matches);
    if (found !== undefined) return { ts: found.ts };
    cursor = cursorAfter(cursor, answer.response_metadata);
    if (cursor === undefined) return undefined;
  }
  return undefined;
}

function carries(mark: string) {
  return ({ metadata }: ReadMessage): boolean =>
    metadata?.event_type === eventType && metadata.event_payload['key'] === mark;
}

export const historySchema = z.object({
  messages: z.array(messageSchema),
  response_metadata: pageMetadata,
});

/** The thread in which a reply to this message belongs. @throws as `messageAt` */
export async function threadOf(channel: Channel, ts: string, context: Context): Promise<string> {
  const message = await messageAt(channel, ts, context);
  // Slack expects the first message of a thread. A reply to a reply would not be visible.
  return message.thread_ts ?? ts;
}

/** One message by its ts, in the channel or in a thread. @throws ToolError `not_found` */
export async function messageAt(channel: Channel, ts: string, context: Context): Promise<ReadMessage> {
  const place = { channel: channel.id, latest: ts, oldest: ts, inclusive: true };
  const options = callOptions(context);
  const ways = [
    ['conversations.history', { ...place, limit: 1 }],
    // The first message of a thread may be included regardless of the times.
    ['conversations.replies', { ...place, ts, limit: 10 }],
  ] as const;
  for (const [method, input] of ways) {
    try {
      const { messages } = await context.connection.client.call(method, input, historySchema, options);
      const found = messages.find((message) => message.ts === ts);
      if (found !== undefined) return found;
    } catch (error) {
      if (!(error instanceof ToolError) || error.code !== 'not_found') throw error;
    }
  }
  throw new ToolError('not_found', `There is no message ${ts} in #${channel.name}.`, {
    hint: 'read_slack_channel and read_slack_thread show the ts of each message.',
  });
}

/** The message exists even if Slack cannot return its permalink. Then the link is built here. */
export async function permalinkOf(channel: string, ts: string, context: Context): Promise<string> {
  const { client, workspaceUrl } = context.connection;
  const options = callOptions(context);
  try {
    const schema = z.object({ permalink: z.string() });
    return (await client.call('chat.getPermalink', { channel, message_ts: ts }, schema, options)).permalink;
  } catch (error) {
    context.log('warn', 'no permalink', { error: error instanceof Error ? error.message : String(error) });
  }
  try {
    return `${await workspaceUrl(options)}archives/${channel}/p${ts.replace('.', '')}`;
  } catch (error) {
    context.log('warn', 'no workspace address', {
      error: error instanceof Error ? error.message : String(error),
    });
    return '';
  }
}
