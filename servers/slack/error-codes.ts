import type { ErrorCode } from '../contract/errors.ts';

/** What a Slack error means for the caller, and what to do about it. Without a message, Slack's error code is clear enough. */
export type Refusal = readonly [code: ErrorCode, message: string | undefined, hint: string];

const invite = 'Invite the app to the channel with /invite, or use a channel from list_slack_channels.';
const newToken = 'Put a valid bot token (xoxb-...) in SLACK_BOT_TOKEN.';
const askAdmin = 'A workspace admin can change it.';
const showTs = 'Give its ts as read_slack_channel shows it.';
const waitForMove = 'Try again when the move is finished.';
const simpler =
  'Simplify the message: shorter, without tables, or with less formatting. See the details for the reason.';
const ours = 'This server sent an invalid request. Please report it with the details. Nothing was changed.';

/** Errors about the token, the app and the workspace, which any method may return. */
const access: Readonly<Record<string, Refusal>> = {
  not_authed: ['unauthorized', 'Slack received no token.', newToken],
  invalid_auth: ['unauthorized', 'Slack rejected the token.', newToken],
  account_inactive: ['unauthorized', 'The Slack token belongs to a removed user or app.', newToken],
  token_revoked: ['unauthorized', 'The Slack token was revoked.', newToken],
  token_expired: ['unauthorized', 'The Slack token has expired.', newToken],
  two_factor_setup_required: [
    'unauthorized',
    'The workspace requires two-factor authentication, which is not set up for the account of this token.',
    'Set it up in Slack for that account.',
  ],
  org_login_required: [
    'unauthorized',
    'The workspace is being moved to an organization. Its tokens do not work until that is done.',
    waitForMove,
  ],
  team_added_to_org: ['conflict', 'The workspace is being moved to an organization.', waitForMove],
  not_allowed_token_type: [
    'forbidden',
    'Slack does not allow this with this kind of token.',
    'Use a bot token (xoxb-...) in SLACK_BOT_TOKEN; for search.messages a user token (xoxp-...) in SLACK_USER_TOKEN.',
  ],
  is_bot: ['forbidden', 'Slack does not allow legacy bots to do this.', 'Create a Slack app and use its token.'],
  accesslimited: [
    'forbidden',
    'Slack does not allow this from the current network.',
    'Connect through the company network, or ask a workspace admin to allow this IP address.',
  ],
  access_denied: ['forbidden', 'The Slack token does not allow this.', askAdmin],
  no_permission: [
    'forbidden',
    'The Slack token does not allow this.',
    'Check the scopes under "OAuth & Permissions", and invite the app to the channel.',
  ],
  team_access_not_granted: ['forbidden', 'The Slack app is not installed in this workspace.', newToken],
  team_not_found: [
    'not_configured',
    'The token is for an entire Slack organization. A token for one workspace is needed.',
    newToken,
  ],
  missing_argument: [
    'not_configured',
    'Slack reports a missing argument, most likely team_id, which a token for an entire organization needs.',
    'Install the app in one workspace and use the token of that installation.',
  ],
  ekm_access_denied: ['forbidden', 'Admins have suspended access through Enterprise Key Management.', askAdmin],
  enterprise_is_restricted: ['forbidden', 'Slack does not allow this in an Enterprise organization.', askAdmin],
  feature_not_enabled: [
    'not_configured',
    'This Slack feature is not available in the workspace.',
    'It may require a different plan, or an admin to turn on AI features.',
  ],
  paid_teams_only: ['not_configured', 'This requires a paid Slack plan.', 'Continue without it.'],
  plan_upgrade_required: ['not_configured', 'The workspace plan does not include this.', 'Continue without it.'],
  permission_denied: ['forbidden', 'A workspace setting prevents the app from doing this.', askAdmin],
};

