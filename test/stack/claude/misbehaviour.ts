import type { MessagesRequest } from './request.ts';

/** Faults of the API. `after` is the number of stream frames that still arrive. */
export type Fault =
  /** An HTTP error with the API's error body. `retryAfter` is the header: seconds or a date. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string; readonly message?: string }
  /** An `error` event in mid-stream, as the API sends when it is overloaded. */
  | { readonly kind: 'error-event'; readonly after: number; readonly type?: string }
  /** The connection is reset. */
  | { readonly kind: 'cut'; readonly after: number }
  /** The stream ends cleanly, without message_stop. */
  | { readonly kind: 'end-early'; readonly after: number }
  /** Silence until the client disconnects. `after: 0` holds back the headers, too. */
  | { readonly kind: 'stall'; readonly after: number }
  /** The last tool input is cut in half, with stop_reason max_tokens. */
  | { readonly kind: 'cut-input' }
  /** A refusal replaces the scripted turn. */
  | { readonly kind: 'refusal'; readonly category?: string };

export interface Misbehaviour {
  readonly fault: Fault;
  /** Number of requests it affects. Default: 1. */
  readonly times?: number;
  /** Number of requests that succeed first. */
  readonly skip?: number;
  readonly when?: (request: MessagesRequest) => boolean;
}

/** Pending faults. The first one that is due applies. */
export function createFaults() {
  const waiting: { rule: Misbehaviour; skip: number; times: number }[] = [];
  return {
    add: (rule: Misbehaviour): void => {
      waiting.push({ rule, skip: rule.skip ?? 0, times: rule.times ?? 1 });
    },
    next: (request: MessagesRequest): Fault | undefined => {
      for (const entry of waiting) {
        if (entry.times === 0 || entry.rule.when?.(request) === false) continue;
        if (entry.skip > 0) {
          entry.skip -= 1;
          continue;
        }
        entry.times -= 1;
        return entry.rule.fault;
      }
      return undefined;
    },
  };
}

const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

export function errorTypeOf(status: number): string {
  return errorTypes[status] ?? 'api_error';
}
