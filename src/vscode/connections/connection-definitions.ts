import { remoteVariables, systems as contractSystems, type SystemId } from '../../../servers/contract/systems.ts';
import { reachesClaude, type SecretName, type SettingName, type Settings } from '../../settings.ts';
import { checkHost, checkJiraUrl, isAddress, required, secretInput } from './input-checks.ts';
import type { Answers, Question } from './input-steps.ts';
import type { Secrets } from '../engine/secrets.ts';

type Key = SettingName | SecretName;

/** What Set Up Connections asks for a system. Answers are keyed by the name of their setting or secret. */
interface Definition {
  readonly isConnected: (settings: Settings, secrets: Secrets) => boolean;
  /** Describes what it is connected to, in a few words. */
  readonly describe: (settings: Settings) => string;
  /** The places named in the settings (projects, channels) that the test must find. */
  readonly places: (settings: Settings) => readonly string[];
  readonly questions: (settings: Settings, secrets: Secrets) => readonly Question<Key>[];
  /** Converts what was typed to what is stored. */
  readonly normalise?: (answers: Answers<Key>) => Answers<Key>;
  /** What Set Up Connections calls each environment variable that appears in messages. */
  readonly terms: Readonly<Record<string, string>>;
}

export interface System extends Definition {
  readonly id: 'claude' | SystemId;
  readonly title: string;
}

const claude: Definition = {
  isConnected: reachesClaude,
  describe: (settings) => settings.model,
  places: () => [],
  questions: (_settings, secrets) => [
    {
      key: 'ANTHROPIC_API_KEY',
      prompt: 'Anthropic API key (console.anthropic.com > Settings > API keys)',
      placeholder: 'sk-ant-…',
      ...secretInput(secrets.ANTHROPIC_API_KEY),
    },
  ],
  terms: {
    ANTHROPIC_API_KEY: 'the API key',
    ANTHROPIC_BASE_URL: 'the setting switchboard.anthropic.baseUrl',
  },
};

const tlsModes = [
  { label: 'prefer', description: 'TLS if the server supports it' },
  { label: 'require', description: 'TLS without certificate verification' },
  { label: 'verify-full', description: 'TLS with certificate and host name verification (recommended for production)' },
  { label: 'verify-ca', description: 'TLS with certificate verification' },
  { label: 'disable', description: 'No TLS (only for a database on this machine)' },
] as const;

const postgres: Definition = {
  isConnected: (settings) => settings['postgres.host'] !== '',
  describe: (settings) =>
    `${settings['postgres.database']} on ${settings['postgres.host']} as ${settings['postgres.user']}`,
  places: () => [],
  questions: (settings, secrets) => [
    {
      key: 'postgres.host',
      prompt: 'Host of the PostgreSQL server, or a full postgres:// URL',
      placeholder: 'db.example.com',
      value: settings['postgres.host'],
      check: checkHost,
    },
    {
      key: 'postgres.port',
      prompt: 'Port',
      value: String(settings['postgres.port']),
      check: (text) =>
        /^\d{1,5}$/u.test(text) && Number(text) >= 1 && Number(text) <= 65_535
          ? undefined
          : 'Enter a number from 1 to 65535.',
      when: notFromAddress,
    },
    {
      key: 'postgres.database',
      prompt: 'Database',
      value: settings['postgres.database'],
      check: required,
      when: notFromAddress,
    },
    {
      key: 'postgres.user',
      prompt: 'Role to connect as (use a read-only role)',
      value: settings['postgres.user'],
      check: required,
      when: notFromAddress,
    },
    {
      key: 'DB_PASSWORD',
      prompt: 'Password for this role',
      ...secretInput(secrets.DB_PASSWORD, { optional: true }),
    },
    { key: 'postgres.ssl', prompt: 'Encryption', value: settings['postgres.ssl'], choices: tlsModes },
    {
      key: 'postgres.sslRootCert',
      prompt: 'Path of the CA certificate file. Leave empty to use the CAs that this machine trusts.',
      placeholder: '/etc/ssl/company-ca.pem',
      value: settings['postgres.sslRootCert'],
      when: (answers) => answers['postgres.ssl']?.startsWith('verify') === true,
    },
  ],
  normalise: (answers) => {
    const host = answers['postgres.host'] ?? '';
    if (!isAddress(host)) return answers;
    const address = new URL(host);
    return {
      ...answers,
      'postgres.host': address.hostname.replace(/^\[|\]$/gu, ''),
      'postgres.port': address.port === '' ? '5432' : address.port,
      'postgres.database': decodeURIComponent(address.pathname.slice(1)),
      'postgres.user': decodeURIComponent(address.username),
    };
  },
  terms: {
    DB_HOST: 'the host',
    DB_NAME: 'the database name',
    DB_PASSWORD: 'the password',
    DB_PORT: 'the port',
    DB_SSL: 'the encryption',
    DB_SSL_ROOT_CERT: 'the certificate file',
    DB_USER: 'the role',
  },
};

