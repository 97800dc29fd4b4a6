import { setTimeout as sleep } from 'node:timers/promises';
import { WebClient, type Logger, LogLevel } from '@slack/web-api';
import type * as z from 'zod';
import { ToolError } from '../kit/errors.ts';
import type { Log } from '../kit/log.ts';
import { failureOf } from './failures.ts';

export interface CallOptions {
  readonly signal: AbortSignal;
  /** Changes something at Slack: a lost answer is then `outcome_unknown`. */
  readonly write?: boolean;
  readonly as?: 'bot' | 'person';
  readonly progress?: (message: string) => void;
}

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
}

export interface ClientSettings {
  readonly botToken: string;
  readonly userToken: string | undefined;
  readonly apiUrl: string;
}

const timeoutMs = 15_000;
/** A 429 that asks for more than this is told, not waited for. Slack stores nothing of a call it limits. */
const longestWaitMs = 10_000;
const mostWaits = 3;

export function createSlackClient(settings: ClientSettings, log: Log): SlackClient {
  const logger = quietLogger(log);
  const once = async (method: string, input: Readonly<Record<string, unknown>>, options: CallOptions) => {
    const token = options.as === 'person' ? settings.userToken : settings.botToken;
    if (token === undefined)
      throw new ToolError('not_configured', 'Slack lets only people search, and SLACK_USER_TOKEN is not set.', {
        hint: 'Read the channel with read_slack_channel instead.',
      });
    let status: number | undefined;
    // One client a call: the library takes no abort signal, but it takes the function that sends.
    const client = new WebClient(token, {
      slackApiUrl: settings.apiUrl,
      timeout: timeoutMs,
      retryConfig: { retries: 0 }, // its retries post twice
      rejectRateLimitedCalls: true,
      allowAbsoluteUrls: false, // would send the token anywhere
      logger,
      fetch: async (url, init) => {
        const limit = init?.signal ?? undefined;
        // A write that has begun is waited for, whoever still listens: its outcome must be known.
        const signals = [limit, options.write === true ? undefined : options.signal].filter((one) => one !== undefined);
        const response = await fetch(url, { ...init, signal: AbortSignal.any(signals) });
        status = response.status;
        return response;
      },
    });
    try {
      return await client.apiCall(method, input);
    } catch (error) {
      throw failureOf(error, { method, write: options.write === true, status, signal: options.signal });
    }
  };
  return {
    call: async (method, input, schema, options) => {
      const answer = await withWaits(() => once(method, input, options), options);
      const parsed = schema.safeParse(answer);
      if (parsed.success) return parsed.data;
      const fields = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
      log('warn', 'unexpected answer', { method, fields });
      throw new ToolError(
        options.write === true ? 'outcome_unknown' : 'upstream_error',
        `Slack's answer to ${method} lacks what it should have: ${fields}.`,
      );
    },
    upload: (url, content, options) => upload(url, content, settings.apiUrl, options),
  };
}

/** Short waits are waited for, with word to the client; long ones are an error that says how long. */
async function withWaits<T>(run: () => Promise<T>, options: CallOptions): Promise<T> {
  for (let waits = 0; ; waits += 1) {
    options.signal.throwIfAborted();
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof ToolError) || error.code !== 'rate_limited' || waits >= mostWaits) throw error;
      if (error.retryAfterMs === undefined || error.retryAfterMs > longestWaitMs) throw error;
      options.progress?.(`Slack asks to wait ${Math.ceil(error.retryAfterMs / 1000)} s`);
      await sleep(error.retryAfterMs, undefined, { signal: options.signal });
    }
  }
}

/** Where files go: Slack's own hosts, or the stand-in that the API address names. */
async function upload(url: string, content: Buffer, apiUrl: string, options: CallOptions): Promise<void> {
  const target = new URL(url);
  const own = target.protocol === 'https:' && /(?:^|\.)slack(?:-files)?\.com$/.test(target.hostname);
  if (!own && target.origin !== new URL(apiUrl).origin)
    throw new ToolError(
      'upstream_error',
      `Slack named an upload address of another host (${target.host}); nothing was sent.`,
    );
  const limit = AbortSignal.timeout(timeoutMs * 4);
  const signal = options.write === true ? limit : AbortSignal.any([limit, options.signal]);
  let response: Response;
  try {
    response = await fetch(target, {
      method: 'POST',
      body: new Uint8Array(content),
      headers: { 'content-type': 'application/octet-stream' },
      redirect: 'error',
      signal,
    });
  } catch (error) {
    throw failureOf(error, {
      method: 'the file upload',
      write: options.write === true,
      status: undefined,
      signal: options.signal,
    });
  }
  if (!response.ok)
    throw new ToolError(
      options.write === true && response.status >= 500 ? 'outcome_unknown' : 'upstream_error',
      `Slack answered ${response.status} to the file upload.`,
    );
}

/** The library's own logger writes to stdout, which belongs to the protocol. */
function quietLogger(log: Log): Logger {
  const write = (...message: unknown[]): void => log('debug', 'web-api', { text: message.map(String).join(' ') });
  return {
    debug: () => undefined, // would hold message texts
    info: write,
    warn: write,
    error: write,
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}
