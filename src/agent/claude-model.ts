import Anthropic from '@anthropic-ai/sdk';
import { cancelled, classify, endedEarly, IdleStream } from './claude-failures.ts';
import { toParams } from './claude-params.ts';
import { createTurn } from './claude-turn.ts';
import type { Model, ModelEvent, ModelRequest } from './model.ts';
import { decideRetry, modelRetryPolicy, sleep, type RetryPolicy } from './retry.ts';

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

const giveUp = { kind: 'give-up' } as const;

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
