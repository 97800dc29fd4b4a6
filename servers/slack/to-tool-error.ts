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
  /** Undefined when no answer came. */
  readonly answered: Answered | undefined;
  readonly signal: AbortSignal;
  /** Whose token was used. */
  readonly as: 'bot' | 'person';
}

/** The head of an HTTP answer, as far as it says what to do. */
export interface Answered {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
}

/** Slack failed in the middle: part of the call may have been done (its documentation says so of internal_error). */
const transient = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']);

/** Failures before a byte of the request left this machine. */
const neverSent: readonly NetworkFault['kind'][] = ['certificate', 'name', 'refused', 'proxy', 'address'];

/** Anything that @slack/web-api or fetch throws, as an error of ours. Slack's words are quoted, never passed on. */
export function failureOf(error: unknown, circumstances: Circumstances): ToolError {
  if (error instanceof ToolError) return error;
  if (error instanceof WebAPIRequestError && error.original instanceof ToolError) return error.original;
  // The library's own reading of Retry-After knows no dates.
  if (circumstances.answered?.status === 429) return limited(circumstances.answered);
  if (error instanceof WebAPIPlatformError) return platformFailure(error, circumstances);
  if (error instanceof WebAPIHTTPError) return httpFailure(error.statusCode, circumstances);
  // It came whole, and was nothing that the library can read: JSON, but no object.
  if (circumstances.answered !== undefined && !(error instanceof WebAPIRequestError)) return notSlack(circumstances);
  return networkFailure(error, circumstances);
}

function limited(answered: Answered | undefined): ToolError {
  const wait = answered?.retryAfterMs;
  return wait === undefined
    ? new ToolError('rate_limited', 'Slack limits how fast this may be done, and does not say for how long.')
    : new ToolError('rate_limited', 'Slack limits how fast this may be done.', { retryAfterMs: wait });
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
  // The library puts a body that is not JSON where the name of the error should be.
  if (!detail.success || !/^[a-z0-9_]{1,80}$/.test(detail.data.error)) return notSlack({ method, write });
  const { error: name, needed, errors, response_metadata: metadata } = detail.data;
  if (name === 'missing_scope') return missingScope(needed);
  if (name === 'ratelimited' || name === 'rate_limited') return limited(answered);
  if (transient.has(name)) return unknownOr(write, 'upstream_error', `Slack failed in ${method} (${name}).`);
  const told = findRefusal(name);
  const reasons = errors ?? metadata?.messages;
  const details = { slack: name, ...(reasons !== undefined && { reasons: reasons.slice(0, 10) }) };
  if (told !== undefined) {
    const [code, message = `Slack refused ${method}: ${name}.`, generalHint] = told;
    const isPersons = code === 'unauthorized' && as === 'person';
    const hint = isPersons ? 'Put a valid user token (xoxp-...) in SLACK_USER_TOKEN.' : generalHint;
    return new ToolError(code, message, { details, hint });
  }
  const hint = `https://docs.slack.dev/reference/methods/${method} may say what it means.`;
  return new ToolError('upstream_error', `Slack refused ${method}: ${name}.`, { details, hint });
}

function notSlack({ method, write }: Pick<Circumstances, 'method' | 'write'>): ToolError {
  return unknownOr(write, 'upstream_error', `What answered ${method} is not Slack (a proxy or a login page?).`);
}

function httpFailure(status: number, { method, write }: Circumstances): ToolError {
  // Slack says 200; whoever says 201 or 204 may have taken the call, and so may who gave up waiting for it.
  if (status >= 500 || status < 300 || status === 408 || status === 499)
    return unknownOr(write, 'upstream_error', `Slack answered ${method} with status ${status}.`);
  return new ToolError('upstream_error', `Slack answered ${method} with status ${status}.`);
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
