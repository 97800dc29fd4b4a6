import { expect, it, onTestFinished } from 'vitest';
import { findRefusal } from '../../../servers/slack/error-codes.ts';
import { raw, startUpstream } from '../../stack/upstream.ts';
import { startServer, startStandIn } from './harness.ts';

/** What docs.slack.dev lists for every method, but for what has an answer of its own: scopes, limits and failures. */
const common = `access_denied accesslimited account_inactive deprecated_endpoint ekm_access_denied
  enterprise_is_restricted invalid_arg_name invalid_arguments invalid_array_arg invalid_auth invalid_charset
  invalid_form_data invalid_post_type method_deprecated missing_post_type no_permission not_allowed_token_type
  not_authed org_login_required team_access_not_granted team_added_to_org token_expired token_revoked
  two_factor_setup_required missing_argument is_bot`;

/** And for the methods that we call. */
const documented: Readonly<Record<string, string>> = {
  'chat.postMessage': `as_user_not_supported attachment_payload_limit_exceeded cannot_reply_to_message
    channel_is_limited_access channel_not_found channel_type_not_supported duplicate_channel_not_found
    duplicate_message_not_found external_channel_migrating invalid_attachments invalid_blocks invalid_blocks_format
    invalid_metadata_format invalid_metadata_schema is_archived markdown_text_conflict message_limit_exceeded
    messages_tab_disabled metadata_must_be_sent_from_app metadata_too_large msg_blocks_too_long msg_too_long
    no_dual_broadcast_content_update no_text not_in_channel restricted_action restricted_action_non_threadable_channel
    restricted_action_read_only_channel restricted_action_thread_locked restricted_action_thread_only_channel
    slack_connect_blocked_file_type slack_connect_canvas_sharing_blocked slack_connect_clip_sharing_blocked
    slack_connect_file_link_sharing_blocked slack_connect_file_upload_sharing_blocked
    slack_connect_lists_sharing_blocked team_not_found too_many_attachments too_many_contact_cards`,
  'chat.update': `block_mismatch cant_broadcast_message cant_update_message channel_not_found edit_window_closed
    external_channel_migrating is_inactive message_not_found msg_too_long streaming_state_conflict update_failed`,
  'chat.getPermalink': 'channel_not_found message_not_found channel_type_not_supported',
  'conversations.list':
    'invalid_cursor invalid_limit invalid_types method_not_supported_for_channel_type team_not_found',
  'conversations.info': 'channel_not_found',
  'conversations.history': `channel_not_found channel_is_limited_access invalid_cursor invalid_metadata_keys
    invalid_ts_latest invalid_ts_oldest not_in_channel`,
  'conversations.replies': 'channel_not_found invalid_cursor invalid_ts_latest invalid_ts_oldest thread_not_found',
  'reactions.add': `already_reacted bad_timestamp channel_not_found external_channel_migrating file_comment_not_found
    file_not_found invalid_name is_archived message_not_found no_item_specified not_reactable thread_locked
    too_many_emoji too_many_reactions`,
  'pins.add': `already_pinned bad_timestamp channel_not_found external_channel_migrating file_comment_not_found
    file_not_found message_not_found no_item_specified not_pinnable permission_denied too_many_pins`,
  'pins.remove': `bad_timestamp channel_not_found external_channel_migrating file_comment_not_found file_not_found
    message_not_found no_item_specified no_pin not_pinned permission_denied`,
  'users.list': 'invalid_cursor limit_required',
  'users.info': 'user_not_found user_not_visible',
  'users.lookupByEmail': 'users_not_found',
  'search.messages': 'no_query',
  'assistant.search.context': `context_channel_not_found feature_not_enabled invalid_action_token invalid_cursor
    missing_query query_too_long`,
  'files.getUploadURLExternal': `alt_txt_too_large file_upload_size_restricted file_uploads_disabled snippet_too_large
    storage_limit_reached unknown_snippet_type unknown_subtype`,
  'files.completeUploadExternal': 'file_not_found file_update_failed invalid_channel posting_to_channel_denied',
  'files.info': 'file_deleted file_not_found',
  'usergroups.list': 'paid_teams_only permission_denied plan_upgrade_required team_not_found',
  'bots.info': 'bot_not_found',
};

