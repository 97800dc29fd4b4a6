import type { CallOptions, ClientSettings, Download, Tokens } from './client-settings.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { Renewable } from '../contract/secrets/renewable.ts';
import { ToolError } from '../kit/errors.ts';
import { createPauses, type Pauses } from '../kit/pauses.ts';
import type { ConnectIo } from '../kit/run-server.ts';

export interface SlackClient {
  /** @throws ToolError for every failure, worded so that the model or the user can act on it. */
  readonly call: <Schema extends z.ZodType>(
    method: string,
    input: Readonly<Record<string, unknown>>,
    schema: Schema,
    options: CallOptions,
  ) => Promise<z.infer<Schema>>;
  /** Uploads a file to the address that Slack assigned, without the token. */
  readonly upload: (url: string, content: Buffer, options: CallOptions) => Promise<void>;
  /** Downloads a file from Slack with the bot token. @throws ToolError `too_large` above the kit's limit. */
  readonly download: (url: string, options: CallOptions) => Promise<Download>;
}

/** Slack's pagination fields. */
export const pageMetadata = z
  .object({ next_cursor: z.string().catch('') })
  .optional()
  .catch(undefined);

/**
 * The cursor of the next page; undefined after the last one.
 * @throws ToolError for a cursor that points back to its own page and would cause an endless loop.
 */
export function cursorAfter(cursor: string, metadata: z.infer<typeof pageMetadata>): string | undefined {
  const next = metadata?.next_cursor ?? '';
  if (next !== '' && next === cursor) throw new ToolError('upstream_error', 'Slack repeated the same page cursor.');
  return next === '' ? undefined : next;
}

/** A 429 with a longer wait is returned as an error. Slack does nothing for a rate-limited call. */
const longestWaitMs = 10_000;
const shortestWaitMs = 250;
const mostWaits = 3;

/**
 * Apps distributed outside the Marketplace may read messages once a minute. The limit is remembered, because an earlier
 * retry would only be rejected again.
 */
const historyMethods: ReadonlySet<string> = new Set(['conversations.history', 'conversations.replies']);

/** Loaded on first use. The server lists its tools without it. */
const load = () => import('./web-api.ts');

/** @param account the tokens. @throws ToolError from it, for a caller who has none. */
export function createSlackClient(
  apiUrl: string,
  { log, pauses, telemetry }: Pick<ConnectIo, 'log' | 'pauses' | 'telemetry'>,
  account: () => Promise<Renewable<Tokens>>,
): SlackClient {
  const limits = new Limits(pauses);
  /** A rejected token changed nothing, so even a write may be sent again with one that was rotated. */
  const authorized = async <T>(send: (used: ClientSettings) => Promise<T>): Promise<T> => {
    const tokens = await account();
    const used = tokens.current();
    try {
      return await send({ ...used, apiUrl, telemetry });
    } catch (error) {
      const isRejected = error instanceof ToolError && error.code === 'unauthorized';
      if (!isRejected || !(await tokens.renew(used)) || isSame(used, tokens.current())) throw error;
      return send({ ...tokens.current(), apiUrl, telemetry });
    }
  };
  return {
    call: async (method, input, schema, options) => {
      const { callOnce } = await load();
      const send = () =>
        authorized((used) => {
          const token = options.as === 'person' ? used.userToken : used.botToken;
          const bucket = `${used.apiUrl}\n${token}\n${method}`;
          return limits.heed(method, bucket, () => callOnce({ method, input, options, settings: used, log }));
        });
      const answer = await withWaits(send, options);
      const parsed = schema.safeParse(answer);
      if (parsed.success) return parsed.data;
      const fields = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
      log('warn', 'unexpected response', { method, fields });
      throw new ToolError(
        options.write === true ? 'outcome_unknown' : 'upstream_error',
        `Slack's response to ${method} is missing a required field: ${fields}.`,
      );
    },
    upload: async (url, content, options) => (await load()).upload(url, content, apiUrl, options),
    download: async (url, options) => {
      const tokens = await account();
      return (await load()).download(url, { ...tokens.current(), apiUrl, telemetry }, options);
    },
  };
}

export function isSame(a: Tokens, b: Tokens): boolean {
  return a.botToken === b.botToken && a.userToken === b.userToken;
}

/** Slack counts for each method and token. What it said about messages is remembered, whoever else shares it or not. */
class Limits {
  readonly #shared: Pauses;
  readonly #ofHistory = createPauses();

  constructor(shared: Pauses) {
    this.#shared = shared;
  }

  /** @throws ToolError `rate_limited` without a request while a known limit lasts. */
  async heed<T>(method: string, bucket: string, send: () => Promise<T>): Promise<T> {
    const isHistory = historyMethods.has(method);
    const left = Math.max(this.#shared.left(bucket), this.#ofHistory.left(bucket));
    if (left > 0) throw isHistory && left > longestWaitMs ? historyLimited(left) : limited(left);
    try {
      return await send();
    } catch (error) {
      const wait = error instanceof ToolError && error.code === 'rate_limited' ? error.retryAfterMs : undefined;
      if (wait === undefined) throw error;
      this.#shared.start(bucket, wait);
      if (!isHistory || wait <= longestWaitMs) throw error;
      this.#ofHistory.start(bucket, wait);
      throw historyLimited(wait, error);
    }
  }
}

function limited(retryAfterMs: number): ToolError {
  return new ToolError('rate_limited', 'Slack applied a rate limit.', { retryAfterMs });
}

function historyLimited(retryAfterMs: number, cause?: unknown): ToolError {
  return new ToolError(
    'rate_limited',
    `Slack limits how often this app may read messages. Try again in ${Math.ceil(retryAfterMs / 1000)} s.`,
    {
      retryAfterMs,
      hint: 'Slack lets apps that are distributed outside its Marketplace read once a minute, 15 messages at a time. An app created in your own workspace does not have this limit.',
    },
    { cause },
  );
}

/** Waits out short limits and reports them as progress. Long ones are an error with the waiting time. */
async function withWaits<T>(run: () => Promise<T>, options: CallOptions): Promise<T> {
  for (let waits = 0; ; waits += 1) {
    if (options.signal.aborted) throw cancelled();
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof ToolError) || error.code !== 'rate_limited' || waits >= mostWaits) throw error;
      if (error.retryAfterMs === undefined || error.retryAfterMs > longestWaitMs) throw error;
      options.progress?.(`Slack asks to wait ${Math.ceil(error.retryAfterMs / 1000)} s`);
      await pause(Math.max(error.retryAfterMs, shortestWaitMs), options.signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    throw cancelled(error);
  }
}

/** Our own error instead of the abort: for a write, it states that nothing was sent. */
function cancelled(cause?: unknown): ToolError {
  return new ToolError('cancelled', 'The call was cancelled; nothing was sent.', {}, { cause });
}
