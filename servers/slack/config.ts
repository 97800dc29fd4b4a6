import * as z from 'zod';
import { commaList, readVariables, type Variables } from '../kit/environment.ts';
import { ConfigurationError } from '../kit/errors.ts';

export interface SlackConfiguration {
  readonly botToken: string;
  /** Slack lets only users search, so search needs this token. */
  readonly userToken: string | undefined;
  /** Channel names or ids that may be written to; undefined allows all that the token can reach. */
  readonly allowedChannels: readonly string[] | undefined;
  readonly readChannels: readonly string[] | undefined;
  readonly apiUrl: string;
}

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

export async function readConfiguration(variables: Variables): Promise<SlackConfiguration> {
  const values = await readVariables(variables, slackVariables);
  return {
    botToken: values.SLACK_BOT_TOKEN,
    userToken: values.SLACK_USER_TOKEN,
    allowedChannels: values.SLACK_ALLOWED_CHANNELS,
    readChannels: values.SLACK_READ_CHANNELS,
    apiUrl: readApiUrl(values.SLACK_API_URL ?? 'https://slack.com/api/'),
  };
}

/** The token is sent there, so it must be https or a stand-in on this machine. */
function readApiUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const local = url !== undefined && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url === undefined || !(url.protocol === 'https:' || (url.protocol === 'http:' && local)))
    throw new ConfigurationError('SLACK_API_URL: must be an https address such as https://slack.com/api/');
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}