it.each(Object.entries({ 'every method': common, ...documented }))(
  'each error that Slack documents for %s comes with what to do',
  (_, names) => {
    for (const name of names.split(/\s+/)) {
      const [code, message = `Slack rejected it: ${name}.`, hint] = findRefusal(name) ?? [];
      expect({ name, code, message, hint }).toMatchObject({
        code: expect.stringMatching(/^[a-z_]+$/) as unknown,
        message: expect.stringMatching(/\.$/) as unknown,
        hint: expect.stringMatching(/\.$/) as unknown,
      });
    }
  },
);

it('a refusal reaches the caller with its hint, and so does one that nobody documents', async () => {
  const slack = await startStandIn();
  const server = await startServer(slack);
  for (const [error, hint] of [
    ['channel_is_limited_access', 'A channel manager can give the app access.'],
    ['missing_argument', 'Install the app in one workspace and use the token of that installation.'],
    ['of_tomorrow', 'https://docs.slack.dev/reference/methods/conversations.history may explain it.'],
  ] as const) {
    slack.misbehave({ method: 'conversations.history', fault: { kind: 'refuse', error } });
    const failure = await server.fail('read_slack_channel', { channel: 'operations' });
    expect(failure).toMatchObject({ hint, details: { slack: error } });
  }
  const reasons = ['must be less than 3001 characters [json-pointer:/blocks/0/text/text]'];
  slack.misbehave({
    method: 'chat.postMessage',
    fault: { kind: 'refuse', error: 'invalid_blocks', more: { errors: reasons } },
  });
  expect(await server.fail('post_slack_message', { channel: 'operations', text: 'x' })).toMatchObject({
    message: 'Slack rejected chat.postMessage: invalid_blocks.',
    hint: expect.stringContaining('Simplify the message') as unknown,
    details: { slack: 'invalid_blocks', reasons },
  });
});

it('a limit on reading messages is remembered: Slack is not asked again before its time', async () => {
  const slack = await startStandIn();
  const server = await startServer(slack);
  slack.misbehave({ method: 'conversations.history', fault: { kind: 'rate-limited', retryAfter: 60 } });
  const first = await server.fail('read_slack_channel', { channel: 'operations' });
  expect(first).toMatchObject({
    code: 'rate_limited',
    retryAfterMs: 60_000,
    hint: expect.stringContaining('Marketplace') as unknown,
  });
  const again = await server.fail('read_slack_channel', { channel: 'general' });
  expect(again).toMatchObject({ code: 'rate_limited', retryable: true });
  expect(again.retryAfterMs).toBeLessThanOrEqual(60_000);
  expect(slack.requests('conversations.history')).toHaveLength(1);
  // Threads are counted apart, and channels are not messages.
  const [question] = slack.workspace.channel('operations')!.messages.filter(({ threadTs }) => threadTs !== undefined);
  await server.call('read_slack_thread', { channel: 'operations', thread_ts: question?.ts });
  await server.call('list_slack_channels', {});
});

it.each([408, 499, 502, 504])(
  'a post that something gave up waiting for (%d) is found, not posted again',
  async (status) => {
    const token = 'xoxb-000000000004-upstream';
    const slack = await startUpstream('Slack', { 'the token of this Slack': token });
    onTestFinished(() => slack.stop());
    const stored: unknown[] = [];
    slack.on('POST /api/conversations.info', {
      ok: true,
      channel: { id: 'C0OPERATE', name: 'operations', is_member: true },
    });
    slack.on('POST /api/conversations.history', () => ({ ok: true, messages: stored }));
    slack.on('POST /api/chat.getPermalink', { ok: true, permalink: 'https://shop.slack.com/archives/C0OPERATE/p1' });
    slack.on('POST /api/chat.postMessage', (request, response) => {
      const metadata: unknown = JSON.parse(new URLSearchParams(request.body).get('metadata') ?? 'null');
      stored.push({ ts: '1700000000.000100', text: 'x', metadata });
      return raw(status, 'gone', { 'content-type': 'text/plain' })(request, response);
    });
    const server = await startServer({ token, apiUrl: `${slack.url}/api/` });
    const { structured } = await server.call('post_slack_message', { channel: 'C0OPERATE', text: 'hi' });
    expect(structured).toMatchObject({ outcome: 'done', ts: '1700000000.000100' });
    expect(slack.requests.filter(({ line }) => line.includes('postMessage'))).toHaveLength(1);
  },
);