const jira: Definition = {
  isConnected: (settings) => settings['jira.url'] !== '',
  describe: (settings) =>
    URL.canParse(settings['jira.url']) ? new URL(settings['jira.url']).host : settings['jira.url'],
  places: (settings) => settings['jira.allowedProjects'],
  questions: (settings, secrets) => [
    {
      key: 'jira.url',
      prompt: 'URL of the Jira site',
      placeholder: 'https://example.atlassian.net',
      value: settings['jira.url'],
      check: checkJiraUrl,
    },
    {
      key: 'jira.email',
      prompt: 'Email address of your Jira Cloud account. Leave empty for Jira Data Center.',
      placeholder: 'ada@example.com',
      value: settings['jira.email'],
      check: (text) =>
        text === '' || /^\S+@\S+$/u.test(text) ? undefined : 'Enter an email address, or leave this empty.',
    },
    {
      key: 'JIRA_TOKEN',
      prompt: 'API token (id.atlassian.com > Security > API tokens)',
      when: (answers) => answers['jira.email'] !== '',
      ...secretInput(secrets.JIRA_TOKEN),
    },
    {
      key: 'JIRA_PAT',
      prompt: 'Personal access token (your Jira profile > Personal Access Tokens)',
      when: (answers) => answers['jira.email'] === '',
      ...secretInput(secrets.JIRA_PAT),
    },
    {
      key: 'jira.allowedProjects',
      prompt:
        'Keys of the projects to read and write, separated by commas. Leave empty for all that the account can access.',
      placeholder: 'ENG, OPS',
      value: settings['jira.allowedProjects'].join(', '),
    },
  ],
  terms: {
    JIRA_ALLOWED_PROJECTS: 'the list of projects',
    JIRA_EMAIL: 'the email address',
    JIRA_PAT: 'the personal access token',
    JIRA_TOKEN: 'the API token',
    JIRA_URL: 'the site URL',
  },
};

const slack: Definition = {
  isConnected: (_settings, secrets) => secrets.SLACK_BOT_TOKEN !== undefined,
  describe: (settings) => settings['slack.allowedChannels'].join(', ') || 'all channels that the token allows',
  places: (settings) => settings['slack.allowedChannels'],
  questions: (settings, secrets) => [
    {
      key: 'SLACK_BOT_TOKEN',
      prompt: 'Bot token (api.slack.com/apps > OAuth & Permissions)',
      placeholder: 'xoxb-…',
      ...secretInput(secrets.SLACK_BOT_TOKEN, { prefix: 'xoxb-' }),
    },
    {
      key: 'SLACK_USER_TOKEN',
      prompt: 'User token for message search (optional). Leave empty to skip.',
      placeholder: 'xoxp-…',
      ...secretInput(secrets.SLACK_USER_TOKEN, { prefix: 'xoxp-', optional: true }),
    },
    {
      key: 'slack.allowedChannels',
      prompt: 'Channels to post to, separated by commas. Leave empty for all that the bot is in.',
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

const definitions: Readonly<Record<SystemId, Definition>> = { postgres, jira, slack };

export const systems: readonly System[] = [
  { id: 'claude', title: 'Claude', ...claude },
  ...contractSystems.map(({ id, title }) => ({ id, title, ...orElsewhere(id, definitions[id]) })),
];

/** As the definition says, unless the settings say that the system's server runs elsewhere. */
function orElsewhere(id: SystemId, here: Definition): Definition {
  const token = remoteVariables(id).token;
  return {
    ...here,
    isConnected: (settings, secrets) => settings.remote[id] !== undefined || here.isConnected(settings, secrets),
    describe: (settings) => {
      const place = settings.remote[id];
      return place === undefined ? here.describe(settings) : `runs at ${URL.parse(place.url)?.host ?? place.url}`;
    },
    // The server elsewhere has its own.
    places: (settings) => (settings.remote[id] === undefined ? here.places(settings) : []),
    questions: (settings, secrets) =>
      settings.remote[id] === undefined
        ? here.questions(settings, secrets)
        : [
            {
              key: token,
              prompt: `Token for ${settings.remote[id].url}. Leave empty to sign in with the browser.`,
              ...secretInput(secrets[token], { optional: true }),
            },
          ],
    normalise: (answers) => here.normalise?.(answers) ?? answers,
    terms: { ...here.terms, [remoteVariables(id).url]: 'the setting switchboard.remote', [token]: 'the token' },
  };
}

function notFromAddress(answers: Answers<Key>): boolean {
  return !isAddress(answers['postgres.host'] ?? '');
}
