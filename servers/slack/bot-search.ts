import * as z from 'zod';
import { ToolError } from '../kit/errors.ts';
import { pageMetadata } from './client.ts';
import type { CallOptions } from './client-settings.ts';
import type { SlackConnection } from './connection.ts';

const answerSchema = z.object({
  results: z.object({
    messages: z
      .array(
        z.object({
          author_user_id: z.string().catch(''),
          author_name: z.string().catch(''),
          channel_id: z.string(),
          channel_name: z.string().catch(''),
          message_ts: z.string(),
          content: z.string().catch(''),
          permalink: z.string().catch(''),
        }),
      )
      .catch([]),
  }),
  response_metadata: pageMetadata,
});
export type BotSearchHit = z.infer<typeof answerSchema>['results']['messages'][number];

/** Error codes of assistant.search.context. */
const maxHits = 20;

/**
 * Searches public channels with the app's token if Slack allows it. That requires the scope search:read.public and, in
 * most workspaces, a reply to a user's message, which this server never handles.
 * @throws ToolError `not_configured` if it does not.
 */
export async function searchAsBot(
  query: string,
  limit: number,
  cursor: string | undefined,
  { client }: SlackConnection,
  options: CallOptions,
): Promise<{ hits: BotSearchHit[]; next: string }> {
  const input = {
    query,
    limit: Math.min(limit, maxHits),
    content_types: 'messages',
    channel_types: 'public_channel',
    include_bots: true,
    sort: 'timestamp',
    sort_dir: 'desc',
    ...(cursor !== undefined && { cursor }),
  };
  try {
    const answer = await client.call('assistant.search.context', input, answerSchema, options);
    return { hits: answer.results.messages, next: answer.response_metadata?.next_cursor ?? '' };
  } catch (error) {
    if (!(error instanceof ToolError) || !isRefused(error)) throw error;
    throw new ToolError(
      'not_configured',
      'Slack lets only users search, and SLACK_USER_TOKEN is not set.',
      {
        hint: `Set SLACK_USER_TOKEN (xoxp-..., scope search:read), or read the channel with read_slack_channel. Slack's response to a search by the app: ${error.message}`,
      },
      { cause: error },
    );
  }
}

function isRefused({ code, details }: ToolError): boolean {
  return ['forbidden', 'not_configured'].includes(code) || details?.['slack'] === 'unknown_method';
}
