import { l10n } from 'vscode';
import { secretInput } from '../input-checks.ts';
import type { Definition } from './definition.ts';

export const slack: Definition = {
  isConnected: (_settings, secrets) => secrets.SLACK_BOT_TOKEN !== undefined,
  describe: (settings) => settings['slack.allowedChannels'].join(', ') || l10n.t('all channels that the token allows'),
  places: (settings) => settings['slack.allowedChannels'],
  questions: (settings, secrets) => [
    {
      key: 'SLACK_BOT_TOKEN',
      prompt: l10n.t('Bot token (api.slack.com/apps > OAuth & Permissions)'),
      placeholder: 'xoxb-…',
      ...secretInput(secrets.SLACK_BOT_TOKEN, { prefix: 'xoxb-' }),
    },
    {
      key: 'SLACK_USER_TOKEN',
      prompt: l10n.t('User token for message search (optional). Leave empty to skip.'),
      placeholder: 'xoxp-…',
      ...secretInput(secrets.SLACK_USER_TOKEN, { prefix: 'xoxp-', optional: true }),
    },
    {
      key: 'slack.allowedChannels',
      prompt: l10n.t('Channels to post to, separated by commas. Leave empty for all that the bot is in.'),
      placeholder: '#operations',
      value: settings['slack.allowedChannels'].join(', '),
    },
  ],
  terms: {
    SLACK_ALLOWED_CHANNELS: 'the list of channels to post to',
    SLACK_API_URL: 'the setting switchboard.slack.apiUrl',
    SLACK_BOT_TOKEN: 'the bot token',
    SLACK_READ_CHANNELS: 'the setting switchboard.slack.readChannels',
    SLACK_USER_TOKEN: 'the user token',
  },
};
