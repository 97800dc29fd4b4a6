import * as z from 'zod';
import type { Log } from '../../../servers/kit/log.ts';
import { text, type Answer, type Call, type RouteModule } from '../http/route.ts';
import type { SlackApi } from '../slack/slack-api.ts';
import { verifySlackSignature } from '../slack/verify-signature.ts';
import { actions, readActionValue } from './card/action-value.ts';
import { giveAnswer, type GiveAnswerPorts } from './give-answer.ts';

export interface InteractionOptions extends GiveAnswerPorts {
  readonly slack: SlackApi;
  readonly signingSecrets: readonly string[];
  /** Of our workspace: buttons pressed in another one do not count. */
  readonly team: string;
  readonly app: string;
  readonly log: Log;
  readonly now?: () => Date;
}

// docs.slack.dev/reference/interaction-payloads/block_actions-payload
const payloadSchema = z.object({
  type: z.string(),
  api_app_id: z.string().optional(),
  team: z.object({ id: z.string() }).nullish(),
  user: z.object({ id: z.string(), team_id: z.string().optional() }).optional(),
  response_url: z.string().optional(),
  actions: z.array(z.object({ action_id: z.string(), value: z.string().optional() })).optional(),
});
type Payload = z.infer<typeof payloadSchema>;

const ok: Answer = { status: 200 };
const decisions = new Map([
  [actions.approve, 'approved'],
  [actions.deny, 'denied'],
] as const);

/** The buttons of the cards in Slack. Nothing counts that Slack has not signed. */
export function interactionRoutes(options: InteractionOptions): RouteModule {
  const { slack, signingSecrets, team, app, log, now = () => new Date() } = options;
  const whispers = new Set<Promise<unknown>>();

  const handle = async ({ request, body }: Call): Promise<Answer> => {
    const signed = verifySlackSignature({ body, headers: request.headers, now: now(), secrets: signingSecrets });
    if (signed !== 'valid') {
      log('warn', 'refused what should come from Slack', { why: signed.why, from: request.socket.remoteAddress });
      return text(401, 'Slack has not signed this.');
    }
    const payload = readPayload(body);
    if (payload === undefined) return text(400, 'This is no interaction of Slack.');
    const refused = await press(payload);
    if (refused !== undefined) whisper(payload, refused);
    return ok;
  };

  /** @returns why nothing was answered, for the person; undefined if it was, or if no button of ours was pressed. */
  const press = async ({
    type,
    user,
    team: from,
    api_app_id,
    actions: pressed,
  }: Payload): Promise<string | undefined> => {
    const [action] = pressed ?? [];
    const decision = [...decisions].find(([id]) => id === action?.action_id)?.[1];
    if (type !== 'block_actions' || action === undefined || decision === undefined || user === undefined)
      return undefined;
    const isOurs = from?.id === team && (user.team_id ?? team) === team && api_app_id === app;
    if (!isOurs) {
      log('warn', 'refused a button of another workspace or app', { team: from?.id, user: user.id, app: api_app_id });
      return 'This workspace cannot answer that. Nothing was sent.';
    }
    const value = readActionValue(action.value ?? '');
    if (value === undefined) return 'This button is of another version of Switchboard. Nothing was sent.';
    const given = await giveAnswer(
      {
        ...value,
        decision,
        isPerson: ({ slack: id }) => id === user.id,
        subject: `slack ${team} ${user.id}`,
        from: 'Slack',
      },
      options,
    );
    return given.kind === 'given' ? undefined : given.why;
  };

  const whisper = ({ response_url: url }: Payload, why: string): void => {
    if (url === undefined) return;
    const tell = async (): Promise<void> => {
      const answer = await slack.whisper(url, why);
      if (answer.kind === 'failed') log('warn', 'cannot tell a person in Slack', { error: answer.error });
    };
    const told = tell().finally(() => whispers.delete(told));
    whispers.add(told);
  };

  return {
    routes: [{ method: 'POST', path: '/slack/interactions', handle }],
    drain: async () => void (await Promise.allSettled(whispers)),
  };
}

function readPayload(body: Buffer): Payload | undefined {
  try {
    const payload = new URLSearchParams(body.toString('utf8')).get('payload');
    return payloadSchema.safeParse(JSON.parse(payload ?? '')).data;
  } catch {
    return undefined;
  }
}
