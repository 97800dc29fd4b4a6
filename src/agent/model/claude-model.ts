import Anthropic from '@anthropic-ai/sdk';
import { cancelled, classify, endedEarly, IdleStream, type Platform } from './claude-failures.ts';
import { toParams, type Effort } from './claude-params.ts';
import { createTurn } from './claude-turn.ts';
import type { Model, ModelEvent, ModelRequest } from './model.ts';
import { decideRetry, modelRetryPolicy, sleep, type RetryPolicy } from './retry.ts';

export interface ClaudeOptions {
  readonly model: string;
  readonly apiKey: string;
  /** Undefined means Anthropic's own. */
  readonly baseUrl: string | undefined;
  /** Replaces the key: for gateways that take a bearer token, and for keys printed by a command. */
  readonly credential?: Credential | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Replaces the Anthropic API. */
  readonly client?: ClientOfPlatform | undefined;
  readonly platform?: Partial<Platform> | undefined;
  /** If undefined, what the model does by itself. */
  readonly effort?: Effort | undefined;
  readonly fetch?: typeof fetch | undefined;
  readonly retry?: RetryPolicy;
  /** A stream that delivers no byte for this long is aborted and retried. */
  readonly idleMs?: number;
  readonly random?: () => number;
}

/** @param isRefused the last credential was rejected and may have expired. @throws CredentialError */
export type Credential = (isRefused: boolean) => Promise<{ readonly apiKey?: string; readonly authToken?: string }>;

/** An SDK client for another platform that uses this `fetch`. */
export type ClientOfPlatform = (
  send: typeof fetch,
) => Promise<{ readonly messages: Pick<Anthropic['messages'], 'stream'> }>;

const defaultIdleMs = 90_000;
const anthropicUrl = 'https://api.anthropic.com';

/**
 * Claude over the Messages API. The SDK's retries are off: it would silently wait up to 24 days if a server asked for
 * it, and it never retries once a stream has started.
 */
export function createClaudeModel(options: ClaudeOptions): Model {
  const policy = options.retry ?? modelRetryPolicy;
  const random = options.random ?? Math.random;
  const baseUrl = readBaseUrl(options.baseUrl);
  const platform: Platform = {
    name: 'The Anthropic API',
    host: URL.canParse(baseUrl) ? new URL(baseUrl).host : baseUrl,
    credential: 'ANTHROPIC_API_KEY',
    faultOf: () => undefined,
    ...options.platform,
  };

  async function* stream(request: ModelRequest): AsyncGenerator<ModelEvent> {
    if (!/^https?:\/\/[^/]/.test(baseUrl)) {
      const message = `ANTHROPIC_BASE_URL is not a URL: '${baseUrl}' must start with https:// or http://.`;
      yield { type: 'turn-failed', failure: { kind: 'not-found', message } };
      return;
    }
    let waitedMs = 0;
    let isRefused = false;
    for (let attempt = 1; ; attempt += 1) {
      let streamed = false;
      let failed = endedEarly;
      try {
        for await (const event of streamOnce({ ...options, baseUrl }, request, isRefused)) {
          streamed = true;
          yield event;
          if (event.type === 'turn-finished') return;
        }
      } catch (error) {
        failed = classify(error, request.signal, platform);
        // A key printed by a command may have expired: ask for it again, once.
        const mayBeOld = failed.status === 401 && options.credential !== undefined && !isRefused;
        isRefused = failed.status === 401;
        if (mayBeOld) continue;
      }
      const { retryAfterMs, mostAttempts, failure } = failed;
      const isBusy = ['overloaded', 'rate-limited'].includes(failure.kind);
      const decision = failed.retry
        ? decideRetry(policy, { attempt, waitedMs, isBusy, retryAfterMs, mostAttempts }, random())
        : giveUp;
      if (decision.kind === 'give-up' || request.signal.aborted) {
        yield { type: 'turn-failed', failure: request.signal.aborted ? cancelled.failure : failure };
        return;
      }
      if (streamed) yield { type: 'turn-restarted' };
      const left = isBusy ? ` Retrying for up to ${inWords(policy.patienceMs - waitedMs)} more.` : '';
      yield { type: 'retry-scheduled', reason: `${failure.message}${left}`, attempt, delayMs: decision.delayMs };
      waitedMs += decision.delayMs;
      await sleep(decision.delayMs, request.signal);
    }
  }

  return { id: options.model, stream };
}

const giveUp = { kind: 'give-up' } as const;

/** The SDK adds `/v1/messages` itself. */
function readBaseUrl(given: string | undefined): string {
  const address = given?.trim() ?? '';
  return address === '' ? anthropicUrl : address.replace(/\/+$/, '').replace(/\/v1(?:\/messages)?$/, '');
}

function inWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** One attempt at a turn. Throws errors, but ends normally if the stream ended before `message_stop`. */
async function* streamOnce(
  options: ClaudeOptions,
  request: ModelRequest,
  isRefused: boolean,
): AsyncGenerator<ModelEvent> {
  const idleMs = options.idleMs ?? defaultIdleMs;
  const idle = new AbortController();
  let lastByte = performance.now();
  const touch = (): void => {
    lastByte = performance.now();
  };
  const { fetch: sendOut = fetch } = options;
  // Watches bytes, not events: the SDK hides the pings that distinguish long thinking from a dead connection.
  const send: typeof fetch = async (url, init) => watchBody(await sendOut(url, init), touch);
  const client = await (options.client?.(send) ?? clientOfApi(options, send, isRefused));
  touch();
  const watchdog = setInterval(
    () => {
      if (performance.now() - lastByte > idleMs) idle.abort();
    },
    Math.min(1000, idleMs / 4),
  );
  try {
    const turn = createTurn();
    const signal = AbortSignal.any([request.signal, idle.signal]);
    for await (const event of client.messages.stream(toParams(options, request), { signal })) {
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

async function clientOfApi(
  { apiKey, baseUrl, credential, headers }: ClaudeOptions,
  send: typeof fetch,
  isRefused: boolean,
): Promise<Anthropic> {
  const given = (await credential?.(isRefused)) ?? { apiKey };
  return new Anthropic({
    apiKey: given.apiKey ?? null,
    authToken: given.authToken ?? null,
    baseURL: baseUrl ?? anthropicUrl,
    defaultHeaders: headers ?? {},
    maxRetries: 0,
    logLevel: 'off',
    fetch: send,
  });
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
