import { APIConnectionError, APIError, APIUserAbortError } from '@anthropic-ai/sdk';
import type { ModelFailure } from './model.ts';
import { readRetryAfter } from './retry.ts';

/** No byte came for too long. */
export class IdleStream extends Error {
  override readonly name = 'IdleStream';
}

/** One attempt that failed, and whether another one may help. */
export interface Failed {
  readonly retry: boolean;
  readonly retryAfterMs: number | undefined;
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

/** What an error of the SDK means. */
export function classify(error: unknown, signal: AbortSignal): Failed {
  if (signal.aborted || error instanceof APIUserAbortError) return cancelled;
  if (error instanceof IdleStream) return again('broken', 'The model went silent in mid-answer.');
  if (error instanceof APIConnectionError) {
    return again('unreachable', 'The Anthropic API cannot be reached. Check the network and ANTHROPIC_BASE_URL.');
  }
  if (!(error instanceof APIError)) return again('broken', "The model's answer broke off.");
  const headers: unknown = error.headers;
  const retryAfterMs = headers instanceof Headers ? readRetryAfter((name) => headers.get(name), Date.now()) : undefined;
  const said = error.apiMessage === null ? '' : ` It said: ${JSON.stringify(error.apiMessage.slice(0, 300))}.`;
  switch (error.status) {
    case 401:
      return no('unauthorized', 'The Anthropic API refused the key. Check ANTHROPIC_API_KEY.');
    case 402:
      return no('payment', `The Anthropic account cannot pay for this call.${said}`);
    case 403:
      return no('unauthorized', `The Anthropic API key may not do this.${said}`);
    case 404:
      return no(
        'not-found',
        `The Anthropic API does not know this model or address.${said} Check the model's name and the base URL.`,
      );
    case 429:
      return again('rate-limited', `The Anthropic API limits the rate.${waitText(retryAfterMs)}`, retryAfterMs);
    case 400:
    case 413:
    case 422:
      return refused(error.apiMessage ?? '', said);
    default:
      break;
  }
  // An error frame in mid-stream has no status; its type tells.
  const overloaded = error.status === 529 || error.type === 'overloaded_error';
  if (overloaded) return again('overloaded', 'The Anthropic API is overloaded.', retryAfterMs);
  const status = error.status === undefined ? (error.type ?? 'unknown error') : `status ${error.status}`;
  const transient = error.status === undefined || error.status === 408 || error.status === 409 || error.status >= 500;
  const message = `The Anthropic API failed (${status}).${said}`;
  return transient ? again('broken', message, retryAfterMs) : no('broken', message);
}

// The Anthropic API and, in the last words, Bedrock and gateways.
const tooLong =
  /prompt is too long|exceeds? (?:the )?(?:model'?s? )?context|exceeds the maximum (?:size|number of (?:bytes|tokens))|input is too long|maximum context length|context (?:window|length|limit)|too many (?:input )?tokens/i;

function refused(message: string, said: string): Failed {
  if (!tooLong.test(message)) return no('bad-request', `The Anthropic API refused the request.${said}`);
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
  return retryAfterMs === undefined ? '' : ` It asks to wait ${Math.ceil(retryAfterMs / 1000)} s.`;
}
