import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import * as z from 'zod';
import type { ErrorCode } from '../contract/errors.ts';
import { ToolError } from '../kit/errors.ts';

interface Circumstances {
  readonly method: string;
  readonly write: boolean;
  /** Of the HTTP answer; undefined when there was none. */
  readonly status: number | undefined;
  readonly signal: AbortSignal;
}

type Told = readonly [code: ErrorCode, message: string, hint?: string];

const invite = 'Invite the app to the channel with /invite, or use a channel from list_slack_channels.';
const newToken = 'Put a valid bot token (xoxb-...) in SLACK_BOT_TOKEN.';

/** Error strings of the methods that we call; docs.slack.dev/reference/methods. */
const known: Readonly<Record<string, Told>> = {
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
  ratelimited: ['rate_limited', 'Slack limits how fast this may be done.'],
  rate_limited: ['rate_limited', 'Slack limits how fast this may be done.'],
  message_limit_exceeded: ['quota_exceeded', 'The workspace has reached its limit of messages.'],
  invalid_cursor: [
    'invalid_arguments',
    "'cursor': not one that Slack gave, or too old.",
    'Leave it out to begin again.',
  ],
  invalid_ts_latest: ['invalid_arguments', "'latest': must be a message ts such as 1700000000.000100, or a time."],
  invalid_ts_oldest: ['invalid_arguments', "'oldest': must be a message ts such as 1700000000.000100, or a time."],
};

/** Slack failed in the middle: part of the call may have been done (its documentation says so of internal_error). */
const transient = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']);

/** Failures before a byte of the request left this machine. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Anything that @slack/web-api or fetch throws, as an error of ours. Slack's words are quoted, never passed on. */
export function failureOf(error: unknown, circumstances: Circumstances): ToolError {
  if (error instanceof ToolError) return error;
  if (error instanceof WebAPIRateLimitedError)
    return new ToolError('rate_limited', 'Slack limits how fast this may be done.', {
      retryAfterMs: error.retryAfter * 1000,
    });
  if (error instanceof WebAPIPlatformError) return platformFailure(error, circumstances);
  if (error instanceof WebAPIHTTPError) return httpFailure(error.statusCode, circumstances);
  if (circumstances.status === 429)
    return new ToolError('rate_limited', 'Slack limits how fast this may be done, and does not say for how long.');
  return networkFailure(error, circumstances);
}

const detailSchema = z.object({
  needed: z.string().optional(),
  provided: z.string().optional(),
  errors: z.array(z.string()).optional(),
  response_metadata: z.object({ messages: z.array(z.string()).optional() }).optional(),
});

function platformFailure(error: WebAPIPlatformError, { method, write }: Circumstances): ToolError {
  const name = error.data.error;
  // The library puts a body that is not JSON there.
  if (!/^[a-z0-9_]{1,80}$/.test(name))
    return unknownOr(write, 'upstream_error', `What answered ${method} is not Slack (a proxy or a login page?).`);
  const detail = detailSchema.safeParse(error.data);
  const { needed, errors, response_metadata: metadata } = detail.success ? detail.data : {};
  if (name === 'missing_scope')
    return new ToolError('forbidden', `The Slack app lacks the scope ${needed ?? 'that this needs'}.`, {
      hint: 'Add it under "OAuth & Permissions" of the app and install the app again.',
    });
  const told = known[name];
  if (told !== undefined)
    return new ToolError(told[0], told[1], {
      details: { slack: name },
      ...(told[2] !== undefined && { hint: told[2] }),
    });
  if (transient.has(name)) return unknownOr(write, 'upstream_error', `Slack failed in ${method} (${name}).`);
  const reasons = errors ?? metadata?.messages;
  return new ToolError('upstream_error', `Slack refused ${method}: ${name}.`, {
    ...(reasons !== undefined && { details: { reasons: reasons.slice(0, 10) } }),
  });
}

function httpFailure(status: number, { method, write }: Circumstances): ToolError {
  if (status >= 500) return unknownOr(write, 'upstream_error', `Slack answered ${method} with status ${status}.`);
  return new ToolError('upstream_error', `Slack answered ${method} with status ${status}.`);
}

function networkFailure(error: unknown, { method, write, signal }: Circumstances): ToolError {
  const cause = error instanceof WebAPIRequestError ? error.original : error;
  const code = codeOf(cause);
  if (code !== undefined && neverSent.has(code))
    return new ToolError('unreachable', `Slack cannot be reached (${code}); nothing was sent.`, {
      hint: 'Check the network, and SLACK_API_URL if it is set.',
    });
  if (!write && signal.aborted) return new ToolError('cancelled', 'The call was cancelled.');
  if (isRedirect(cause))
    return new ToolError(
      'upstream_error',
      `What answered ${method} sends elsewhere (a proxy or a login page?); it was not followed.`,
    );
  if (cause instanceof Error && cause.name === 'TimeoutError')
    return unknownOr(write, 'timeout', `Slack did not answer ${method} in time.`);
  return unknownOr(
    write,
    'unreachable',
    `The connection to Slack broke during ${method}${code === undefined ? '' : ` (${code})`}.`,
  );
}

/** Of a write whose request may have arrived, nobody knows the outcome yet: the ledger looks for it. */
function unknownOr(write: boolean, code: ErrorCode, message: string): ToolError {
  return write ? new ToolError('outcome_unknown', message) : new ToolError(code, message, { retryable: true });
}

function isRedirect(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.message.includes('redirect');
}

function codeOf(error: unknown): string | undefined {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 5; inner = inner.cause, depth += 1) {
    if ('code' in inner && typeof inner.code === 'string') return inner.code;
    if (inner instanceof AggregateError) return codeOf(inner.errors[0]);
  }
  return undefined;
}
