import * as z from 'zod';
import type { CallOptions } from '../client.ts';
import type { Channel } from '../channels.ts';
import type { ToolContext } from '../../kit/define-tool.ts';
import type { SlackConnection } from '../connection.ts';
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