const channels: Readonly<Record<string, Refusal>> = {
  channel_not_found: ['not_found', 'Slack has no such channel, or it is private and the app is not in it.', invite],
  invalid_channel: ['not_found', 'Slack has no such channel, or it is private and the app is not in it.', invite],
  not_in_channel: ['forbidden', 'The Slack app is not in this channel.', invite],
  channel_is_limited_access: [
    'forbidden',
    'This channel is restricted, and the Slack app has no access.',
    'A channel manager can give the app access.',
  ],
  posting_to_channel_denied: ['forbidden', 'The Slack app may not post to this channel.', askAdmin],
  is_archived: ['conflict', 'The channel is archived.', 'Unarchive it in Slack, or use another channel.'],
  is_inactive: ['conflict', 'The channel is archived, frozen or deleted.', 'Use another channel.'],
  restricted_action: ['forbidden', 'A workspace setting prevents the app from doing this.', askAdmin],
  external_channel_migrating: ['conflict', 'The channel is being moved to another workspace.', 'Try again later.'],
  method_not_supported_for_channel_type: [
    'invalid_arguments',
    "'channel': Slack does not allow this in this type of conversation.",
    'Give a public or private channel.',
  ],
  channel_type_not_supported: [
    'invalid_arguments',
    "'channel': Slack does not allow this in this type of conversation.",
    'Give a public or private channel.',
  ],
  messages_tab_disabled: [
    'forbidden',
    'The messages tab of the app is turned off, so it cannot receive messages.',
    'Turn it on under "App Home" in the app settings, or post to a channel.',
  ],
};

const messages: Readonly<Record<string, Refusal>> = {
  message_not_found: ['not_found', 'There is no such message in this channel.', showTs],
  no_item_specified: ['not_found', 'There is no such message in this channel.', showTs],
  thread_not_found: [
    'not_found',
    'There is no such thread in this channel.',
    'Give the ts of the first message as thread_ts.',
  ],
  bad_timestamp: ['invalid_arguments', "'ts': must be a message ts such as 1700000000.000100.", showTs],
  cannot_reply_to_message: ['conflict', 'This type of message cannot have replies.', 'Post to the channel instead.'],
  cant_broadcast_message: [
    'conflict',
    'This reply cannot also be sent to the channel.',
    'Post it to the channel instead.',
  ],
  cant_update_message: [
    'forbidden',
    'Only messages posted by this app can be changed.',
    'Reply in its thread with post_slack_message.',
  ],
  edit_window_closed: [
    'forbidden',
    'The message is too old to edit in this workspace.',
    'Reply in its thread with post_slack_message.',
  ],
  block_mismatch: [
    'conflict',
    'Slack cannot replace this type of message with the new one.',
    'Reply in its thread with post_slack_message.',
  ],
  streaming_state_conflict: ['conflict', 'The message is still being streamed.', 'Try again when it is complete.'],
  update_failed: ['upstream_error', 'Slack failed to change the message.', 'Try again.'],
  msg_too_long: ['too_large', 'The message is too long for Slack.', 'Shorten it, or use upload_slack_file.'],
  msg_blocks_too_long: ['too_large', 'The message is too long for Slack.', 'Shorten it, or use upload_slack_file.'],
  attachment_payload_limit_exceeded: ['too_large', 'The message is too large for Slack.', 'Shorten it.'],
  metadata_too_large: ['upstream_error', 'The message metadata is too large for Slack.', ours],
  no_text: ['upstream_error', 'The message has no text.', 'Provide text.'],
  invalid_blocks: ['upstream_error', undefined, simpler],
  invalid_blocks_format: ['upstream_error', undefined, simpler],
  invalid_attachments: ['upstream_error', undefined, simpler],
  too_many_attachments: ['upstream_error', undefined, simpler],
  message_limit_exceeded: [
    'quota_exceeded',
    'The workspace has reached its message limit.',
    'Wait, or ask a workspace admin to check the plan.',
  ],
  invalid_name: [
    'invalid_arguments',
    "'name': this emoji does not exist in Slack.",
    'Give a name such as eyes or white_check_mark.',
  ],
  already_pinned: ['conflict', 'The message is already pinned.', 'There is nothing to do.'],
  no_pin: ['conflict', 'The message is not pinned.', 'There is nothing to do.'],
  not_pinned: ['conflict', 'The message is not pinned.', 'There is nothing to do.'],
  not_pinnable: ['conflict', 'This type of message cannot be pinned.', 'Post a link to it instead.'],
  too_many_pins: ['quota_exceeded', 'The channel has reached its pin limit.', 'Unpin another message first.'],
  already_reacted: ['conflict', 'The reaction already exists.', 'There is nothing to do.'],
  too_many_emoji: [
    'conflict',
    'The message has reached its reaction limit.',
    'Use a reaction that the message already has.',
  ],
  too_many_reactions: ['conflict', 'The message has reached its reaction limit.', 'Continue without it.'],
  file_comment_not_found: ['not_found', 'There is no such file comment.', 'React to the message instead.'],
  not_reactable: ['conflict', 'This message cannot have reactions.', 'Continue without it.'],
};

