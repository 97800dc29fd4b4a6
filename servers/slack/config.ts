import * as z from 'zod';
import { commaList, readVariables, type Variables } from '../kit/environment.ts';
import { ConfigurationError } from '../kit/errors.ts';
import type { Tokens } from './client-settings.ts';

export interface SlackConfiguration {
  /** Slack lets only users search, so search needs SLACK_USER_TOKEN. */
  readonly hasPerson: boolean;
  /** Channel names or ids that may be written to; undefined allows all that the token can reach. */
  readonly allowedChannels: readonly string[] | undefined;
  readonly readChannels: readonly string[] | undefined;
  readonly apiUrl: string;
}

/** Variables of the app and the person, which may differ from caller to caller. */
export const tokenNames = ['SLACK_BOT_TOKEN', 'SLACK_USER_TOKEN'] as const;
const tokens = { SLACK_BOT_TOKEN: true, SLACK_USER_TOKEN: true } as const;

const token = z
  .string()
  .trim()
  .regex(/^xox[a-z][-.][\w.-]{8,}$/, 'must be a Slack token (xoxb-..., from "OAuth & Permissions" of your Slack app)');

/** Written into the README by `npm run docs`. */
export const slackVariables = z.object({
  SLACK_BOT_TOKEN: token.describe("The app's bot token: `xoxb-...`."),
  SLACK_USER_TOKEN: token
    .optional()
    .describe('User token for search: `xoxp-...`. Most workspaces let only users search.'),
  SLACK_ALLOWED_CHANNELS: commaList
    .optional()
    .describe('The only channels to write to, by name or id. Default: all channels the app is in.'),
  SLACK_READ_CHANNELS: commaList
    .optional()
    .describe('The only channels to read and search, by name or id. Default: all channels the app is in.'),
  SLACK_API_URL: z.string().optional().describe('A different Slack Web API address. It must use https.'),
});

/** @throws ConfigurationError that names the variable and what is expected. */
export async function readConfiguration(variables: Variables): Promise<SlackConfiguration> {
  const values = await readVariables(variables, slackVariables.omit(tokens));
  return {
    hasPerson: ['SLACK_USER_TOKEN', 'SLACK_USER_TOKEN_FILE'].some((name) => (variables[name] ?? '') !== ''),
    allowedChannels: values.SLACK_ALLOWED_CHANNELS,
    readChannels: values.SLACK_READ_CHANNELS,
    apiUrl: readApiUrl(values.SLACK_API_URL ?? 'https://slack.com/api/'),
  };
}

/** @throws ConfigurationError that names the variable and what is expected. */
export async function readTokens(variables: Variables): Promise<Tokens> {
  const values = await readVariables(variables, slackVariables.pick(tokens));
  return { botToken: values.SLACK_BOT_TOKEN, userToken: values.SLACK_USER_TOKEN };
}

/** The token is sent there, so it must be https or a stand-in on this machine. */
function readApiUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const local = url !== undefined && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url === undefined || !(url.protocol === 'https:' || (url.protocol === 'http:' && local)))
    throw new ConfigurationError('SLACK_API_URL: must be an https address such as https://slack.com/api/');
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}
