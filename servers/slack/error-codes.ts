import type { ErrorCode } from '../contract/errors.ts';

/** What a refusal of Slack is to the caller, and what to do about it. No message: the name of the error says as much. */
export type Refusal = readonly [code: ErrorCode, message: string | undefined, hint: string];

const invite = 'Invite the app to the channel with /invite, or use a channel from list_slack_channels.';
const newToken = 'Put a valid bot token (xoxb-...) in SLACK_BOT_TOKEN.';
const askAdmin = 'A workspace admin can change it.';
const showTs = 'Give its ts as read_slack_channel shows it.';
const waitForMove = 'Try again when the move is finished.';
const simpler = 'Write it more simply: shorter, without tables or with less formatting. The details name the reason.';
const ours = 'This server sent a wrong request: please report it with the details. Nothing was done.';

/** The token, the app and the workspace: every method may answer these. */
const access: Readonly<Record<string, Refusal>> = {
  not_authed: ['unauthorized', 'Slack got no token.', newToken],
  invalid_auth: ['unauthorized', 'Slack does not accept the token.', newToken],
  account_inactive: ['unauthorized', 'The Slack token belongs to a removed user or app.', newToken],
  token_revoked: ['unauthorized', 'The Slack token was revoked.', newToken],
  token_expired: ['unauthorized', 'The Slack token has expired.', newToken],
  two_factor_setup_required: [
    'unauthorized',
    'The workspace requires two-factor authentication, which the account of the token has not set up.',
    'Set it up in Slack for that account.',
  ],
  org_login_required: [
    'unauthorized',
    'The workspace moves to an organisation; its tokens do not work until it is done.',
    waitForMove,
  ],
  team_added_to_org: ['conflict', 'The workspace is being moved to an organisation.', waitForMove],
  not_allowed_token_type: [
    'forbidden',
    'Slack does not allow this with this kind of token.',
    'Use a bot token (xoxb-...) in SLACK_BOT_TOKEN; for search.messages a user token (xoxp-...) in SLACK_USER_TOKEN.',
  ],
  is_bot: ['forbidden', 'Slack does not allow this to a bot of the old kind.', 'Create a Slack app and use its token.'],
  accesslimited: [
    'forbidden',
    'Slack does not allow this from the network that the request came from.',
    'Connect through the company network, or have a workspace admin allow this address.',
  ],
  access_denied: ['forbidden', 'The Slack token may not do this.', askAdmin],
  no_permission: [
    'forbidden',
    'The Slack token may not do this.',
    'Check the scopes under "OAuth & Permissions", and invite the app to the channel.',
  ],
  team_access_not_granted: ['forbidden', 'The Slack app is not installed in this workspace.', newToken],
  team_not_found: [
    'not_configured',
    'The token is for a whole Slack organisation; a token of one workspace is needed.',
    newToken,
  ],
  missing_argument: [
    'not_configured',
    'Slack misses an argument: most likely team_id, which the token of a whole organisation needs.',
    'Install the app in one workspace and use the token of that installation.',
  ],
  ekm_access_denied: ['forbidden', 'Admins have suspended access with their encryption keys.', askAdmin],
  enterprise_is_restricted: ['forbidden', 'Slack does not allow this in an Enterprise organisation.', askAdmin],
  feature_not_enabled: [
    'not_configured',
    'The workspace does not have this feature of Slack.',
    'It may need another plan, or AI features turned on by an admin.',
  ],
  paid_teams_only: ['not_configured', 'Only paid plans of Slack have this.', 'Do without it.'],
  plan_upgrade_required: ['not_configured', 'The plan of the workspace does not include this.', 'Do without it.'],
  permission_denied: ['forbidden', 'A workspace setting keeps the app from doing this.', askAdmin],
};