const lookUps: Readonly<Record<string, Refusal>> = {
  user_not_found: ['not_found', 'There is no such Slack user.', 'find_slack_users finds ids.'],
  users_not_found: [
    'not_found',
    'No Slack user has this e-mail address.',
    'find_slack_users also finds people by name.',
  ],
  user_not_visible: ['forbidden', 'The Slack app cannot see this person.', askAdmin],
  bot_not_found: ['not_found', 'There is no such Slack app.', 'Continue without its name.'],
  invalid_cursor: ['invalid_arguments', "'cursor': invalid or expired.", 'Omit it to start from the first page.'],
  invalid_ts_latest: [
    'invalid_arguments',
    "'latest': must be a message ts such as 1700000000.000100, or a time.",
    showTs,
  ],
  invalid_ts_oldest: [
    'invalid_arguments',
    "'oldest': must be a message ts such as 1700000000.000100, or a time.",
    showTs,
  ],
  limit_required: ['too_large', 'The workspace is too large to list at once.', ours],
  no_query: ['invalid_arguments', "'query': contains nothing to search for.", 'Provide at least one word.'],
  missing_query: ['invalid_arguments', "'query': contains nothing to search for.", 'Provide at least one word.'],
  query_too_long: ['invalid_arguments', "'query' is too long for Slack.", 'Shorten it.'],
  context_channel_not_found: ['not_found', 'The search names a channel that does not exist.', invite],
  invalid_action_token: [
    'not_configured',
    'Slack lets a bot search only in reply to a message, and this server receives none.',
    'Set SLACK_USER_TOKEN (xoxp-..., scope search:read) to search, or read the channel with read_slack_channel.',
  ],
};

const files: Readonly<Record<string, Refusal>> = {
  file_not_found: [
    'not_found',
    'There is no such Slack file, or the app cannot see it.',
    'Give the id as shown in a message.',
  ],
  file_deleted: ['not_found', 'The file was deleted.', 'Ask the person who shared it.'],
  file_uploads_disabled: ['forbidden', 'Uploads are turned off in this workspace.', 'Post the text as a message.'],
  file_uploads_except_images_disabled: [
    'forbidden',
    'The workspace accepts only images.',
    'Post the text as a message.',
  ],
  blocked_file_type: [
    'forbidden',
    'The workspace does not accept this file type.',
    'Use another file type, such as .txt.',
  ],
  file_upload_size_restricted: ['too_large', 'The workspace does not accept files of this size.', 'Shorten the file.'],
  snippet_too_large: ['too_large', 'Slack accepts snippets up to 1 MB.', 'Shorten the file.'],
  storage_limit_reached: [
    'quota_exceeded',
    'The workspace has no storage left for files.',
    'Post the text as a message, or delete old files.',
  ],
  file_update_failed: ['upstream_error', 'Slack failed to share the file.', 'Try again.'],
};

/** Error codes of the methods that we call; docs.slack.dev/reference/methods. */
const known: ReadonlyMap<string, Refusal> = new Map(
  [access, channels, messages, lookUps, files].flatMap((table) => Object.entries(table)),
);

/** Families of errors whose codes share a pattern. */
const families: readonly (readonly [RegExp, Refusal])[] = [
  [/^invalid_(?:thread_)?ts/, ['invalid_arguments', 'Slack rejected this timestamp.', showTs]],
  [
    /^restricted_action_thread_|^thread_locked/,
    [
      'forbidden',
      'The channel or the thread is limited to threads, or locked.',
      'Reply in another thread, or ask a channel manager.',
    ],
  ],
  [
    /^restricted_action_|_restricted$|^posting_to_.*_denied$/,
    ['forbidden', 'A workspace or channel setting prevents the app from doing this.', askAdmin],
  ],
  [
    /^slack_connect_|_blocked$/,
    [
      'forbidden',
      'A workspace or channel setting prevents the app from sharing this.',
      `${askAdmin} Text without the file or link may be allowed.`,
    ],
  ],
  [/^ekm_/, ['forbidden', 'Admins have suspended access through Enterprise Key Management.', askAdmin]],
  [
    /^(?:invalid|missing|unknown|too_many|duplicate|as_user|metadata|markdown_text|no_dual|alt_txt|method_|deprecated_|unknown_method)/,
    ['upstream_error', undefined, ours],
  ],
];

/** @returns undefined for an undocumented error. */
export function findRefusal(name: string): Refusal | undefined {
  return known.get(name) ?? families.find(([pattern]) => pattern.test(name))?.[1];
}
