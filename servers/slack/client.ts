import type { CallOptions, ClientSettings, Download } from './client-settings.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { ToolError } from '../kit/errors.ts';
import type { Log } from '../kit/log.ts';

export interface SlackClient {
  /** @throws ToolError for whatever goes wrong, told so that the model or the person can act on it. */
  readonly call: <Schema extends z.ZodType>(
    method: string,
    input: Readonly<Record<string, unknown>>,
    schema: Schema,
    options: CallOptions,
  ) => Promise<z.infer<Schema>>;
  /** Sends the bytes of a file to the address that Slack gave for it. The token does not go along. */
  readonly upload: (url: string, content: Buffer, options: CallOptions) => Promise<void>;
  /** Fetches a file of Slack's with the bot token. @throws ToolError `too_large` over the limit of the kit. */
  readonly download: (url: string, options: CallOptions) => Promise<Download>;
}

/** How Slack says where the next page begins. */
export const pageMetadata = z
  .object({ next_cursor: z.string().catch('') })
  .optional()
  .catch(undefined);

/**
 * Where the next page begins; undefined after the last one.
 * @throws ToolError for a cursor that leads back to the page it came with: the walk would never end.
 */
export function cursorAfter(cursor: string, metadata: z.infer<typeof pageMetadata>): string | undefined {
  const next = metadata?.next_cursor ?? '';
  if (next !== '' && next === cursor) throw new ToolError('upstream_error', 'The pages that Slack answers do not end.');
  return next === '' ? undefined : next;
}

/** A 429 that asks for more than this is told, not waited for. Slack stores nothing of a call it limits. */
const longestWaitMs = 10_000;
const shortestWaitMs = 250;
const mostWaits = 3;

/**
 * Apps that are distributed outside the Marketplace read messages once a minute. What Slack said is remembered: asking
 * again before the time would only be refused again.
 */
const historyMethods: ReadonlySet<string> = new Set(['conversations.history', 'conversations.replies']);

/** Loaded when first needed: the server lists its tools without it. */
const load = () => import('./web-api.ts');

export function createSlackClient(settings: ClientSettings, log: Log): SlackClient {
  const limits = new HistoryLimits();
  return {
    call: async (method, input, schema, options) => {
      const { callOnce } = await load();
      const send = () => limits.heed(method, () => callOnce({ method, input, options, settings, log }));
      const answer = await withWaits(send, options);
      const parsed = schema.safeParse(answer);
      if (parsed.success) return parsed.data;
      const fields = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
      log('warn', 'unexpected answer', { method, fields });
      throw new ToolError(
        options.write === true ? 'outcome_unknown' : 'upstream_error',
        `Slack's answer to ${method} lacks what it should have: ${fields}.`,
      );
    },
    upload: async (url, content, options) => (await load()).upload(url, content, settings.apiUrl, options),
    download: async (url, options) => (await load()).download(url, settings, options),
  };
}

class HistoryLimits {
  readonly #until = new Map<string, number>();

  /** @throws ToolError `rate_limited` without asking, while Slack is known to refuse. */
  async heed<T>(method: string, send: () => Promise<T>): Promise<T> {
    if (!historyMethods.has(method)) return send();
    const left = (this.#until.get(method) ?? 0) - Date.now();
    if (left > 0) throw historyLimited(left);
    try {
      return await send();
    } catch (error) {
      const wait = error instanceof ToolError && error.code === 'rate_limited' ? error.retryAfterMs : undefined;
      if (wait === undefined || wait <= longestWaitMs) throw error;
      this.#until.set(method, Date.now() + wait);
      throw historyLimited(wait, error);
    }
  }
}

function historyLimited(retryAfterMs: number, cause?: unknown): ToolError {
  return new ToolError(
    'rate_limited',
    `Slack limits how often this app may read messages: again in ${Math.ceil(retryAfterMs / 1000)} s.`,
    {
      retryAfterMs,
      hint: 'Slack lets apps that are distributed outside its Marketplace read once a minute, 15 messages at a time. An app created in your own workspace does not have this limit.',
    },
    { cause },
  );
}

/** Short waits are waited for, with word to the client; long ones are an error that says how long. */
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

/** An error of ours, not the abort itself: of a write it says that nothing was sent. */
function cancelled(cause?: unknown): ToolError {
  return new ToolError('cancelled', 'The call was cancelled; nothing was sent.', {}, { cause });
}
