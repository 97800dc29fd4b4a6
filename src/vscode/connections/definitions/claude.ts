import { l10n } from 'vscode';
import { reachesClaude } from '../../../settings.ts';
import { secretInput } from '../input-checks.ts';
import type { Definition } from './definition.ts';

export const claude: Definition = {
  isConnected: reachesClaude,
  describe: (settings) => settings.model,
  places: () => [],
  questions: (_settings, secrets) => [
    {
      key: 'ANTHROPIC_API_KEY',
      prompt: l10n.t('Anthropic API key (console.anthropic.com > Settings > API keys)'),
      placeholder: 'sk-ant-…',
      ...secretInput(secrets.ANTHROPIC_API_KEY),
    },
  ],
  terms: {
    ANTHROPIC_API_KEY: 'the API key',
    ANTHROPIC_BASE_URL: 'the setting switchboard.anthropic.baseUrl',
  },
};
