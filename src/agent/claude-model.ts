import Anthropic, { APIConnectionError, APIError, APIUserAbortError } from '@anthropic-ai/sdk';
import { toParams } from './claude-params.ts';
import { createTurn } from './claude-turn.ts';
import type { Model, ModelEvent, ModelFailure, ModelRequest } from './model.ts';
import { decideRetry, modelRetryPolicy, readRetryAfter, sleep, type RetryPolicy } from './retry.ts';

export interface ClaudeOptions {
  readonly model: string;
  readonly apiKey: string;
  /** Without `/v1`; undefined means Anthropic's own. */
  readonly baseUrl: string | undefined;
  readonly retry?: RetryPolicy;
  /** A stream on which no byte has come for so long is broken off and tried again. */
  readonly idleMs?: number;
  readonly random?: () => number;
}

const defaultIdleMs = 90_000;

/**
 * Claude over the Messages API. The SDK's own retries are off: it would wait up to 24 days in silence where a server
 * asks for it, and retries nothing once a stream has begun.
 */
export function createClaudeModel(options: ClaudeOptions): Model {
  const policy = options.retry ?? modelRetryPolicy;
  const random = options.random ?? Math.random;

  async function* stream(request: ModelRequest): AsyncGenerator<ModelEvent> {
    for (let attempt = 1; ; attempt += 1) {
      let streamed = false;
      let failed = endedEarly;
      try {
        for await (const event of streamOnce(options, request)) {
          streamed = true;
          yield event;
          if (event.type === 'turn-finished') return;
        }
      } catch (error) {
        failed = classify(error, request.signal);
      }
      const decision = failed.retry ? decideRetry(policy, attempt, failed.retryAfterMs, random()) : giveUp;
      if (decision.kind === 'give-up' || request.signal.aborted) {
        yield { type: 'turn-failed', failure: request.signal.aborted ? cancelled.failure : failed.failure };
        return;
      }
      if (streamed) yield { type: 'turn-restarted' };
      yield { type: 'retry-scheduled', reason: failed.failure.message, attempt, delayMs: decision.delayMs };
      await sleep(decision.delayMs, request.signal);
    }
  }

  return { id: options.model, stream };
}

/** One attempt at a turn: throws what goes wrong, and just ends where the stream did so before `message_stop`. */
async function* streamOnce(options: ClaudeOptions, request: ModelRequest): AsyncGenerator<ModelEvent> {
  const idleMs = options.idleMs ?? defaultIdleMs;
  const idle = new AbortController();
  let lastByte = performance.now();
  const touch = (): void => {
    lastByte = performance.now();
  };
  // Bytes, not events: the SDK swallows the pings that tell a long thought from a dead connection.
  const client = new Anthropic({
    apiKey: options.apiKey,
    authToken: null,
    baseURL: options.baseUrl ?? 'https://api.anthropic.com',
    maxRetries: 0,
    logLevel: 'off',
    fetch: async (url, init) => watchBody(await fetch(url, init), touch),
  });
  const watchdog = setInterval(
    () => {
      if (performance.now() - lastByte > idleMs) idle.abort();
    },
    Math.min(1000, idleMs / 4),
  );
  try {
    const turn = createTurn();
    const signal = AbortSignal.any([request.signal, idle.signal]);
    for await (const event of client.messages.stream(toParams(options.model, request), { signal })) {
      const seen = turn.accept(event);
      if (seen !== undefined) yield seen;
    }
    const finished = turn.finish();
    if (finished !== undefined) yield finished;
  } catch (error) {
    throw idle.signal.aborted ? new IdleStream() : error;
  } finally {
    clearInterval(watchdog);
  }
}

class IdleStream extends Error {
  override readonly name = 'IdleStream';
}

interface Failed {
  readonly retry: boolean;
  readonly retryAfterMs: number | undefined;
  readonly failure: ModelFailure;
}

const giveUp = { kind: 'give-up' } as const;
const endedEarly: Failed = {
  retry: true,
  retryAfterMs: undefined,
  failure: { kind: 'broken', message: "The model's answer ended before it was complete." },
};

const cancelled: Failed = {
  retry: false,
  retryAfterMs: undefined,
  failure: { kind: 'cancelled', message: 'Cancelled.' },
};

function classify(error: unknown, signal: AbortSignal): Failed {
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
      return no('bad-request', `The Anthropic API refused the request.${said}`);
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

function no(kind: ModelFailure['kind'], message: string): Failed {
  return { retry: false, retryAfterMs: undefined, failure: { kind, message } };
}

function again(kind: ModelFailure['kind'], message: string, retryAfterMs?: number): Failed {
  return { retry: true, retryAfterMs, failure: { kind, message } };
}

function waitText(retryAfterMs: number | undefined): string {
  return retryAfterMs === undefined ? '' : ` It asks to wait ${Math.ceil(retryAfterMs / 1000)} s.`;
}

function watchBody(response: Response, touch: () => void): Response {
  touch();
  if (response.body === null) return response;
  const watched = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        touch();
        controller.enqueue(chunk);
      },
    }),
  );
  return new Response(watched, { status: response.status, statusText: response.statusText, headers: response.headers });
}
