/** Buttons of posted messages, pressed as people press them: Slack signs what it sends to the app's request URL. */
import { createHmac } from 'node:crypto';
import * as z from 'zod';
import type { SlackStandIn } from './slack.ts';
import type { Message } from './workspace.ts';

export interface Press {
  /** Where Slack sends interactions of the app. */
  readonly requestUrl: string;
  readonly signingSecret: string;
  readonly channel: string;
  /** By default the newest message with such a button. */
  readonly message?: Message;
  /** The text on the button. */
  readonly button: string;
  /** Whose finger it is. */
  readonly user: string;
  readonly app?: string;
  readonly team?: string;
  /** Of the person, where a channel is shared with another company. */
  readonly userTeam?: string;
  /** Instead of the button's own. */
  readonly value?: string;
  /** When it was signed. */
  readonly at?: Date;
  /** Changes the body after it was signed. */
  readonly tamper?: (body: string) => string;
}

const actionsSchema = z.object({
  type: z.literal('actions'),
  block_id: z.string().optional(),
  elements: z.array(
    z.object({ action_id: z.string(), text: z.object({ text: z.string() }), value: z.string().optional() }),
  ),
});

export const ourApp = 'A0SWBOARD';

export interface FoundButton {
  readonly message: Message;
  readonly action_id: string;
  readonly block_id: string;
  readonly value: string;
}

/** The newest message with a button of this text. */
export function findButton(
  slack: SlackStandIn,
  channel: string,
  button: string,
  of?: Message,
): FoundButton | undefined {
  const messages = of === undefined ? slack.messages(channel).toReversed() : [of];
  for (const message of messages)
    for (const block of message.blocks) {
      const { data } = actionsSchema.safeParse(block);
      const found = data?.elements.find(({ text }) => text.text === button);
      if (found !== undefined)
        return { message, action_id: found.action_id, block_id: data?.block_id ?? '', value: found.value ?? '' };
    }
  return undefined;
}

/** @returns the app's answer to Slack. */
export async function pressButton(slack: SlackStandIn, press: Press): Promise<Response> {
  const found = findButton(slack, press.channel, press.button, press.message);
  if (found === undefined) throw new Error(`no message in ${press.channel} has a button '${press.button}'`);
  const { message, action_id, block_id, value } = found;
  const team = press.team ?? slack.workspace.team.id;
  const channel = slack.workspace.channel(press.channel);
  const payload = {
    type: 'block_actions',
    team: { id: team, domain: 'shop' },
    user: { id: press.user, username: 'somebody', team_id: press.userTeam ?? team },
    api_app_id: press.app ?? ourApp,
    container: { type: 'message', message_ts: message.ts, channel_id: channel?.id, is_ephemeral: false },
    trigger_id: '1.2.abc',
    channel: { id: channel?.id, name: channel?.name },
    message: { type: 'message', ts: message.ts, text: message.text, blocks: message.blocks },
    response_url: `${slack.url}/actions/${team}/1/${encodeURIComponent(press.user)}`,
    actions: [{ action_id, block_id, type: 'button', value: press.value ?? value, action_ts: message.ts }],
  };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor((press.at ?? new Date()).getTime() / 1000));
  const signature = createHmac('sha256', press.signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  return fetch(press.requestUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    },
    body: press.tamper?.(body) ?? body,
  });
}

const whisperSchema = z.object({
  response_type: z.literal('ephemeral'),
  replace_original: z.literal(false),
  text: z.string(),
});

/** What only this person was told, oldest first. */
export function whispersTo(slack: SlackStandIn, user: string): readonly string[] {
  return slack
    .requests()
    .filter(({ method }) => method.startsWith('/actions/') && method.endsWith(`/${user}`))
    .map(({ body }) => whisperSchema.parse(JSON.parse(body)).text);
}
