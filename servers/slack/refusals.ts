import type { ErrorCode } from '../contract/errors.ts';
import { ToolError } from '../kit/errors.ts';

/** What a refusal of Slack is to the caller. */
export type Refusal = readonly [code: ErrorCode, message: string, hint?: string];

const invite = 'Invite the app to the channel with /invite, or use a channel from list_slack_channels.';
const newToken = 'Put a valid bot token (xoxb-...) in SLACK_BOT_TOKEN.';

/** Error strings of the methods that we call; docs.slack.dev/reference/methods. */
const known: Readonly<Record<string, Refusal>> = {
  not_authed: ['unauthorized', 'Slack got no token.', newToken],
  invalid_auth: ['unauthorized', 'Slack does not accept the token.', newToken],
  account_inactive: ['unauthorized', 'The Slack token belongs to a removed user or app.', newToken],
  token_revoked: ['unauthorized', 'The Slack token was revoked.', newToken],
  token_expired: ['unauthorized', 'The Slack token has expired.', newToken],
  not_allowed_token_type: ['forbidden', 'Slack does not allow this with this kind of token.'],
  channel_not_found: ['not_found', 'Slack has no such channel, or it is private and the app is not in it.', invite],
  not_in_channel: ['forbidden', 'The Slack app is not in this channel.', invite],
  team_not_found: [
    'not_configured',
    'The token is for a whole Slack organisation; a token of one workspace is needed.',
    newToken,
  ],
  is_archived: ['conflict', 'The channel is archived.'],
  restricted_action: ['forbidden', 'A workspace setting keeps the app from doing this.'],
  message_not_found: [
    'not_found',
    'There is no such message in this channel.',
    'Give its ts as read_slack_channel shows it.',
  ],
  thread_not_found: [
    'not_found',
    'There is no such thread in this channel.',
    'Give the ts of the first message as thread_ts.',
  ],
  user_not_found: ['not_found', 'Slack has no such user.', 'find_slack_users finds ids.'],
  users_not_found: ['not_found', 'No Slack user has this e-mail address.'],
  cant_update_message: ['forbidden', 'Only messages that this app posted can be changed.'],
  edit_window_closed: ['forbidden', 'The message is too old to be changed in this workspace.'],
  invalid_name: [
    'invalid_arguments',
    "'name': Slack has no such emoji.",
    'Give a name such as eyes or white_check_mark.',
  ],
  already_reacted: ['conflict', 'The reaction is there already.'],
  too_many_emoji: ['conflict', 'The message has as many reactions as Slack allows.'],
  msg_too_long: ['too_large', 'Slack found the message too long.'],
  msg_blocks_too_long: ['too_large', 'Slack found the message too long.'],
  message_limit_exceeded: ['quota_exceeded', 'The workspace has reached its limit of messages.'],
  org_login_required: [
    'unauthorized',
    'The workspace moves to an organisation; its tokens do not work until it is done.',
  ],
  team_access_not_granted: ['forbidden', 'The Slack app is not installed in this workspace.', newToken],
  no_permission: ['forbidden', 'The Slack token may not do this.'],
  access_denied: ['forbidden', 'The Slack token may not do this.'],
  cannot_reply_to_message: ['conflict', 'This kind of message takes no replies.'],
  cant_broadcast_message: ['conflict', 'This message cannot be shown in the channel too.'],
  external_channel_migrating: ['conflict', 'The channel is being moved to another workspace.', 'Try again later.'],
  bad_timestamp: ['invalid_arguments', "'ts': must be a message ts such as 1700000000.000100."],
  not_reactable: ['conflict', 'This message takes no reactions.'],
  too_many_reactions: ['conflict', 'The message has as many reactions as Slack allows.'],
  no_item_specified: ['not_found', 'There is no such message in this channel.'],
  user_not_visible: ['forbidden', 'The Slack app may not see this person.'],
  file_uploads_disabled: ['forbidden', 'A workspace setting turns uploads off.'],
  file_not_found: ['not_found', 'Slack no longer has the uploaded file.'],
  storage_limit_reached: ['quota_exceeded', 'The workspace has no room for more files.'],
  invalid_cursor: [
    'invalid_arguments',
    "'cursor': not one that Slack gave, or too old.",
    'Leave it out to begin again.',
  ],
  invalid_ts_latest: ['invalid_arguments', "'latest': must be a message ts such as 1700000000.000100, or a time."],
  invalid_ts_oldest: ['invalid_arguments', "'oldest': must be a message ts such as 1700000000.000100, or a time."],
};

/** Errors of one kind whose names differ in what they are about. */
const families: readonly (readonly [RegExp, Refusal])[] = [
  [
    /^invalid_(?:thread_)?ts/,
    ['invalid_arguments', 'Slack takes no such ts.', 'Give it as read_slack_channel shows it.'],
  ],
  [
    /^restricted_action_|^slack_connect_|_blocked$|^ekm_|_restricted$|^posting_to_.*_denied$/,
    ['forbidden', 'A setting of the workspace or the channel keeps the app from doing this.'],
  ],
];

/** Undefined for one that needs no words of ours: its name says as much. */
export function findRefusal(name: string): Refusal | undefined {
  return known[name] ?? families.find(([pattern]) => pattern.test(name))?.[1];
}

export function missingScope(scope = 'that this needs'): ToolError {
  return new ToolError('forbidden', `The Slack app lacks the scope ${scope}.`, {
    hint: 'Add it under "OAuth & Permissions" of the app and install the app again.',
  });
}
