import type { Log } from '../../../servers/kit/log.ts';
import { inert } from '../slack/inert.ts';
import type { OccasionRow } from '../state/occasion-store.ts';

export interface TellPorts {
  readonly fetch: typeof fetch;
  /** Where Slack's response URLs are. */
  readonly origins: readonly string[];
  readonly log: Log;
}

const limitMs = 10_000;
const maxLength = 2_000;

/** Says how a run ended where the command that started it was given. Slack forgets that place after half an hour. */
export async function tellEnd(
  { name, runbook, reply }: OccasionRow,
  message: string,
  { fetch, origins, log }: TellPorts,
): Promise<void> {
  if (reply === null || !URL.canParse(reply) || !origins.includes(new URL(reply).origin)) return;
  try {
    const response = await fetch(reply, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      // It may have the title of a write, which the model wrote.
      body: JSON.stringify({ response_type: 'ephemeral', text: `\`${runbook}\`: ${inert(message, maxLength)}` }),
      redirect: 'error',
      signal: AbortSignal.timeout(limitMs),
    });
    await response.body?.cancel();
    if (!response.ok) log('warn', 'an end was not told', { occasion: name, status: response.status });
  } catch {
    // The address is a secret, so it is not logged.
    log('warn', 'an end was not told', { occasion: name });
  }
}