const channels: Readonly<Record<string, Refusal>> = {
  channel_not_found: ['not_found', 'Slack has no such channel, or it is private and the app is not in it.', invite],
  invalid_channel: ['not_found', 'Slack has no such channel, or it is private and the app is not in it.', invite],
  not_in_channel: ['forbidden', 'The Slack app is not in this channel.', invite],
  channel_is_limited_access: [
    'forbidden',
    'Only some people may use this channel, and the Slack app is not one of them.',
    'A manager of the channel can give the app access.',
  ],
  posting_to_channel_denied: ['forbidden', 'The Slack app may not post to this channel.', askAdmin],
  is_archived: ['conflict', 'The channel is archived.', 'Unarchive it in Slack, or use another channel.'],
  is_inactive: ['conflict', 'The channel is archived, frozen or deleted.', 'Use another channel.'],
  restricted_action: ['forbidden', 'A workspace setting keeps the app from doing this.', askAdmin],
  external_channel_migrating: ['conflict', 'The channel is being moved to another workspace.', 'Try again later.'],
  method_not_supported_for_channel_type: [
    'invalid_arguments',
    "'channel': Slack does not allow this in a conversation of this kind.",
    'Give a public or private channel.',
  ],
  channel_type_not_supported: [
    'invalid_arguments',
    "'channel': Slack does not allow this in a conversation of this kind.",
    'Give a public or private channel.',
  ],
  messages_tab_disabled: [
    'forbidden',
    'The app has its messages tab turned off: nobody can be written to there.',
    'Turn it on under "App Home" of the app, or post to a channel.',
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
  cannot_reply_to_message: ['conflict', 'This kind of message takes no replies.', 'Post to the channel instead.'],
  cant_broadcast_message: ['conflict', 'This message cannot be shown in the channel too.', 'Post it to the channel.'],
  cant_update_message: [
    'forbidden',
    'Only messages that this app posted can be changed.',
    'Reply in its thread with post_slack_message.',
  ],
  edit_window_closed: [
    'forbidden',
    'The message is too old to be changed in this workspace.',
    'Reply in its thread with post_slack_message.',
  ],
  block_mismatch: [
    'conflict',
    'Slack does not replace this kind of message by the new one.',
    'Reply in its thread with post_slack_message.',
  ],
  streaming_state_conflict: ['conflict', 'The message is still being written.', 'Try again when it is complete.'],
  update_failed: ['upstream_error', 'Slack failed to change the message.', 'Try again.'],
  msg_too_long: ['too_large', 'Slack found the message too long.', 'Shorten it, or use upload_slack_file.'],
  msg_blocks_too_long: ['too_large', 'Slack found the message too long.', 'Shorten it, or use upload_slack_file.'],
  attachment_payload_limit_exceeded: ['too_large', 'Slack found the message too large.', 'Shorten it.'],
  metadata_too_large: ['upstream_error', 'Slack found the metadata of the message too large.', ours],
  no_text: ['upstream_error', 'Slack found no text in the message.', 'Give some text.'],
  invalid_blocks: ['upstream_error', undefined, simpler],
  invalid_blocks_format: ['upstream_error', undefined, simpler],
  invalid_attachments: ['upstream_error', undefined, simpler],
  too_many_attachments: ['upstream_error', undefined, simpler],
  message_limit_exceeded: [
    'quota_exceeded',
    'The workspace has reached its limit of messages.',
    'Wait, or have a workspace admin look at the plan.',
  ],
  invalid_name: [
    'invalid_arguments',
    "'name': Slack has no such emoji.",
    'Give a name such as eyes or white_check_mark.',
  ],
  already_pinned: ['conflict', 'The message is pinned already.', 'Nothing is left to do.'],
  no_pin: ['conflict', 'The message is not pinned.', 'Nothing is left to do.'],
  not_pinned: ['conflict', 'The message is not pinned.', 'Nothing is left to do.'],
  not_pinnable: ['conflict', 'Slack does not pin this kind of message.', 'Post a link to it instead.'],
  too_many_pins: ['quota_exceeded', 'The channel has as many pins as Slack allows.', 'Unpin another message first.'],
  already_reacted: ['conflict', 'The reaction is there already.', 'Nothing is left to do.'],
  too_many_emoji: ['conflict', 'The message has as many reactions as Slack allows.', 'Use a reaction that is there.'],
  too_many_reactions: ['conflict', 'The message has as many reactions as Slack allows.', 'Do without it.'],
  file_comment_not_found: ['not_found', 'There is no such comment of a file.', 'React to the message instead.'],
  not_reactable: ['conflict', 'This message takes no reactions.', 'Do without it.'],
};

const lookUps: Readonly<Record<string, Refusal>> = {
  user_not_found: ['not_found', 'Slack has no such user.', 'find_slack_users finds ids.'],
  users_not_found: [
    'not_found',
    'No Slack user has this e-mail address.',
    'find_slack_users finds people by name too.',
  ],
  user_not_visible: ['forbidden', 'The Slack app may not see this person.', askAdmin],
  bot_not_found: ['not_found', 'Slack has no such app.', 'Do without its name.'],
  invalid_cursor: [
    'invalid_arguments',
    "'cursor': not one that Slack gave, or too old.",
    'Leave it out to begin again.',
  ],
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
  limit_required: ['too_large', 'The workspace is too large to be listed at once.', ours],
  no_query: ['invalid_arguments', "'query': Slack found nothing to search for.", 'Give a word.'],
  missing_query: ['invalid_arguments', "'query': Slack found nothing to search for.", 'Give a word.'],
  query_too_long: ['invalid_arguments', "'query' is too long for Slack.", 'Shorten it.'],
  context_channel_not_found: ['not_found', 'Slack has no such channel for the search.', invite],
  invalid_action_token: [
    'not_configured',
    'Slack lets a bot search only in answer to a message, which this server does not get.',
    'Set SLACK_USER_TOKEN (xoxp-..., scope search:read) to search, or read the channel with read_slack_channel.',
  ],
};

const files: Readonly<Record<string, Refusal>> = {
  file_not_found: [
    'not_found',
    'Slack has no such file, or the app may not see it.',
    'Give the id as a message shows it.',
  ],
  file_deleted: ['not_found', 'The file was deleted.', 'Ask whoever shared it.'],
  file_uploads_disabled: ['forbidden', 'A workspace setting turns uploads off.', 'Post the text as a message.'],
  file_uploads_except_images_disabled: ['forbidden', 'The workspace takes images only.', 'Post the text as a message.'],
  blocked_file_type: [
    'forbidden',
    'The workspace does not take files of this type.',
    'Use another file type, such as .txt.',
  ],
  file_upload_size_restricted: ['too_large', 'The workspace does not take files of this size.', 'Shorten the file.'],
  snippet_too_large: ['too_large', 'Slack takes snippets of at most 1 MB.', 'Shorten the file.'],
  storage_limit_reached: [
    'quota_exceeded',
    'The workspace has no room for more files.',
    'Post the text as a message, or delete old files.',
  ],
  file_update_failed: ['upstream_error', 'Slack failed to share the file.', 'Try again.'],
};

/** Error strings of the methods that we call; docs.slack.dev/reference/methods. */
const known: ReadonlyMap<string, Refusal> = new Map(
  [access, channels, messages, lookUps, files].flatMap((table) => Object.entries(table)),
);

/** Errors of one kind whose names differ in what they are about. */
const families: readonly (readonly [RegExp, Refusal])[] = [
  [/^invalid_(?:thread_)?ts/, ['invalid_arguments', 'Slack rejected this timestamp.', showTs]],
  [
    /^restricted_action_thread_|^thread_locked/,
    [
      'forbidden',
      'The channel or the thread is limited to threads, or locked.',
      'Reply in another thread, or ask a manager of the channel.',
    ],
  ],
  [
    /^restricted_action_|_restricted$|^posting_to_.*_denied$/,
    ['forbidden', 'A setting of the workspace or the channel keeps the app from doing this.', askAdmin],
  ],
  [
    /^slack_connect_|_blocked$/,
    [
      'forbidden',
      'A setting of the workspace or the channel keeps the app from sharing this.',
      `${askAdmin} Text without the file or link may go.`,
    ],
  ],
  [/^ekm_/, ['forbidden', 'Admins have suspended access with their encryption keys.', askAdmin]],
  [
    /^(?:invalid|missing|unknown|too_many|duplicate|as_user|metadata|markdown_text|no_dual|alt_txt|method_|deprecated_|unknown_method)/,
    ['upstream_error', undefined, ours],
  ],
];

/** @returns undefined for an error that Slack's documentation does not name. */
export function findRefusal(name: string): Refusal | undefined {
  return known.get(name) ?? families.find(([pattern]) => pattern.test(name))?.[1];
}
