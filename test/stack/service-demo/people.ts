import { setTimeout as sleep } from 'node:timers/promises';
import { findButton, pressButton } from '../slack/press.ts';
import type { SlackStandIn } from '../slack/slack.ts';

export const jane = { slack: 'U0JANE001', name: 'Jane Doe', email: 'jane@example.com' };
export const omar = { slack: 'U0OMAR001', name: 'Omar Haddad' };

interface Place {
  readonly slack: SlackStandIn;
  /** Where approvals are posted. */
  readonly channel: string;
  readonly requestUrl: string;
  readonly signingSecret: string;
  readonly say: (line: string) => void;
}

/** Jane approves what is asked, and Omar presses the same button a moment later: the first answer counts. */
export function startPeople({ slack, channel, requestUrl, signingSecret, say }: Place): () => Promise<void> {
  const leaving = new AbortController();
  const answered = new Set<string>();
  const answer = async (): Promise<void> => {
    const found = findButton(slack, channel, 'Approve');
    if (found === undefined || answered.has(found.message.ts)) return;
    // As both still see it, whatever becomes of it after the first press.
    const message = { ...found.message, blocks: [...found.message.blocks] };
    answered.add(message.ts);
    say(`Slack: ${message.text.split('\n')[0] ?? ''}`);
    for (const person of [jane, omar]) {
      const { status } = await pressButton(slack, {
        requestUrl,
        signingSecret,
        channel,
        message,
        button: 'Approve',
        user: person.slack,
      });
      if (status !== 200) throw new Error(`The button of ${person.name} was answered with ${status}.`);
    }
    say('Slack: Jane Doe approved it; Omar Haddad pressed the same button.');
  };
  const loop = async (): Promise<void> => {
    while (!leaving.signal.aborted) {
      await answer();
      await sleep(250);
    }
  };
  const running = loop();
  running.catch((error: unknown) => say(String(error)));
  return async () => {
    leaving.abort();
    await running.catch(() => undefined);
  };
}
