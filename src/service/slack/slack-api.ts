import * as z from 'zod';

export type SlackAnswer =
  | { readonly kind: 'ok'; readonly channel: string | undefined; readonly ts: string | undefined }
  /** `error` is Slack's word for it. It may be worth trying again later. */
  | { readonly kind: 'failed'; readonly error: string };

/** The service's own app in Slack. Never throws: what failed is tried again later, or logged. */
export interface SlackApi {
  readonly call: (method: string, form: Readonly<Record<string, string>>) => Promise<SlackAnswer>;
  /** Tells the one who pressed a button, and nobody else. */
  readonly whisper: (responseUrl: string, text: string) => Promise<SlackAnswer>;
}

export interface SlackApiOptions {
  /** `https://slack.com/api/` */
  readonly apiUrl: string;
  readonly token: string;
  readonly fetch: typeof fetch;
}

const timeoutMs = 10_000;
const answerSchema = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  channel: z.string().optional(),
  ts: z.string().optional(),
});

export function createSlackApi({ apiUrl, token, fetch }: SlackApiOptions): SlackApi {
  const send = async (url: string, init: RequestInit): Promise<Response | string> => {
    try {
      return await fetch(url, { ...init, method: 'POST', redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  return {
    call: async (method, form) => {
      const response = await send(new URL(method, apiUrl).href, {
        headers: { authorization: `Bearer ${token}` },
        body: new URLSearchParams(form),
      });
      if (typeof response === 'string') return { kind: 'failed', error: response };
      if (!response.ok) return { kind: 'failed', error: `status ${response.status}` };
      const { data } = answerSchema.safeParse(await response.json().catch(() => undefined));
      if (data?.ok === true) return { kind: 'ok', channel: data.channel, ts: data.ts };
      return { kind: 'failed', error: data?.error ?? 'an answer that is not from Slack' };
    },
    whisper: async (responseUrl, text) => {
      // It carries no token, but it must not let a payload choose what this service calls.
      if (!isOfSlack(responseUrl, apiUrl)) return { kind: 'failed', error: 'a response URL that is not from Slack' };
      const body = JSON.stringify({ response_type: 'ephemeral', replace_original: false, text });
      const response = await send(responseUrl, { headers: { 'content-type': 'application/json' }, body });
      if (typeof response === 'string') return { kind: 'failed', error: response };
      return response.ok
        ? { kind: 'ok', channel: undefined, ts: undefined }
        : { kind: 'failed', error: `status ${response.status}` };
    },
  };
}

/** Slack's own host for answers; for another API address, such as a proxy of Slack, the same origin. */
function isOfSlack(url: string, apiUrl: string): boolean {
  if (!URL.canParse(url)) return false;
  const { origin } = new URL(url);
  const { origin: api } = new URL(apiUrl);
  return api === 'https://slack.com' ? origin === 'https://hooks.slack.com' : origin === api;
}
