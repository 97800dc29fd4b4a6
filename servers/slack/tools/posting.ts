import * as z from 'zod';
import type { CallOptions } from '../client.ts';
import type { Channel } from '../channels.ts';
import type { ToolContext } from '../../kit/define-tool.ts';
import type { Trace } from '../../kit/effect.ts';
import type { SlackConnection } from '../connection.ts';
import { messageSchema } from '../format/reading.ts';
import type { OutgoingMessage, OutgoingPart } from '../format/message.ts';

export const messageTs = z.string().regex(/^\d{10}\.\d{6}$/, 'must be a message ts such as 1700000000.000100');

export function callOptions(context: ToolContext<SlackConnection>): CallOptions {
  return { signal: context.signal, progress: context.progress };
}

/** Slack decides for a whole message: unfurled only if every link goes to a host that was named. */
export function mayUnfurl(message: OutgoingMessage, hosts: readonly string[]): boolean {
  const named = new Set(hosts.map((host) => host.toLowerCase()));
  return message.linkHosts.length > 0 && message.linkHosts.every((host) => named.has(host));
}

/** The bytes of one message, but for what the ledger adds to find it again. */
export function payload(channel: string, part: OutgoingPart, unfurl: boolean, threadTs: string | undefined) {
  return {
    channel,
    text: part.text,
    blocks: part.blocks,
    parse: 'none',
    link_names: false,
    unfurl_links: unfurl,
    unfurl_media: unfurl,
    ...(threadTs !== undefined && { thread_ts: threadTs }),
  };
}

/** Who will see it, in words. */
export function audienceOf(channel: Channel): string {
  const members = channel.num_members === undefined ? 'members unknown' : `${channel.num_members} members`;
  return `${members}${channel.is_private ? ', private' : ''}${channel.is_ext_shared ? ', and people of another company' : ''}`;
}

const eventType = 'switchboard_message';

/** Sends one message with the mark in its metadata, which people do not see and the history gives back. */
export async function postPart(
  message: ReturnType<typeof payload>,
  mark: string,
  context: ToolContext<SlackConnection>,
): Promise<{ ts: string }> {
  const metadata = { event_type: eventType, event_payload: { key: mark } };
  const options = { ...callOptions(context), write: true };
  return context.connection.client.call(
    'chat.postMessage',
    { ...message, metadata },
    z.object({ ts: z.string() }),
    options,
  );
}

/** This machine's clock and Slack's may differ by so much. */
const clockSlackSeconds = 120;
const mostPages = 20;

/** Looks for a message that carries the mark among those since the send began. */
export async function findMarked(
  channel: string,
  threadTs: string | undefined,
  trace: Trace,
  context: ToolContext<SlackConnection>,
): Promise<{ ts: string } | undefined> {
  const method = threadTs === undefined ? 'conversations.history' : 'conversations.replies';
  const oldest = (trace.since.getTime() / 1000 - clockSlackSeconds).toFixed(6);
  let cursor = '';
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await context.connection.client.call(
      method,
      { channel, ts: threadTs, oldest, include_all_metadata: true, limit: 200, ...(cursor !== '' && { cursor }) },
      historySchema,
      { signal: trace.signal, progress: context.progress },
    );
    const found = answer.messages.find(
      ({ metadata }) => metadata?.event_type === eventType && metadata.event_payload['key'] === trace.mark,
    );
    if (found !== undefined) return { ts: found.ts };
    cursor = answer.response_metadata?.next_cursor ?? '';
    if (cursor === '') return undefined;
  }
  return undefined;
}

export const historySchema = z.object({
  messages: z.array(messageSchema),
  response_metadata: z.object({ next_cursor: z.string().default('') }).optional(),
});
