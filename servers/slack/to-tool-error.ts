import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRequestError } from '@slack/web-api';
import * as z from 'zod';
import type { ErrorCode } from '../contract/errors.ts';
import { networkFault, type NetworkFault } from '../contract/network/faults.ts';
import { ToolError } from '../kit/errors.ts';
import { findRefusal } from './error-codes.ts';
import { missingScope } from './refusals.ts';

interface Circumstances {
  readonly method: string;
  readonly write: boolean;
  /** Undefined when there was no response. */
  readonly answered: Answered | undefined;
  readonly signal: AbortSignal;
  /** Whose token was used. */
  readonly as: 'bot' | 'person';
}

/** The parts of an HTTP response's status and headers that determine what to do. */
export interface Answered {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
}

/** Slack failed midway, so part of the call may have been done (its documentation says so for internal_error). */
const transient = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']);

/** Failures before any byte of the request left this machine. */
const neverSent: readonly NetworkFault['kind'][] = ['certificate', 'name', 'refused', 'proxy', 'address'];

/** Converts anything that @slack/web-api or fetch throws to our own error. Slack's text is quoted, never passed through as is. */
export function failureOf(error: unknown, circumstances: Circumstances): ToolError {
  if (error instanceof ToolError) return error;
  if (error instanceof WebAPIRequestError && error.original instanceof ToolError) return error.original;
  // The library does not parse dates in Retry-After.
  if (circumstances.answered?.status === 429) return limited(circumstances.answered);
  if (error instanceof WebAPIPlatformError) return platformFailure(error, circumstances);
  if (error instanceof WebAPIHTTPError) return httpFailure(error.statusCode, circumstances);
  // The response was complete but unreadable for the library: JSON that is not an object.
  if (circumstances.answered !== undefined && !(error instanceof WebAPIRequestError)) return notSlack(circumstances);
  return networkFailure(error, circumstances);
}

function limited(answered: Answered | undefined): ToolError {
  const wait = answered?.retryAfterMs;
  return wait === undefined
    ? new ToolError('rate_limited', 'Slack applied a rate limit without saying for how long.')
    : new ToolError('rate_limited', 'Slack applied a rate limit.', { retryAfterMs: wait });
}

const detailSchema = z.object({
  error: z.string(),
  needed: z.string().optional(),
  provided: z.string().optional(),
  errors: z.array(z.string()).optional(),
  response_metadata: z.object({ messages: z.array(z.string()).optional() }).optional(),
});

function platformFailure(error: WebAPIPlatformError, { method, write, answered, as }: Circumstances): ToolError {
  const detail = detailSchema.safeParse(error.data);
  // The library puts a non-JSON body where the error code should be.
  if (!detail.success || !/^[a-z0-9_]{1,80}$/.test(detail.data.error)) return notSlack({ method, write });
  const { error: name, needed, errors, response_metadata: metadata } = detail.data;
  if (name === 'missing_scope') return missingScope(needed);
  if (name === 'ratelimited' || name === 'rate_limited') return limited(answered);
  if (transient.has(name)) return unknownOr(write, 'upstream_error', `Slack failed in ${method} (${name}).`);
  const told = findRefusal(name);
  const reasons = errors ?? metadata?.messages;
  const details = { slack: name, ...(reasons !== undefined && { reasons: reasons.slice(0, 10) }) };
  if (told !== undefined) {
    const [code, message = `Slack rejected ${method}: ${name}.`, generalHint] = told;
    const isPersons = code === 'unauthorized' && as === 'person';
    const hint = isPersons ? 'Put a valid user token (xoxp-...) in SLACK_USER_TOKEN.' : generalHint;
    return new ToolError(code, message, { details, hint });
  }
  const hint = `https://docs.slack.dev/reference/methods/${method} may explain it.`;
  return new ToolError('upstream_error', `Slack rejected ${method}: ${name}.`, { details, hint });
}

function notSlack({ method, write }: Pick<Circumstances, 'method' | 'write'>): ToolError {
  return unknownOr(
    write,
    'upstream_error',
    `The response to ${method} did not come from Slack (a proxy or a login page?).`,
  );
}

function httpFailure(status: number, { method, write }: Circumstances): ToolError {
  // Slack responds with 200. A sender of 201 or 204 may have accepted the call, and so may one that timed out waiting.
  if (status >= 500 || status < 300 || status === 408 || status === 499)
    return unknownOr(write, 'upstream_error', `Slack responded to ${method} with status ${status}.`);
  return new ToolError('upstream_error', `Slack responded to ${method} with status ${status}.`);
}

function networkFailure(error: unknown, { method, write, signal }: Circumstances): ToolError {
  const cause = error instanceof WebAPIRequestError ? error.original : error;
  const code = codeOf(cause);
  const fault = networkFault(cause, 'Slack');
  const isUnsent =
    fault !== undefined && (neverSent.includes(fault.kind) || /WRONG_VERSION_NUMBER|CONNECT_TIMEOUT/.test(fault.code));
  if (isUnsent)
    return new ToolError('unreachable', `Slack cannot be reached (${fault.code}); nothing was sent.`, {
      hint: `${fault.message} Check SLACK_API_URL too if it is set.`,
    });
  if (!write && signal.aborted) return new ToolError('cancelled', 'The call was cancelled.');
  if (isRedirect(cause))
    return new ToolError(
      'upstream_error',
      `The response to ${method} was a redirect (a proxy or a login page?). It was not followed.`,
    );
  if (cause instanceof Error && cause.name === 'TimeoutError')
    return unknownOr(write, 'timeout', `Slack did not respond to ${method} in time.`);
  return unknownOr(
    write,
    'unreachable',
    `The connection to Slack broke during ${method}${code === undefined ? '' : ` (${code})`}.`,
  );
}

/** The outcome of a write whose request may have arrived is unknown. The ledger looks for it. */
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
