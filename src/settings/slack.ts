import * as z from 'zod';

export const slackSettings = {
  'slack.apiUrl': z.string().default('').describe('URL of the Slack Web API. Leave empty for the standard one.'),
  'slack.allowedChannels': z
    .array(z.string())
    .default([])
    .describe(
      'Channels that Switchboard can post to, by name or ID. Leave empty to allow every channel that the token allows.',
    ),
  'slack.readChannels': z
    .array(z.string())
    .default([])
    .describe(
      'Channels that Switchboard can read, by name or ID. Leave empty to allow every channel that the token allows.',
    ),
};

export const slackSecrets = {
  SLACK_BOT_TOKEN: 'Slack bot token',
  SLACK_USER_TOKEN: 'Slack user token (for search)',
} as const;

type Values = z.infer<z.ZodObject<typeof slackSettings>>;
type Secrets = Readonly<Partial<Record<keyof typeof slackSecrets, string>>>;

/** The variables of the server; none while it is not connected. */
export function slackGiven(settings: Values, secrets: Secrets): Record<string, string | undefined> {
  if (secrets.SLACK_BOT_TOKEN === undefined) return {};
  return {
    SLACK_BOT_TOKEN: secrets.SLACK_BOT_TOKEN,
    SLACK_USER_TOKEN: secrets.SLACK_USER_TOKEN,
    SLACK_API_URL: settings['slack.apiUrl'],
    SLACK_ALLOWED_CHANNELS: settings['slack.allowedChannels'].join(','),
    SLACK_READ_CHANNELS: settings['slack.readChannels'].join(','),
  };
}
