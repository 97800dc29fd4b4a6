import { APIConnectionError, APIError, APIUserAbortError } from '@anthropic-ai/sdk';
import type { ModelFailure } from './model.ts';
import { readRetryAfter } from './retry.ts';

/** The stream delivered no byte for too long. */
export class IdleStream extends Error {
  override readonly name = 'IdleStream';
}

/** A failed attempt, and whether another may help. */
export interface Failed {
  readonly retry: boolean;
  /** HTTP status, if there was a response. */
  readonly status?: number;
  readonly retryAfterMs: number | undefined;
  /** Set if fewer attempts than usual make sense. */
  readonly mostAttempts?: number;
  readonly failure: ModelFailure;
}

export const endedEarly: Failed = {
  retry: true,
  retryAfterMs: undefined,
  failure: { kind: 'broken', message: "The model's answer ended before it was complete." },
};

export const cancelled: Failed = {
  retry: false,
  retryAfterMs: undefined,
  failure: { kind: 'cancelled', message: 'Cancelled.' },
};

/** How messages name the platform, and how network errors are described. */
export interface Platform {
  /** At the start of a sentence: `The Anthropic API`. */
  readonly name: string;
  readonly host: string;
  /** What to check if the key is rejected: the name of a variable. */
  readonly credential: string;
  readonly faultOf: (error: unknown, host: string) => NetworkFault | undefined;
}

/** Why the request failed, as far as the network error says. */
export interface NetworkFault {
  readonly isLasting: boolean;
  readonly message: string;
}

/** Interprets an error from the SDK. */
export function classify(error: unknown, signal: AbortSignal, platform: Platform): Failed {
  const { name } = platform;
  if (signal.aborted || error instanceof APIUserAbortError) return cancelled;
  if (error instanceof IdleStream) return again('broken', 'The model stopped responding in the middle of its answer.');
  if (error instanceof CredentialError) return no('unauthorized', error.message);
  if (error instanceof APIConnectionError || !(error instanceof APIError)) return unreachable(error, platform);
  const headers: unknown = error.headers;
  const retryAfterMs = headers instanceof Headers ? readRetryAfter((key) => headers.get(key), Date.now()) : undefined;
  const said = error.apiMessage === null ? '' : ` It said: ${JSON.stringify(error.apiMessage.slice(0, 300))}.`;
  switch (error.status) {
    case 401:
      return { ...no('unauthorized', `${name} rejected the key. Check ${platform.credential}.`), status: 401 };
    case 402:
      return no('payment', `The account at ${platform.host} cannot pay for this call.${said}`);
    case 403:
      return no('unauthorized', `${name} does not allow this with the configured key.${said}`);
    case 404:
      return no(
        'not-found',
        `${name} does not know this model or address.${said} Check the model's name and the base URL.`,
      );
    case 407:
      return no(
        'unreachable',
        'The proxy requires a user name and password (407). Put them in the address in HTTPS_PROXY.',
      );
    case 429:
      return again('rate-limited', `${name} is rate limiting requests.${waitText(retryAfterMs)}`, retryAfterMs);
    case 400:
    case 413:
    case 422:
      return refused(error.apiMessage ?? error.message, said, name);
    default:
      break;
  }
  // An error frame within a stream has no status, only a type.
  const overloaded = error.status === 529 || error.type === 'overloaded_error';
  if (overloaded) return again('overloaded', `${name} is overloaded.`, retryAfterMs);
  const status = error.status === undefined ? (error.type ?? 'unknown error') : `status ${error.status}`;
  const transient = error.status === undefined || error.status === 408 || error.status === 409 || error.status >= 500;
  const message = `${name} failed (${status}).${said}`;
  return transient ? again('broken', message, retryAfterMs) : no('broken', message);
}

/** No credential was available. The message is for a person. */
export class CredentialError extends Error {
  override readonly name = 'CredentialError';
}

/** The AWS or Google credential chain found nothing, or its credentials were rejected. */
function lacksCredentials(error: unknown): boolean {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 5; inner = inner.cause, depth += 1)
    if (
      inner.name === 'CredentialsProviderError' ||
      /\b(?:load|acquire|default) [\w ]*credentials/i.test(inner.message)
    )
      return true;
  return false;
}

/** Retries network errors only briefly: a wrong name or port stays wrong. */
const attemptsOfFault = 3;

function unreachable(error: unknown, { name, host, credential, faultOf }: Platform): Failed {
  if (lacksCredentials(error)) return no('unauthorized', `No credentials found for ${name}. Check ${credential}.`);
  const fault = faultOf(error, host);
  if (fault === undefined)
    return error instanceof APIConnectionError
      ? again('unreachable', `${name} cannot be reached. Check the network and the address ${host}.`)
      : again('broken', "The model's answer was interrupted.");
  const message = `${name} cannot be reached. ${fault.message}`;
  return fault.isLasting
    ? no('unreachable', message)
    : { ...again('unreachable', message), mostAttempts: attemptsOfFault };
}

// The Anthropic API first, then Bedrock and gateways.
const tooLong =
  /prompt is too long|exceeds? (?:the )?(?:model'?s? )?context|exceeds the maximum (?:size|number of (?:bytes|tokens))|input is too long|maximum context length|context (?:window|length|limit)|too many (?:input )?tokens/i;

/** Of one image. Too many or too large ones together are a conversation that is too long. */
const badImage =
  /could not process image|image (?:dimensions?|does not match|cannot be|exceeds)|\bimage\.source\b|image\/\w+ media type|(?:invalid|unsupported|unable to (?:decode|process)) (?:\w+ )?image/i;

function refused(message: string, said: string, name: string): Failed {
  if (badImage.test(message)) return no('bad-image', `${name} rejected an image.${said}`);
  if (!tooLong.test(message)) return no('bad-request', `${name} rejected the request.${said}`);
  const [, tokens, answer = '0', most] =
    /(\d{4,})(?: \+ (\d+))?(?: tokens)? > (\d{4,})/.exec(message.replaceAll(/(?<=\d),(?=\d{3})/g, '')) ?? [];
  const failed = no('too-long', `The conversation does not fit the model's context.${said}`);
  if (tokens === undefined) return failed;
  const fits = { tokens: Number(tokens), most: Number(most) - Number(answer) };
  return { ...failed, failure: { ...failed.failure, tooLong: fits } };
}

function no(kind: ModelFailure['kind'], message: string): Failed {
  return { retry: false, retryAfterMs: undefined, failure: { kind, message } };
}

function again(kind: ModelFailure['kind'], message: string, retryAfterMs?: number): Failed {
  return { retry: true, retryAfterMs, failure: { kind, message } };
}

function waitText(retryAfterMs: number | undefined): string {
  return retryAfterMs === undefined ? '' : ` It asks for a wait of ${Math.ceil(retryAfterMs / 1000)} s.`;
}
