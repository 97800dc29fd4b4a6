import { reachesClaude, type SecretName, type SettingName, type Settings } from '../../settings.ts';
import type { Answers, Question } from './input-steps.ts';
import type { Secrets } from '../engine/secrets.ts';

export type SystemId = 'claude' | 'postgres' | 'jira' | 'slack';

type Key = SettingName | SecretName;

/** What Set Up Connections asks for a system. Keys of answers are settings and secrets. */
export interface System {
  readonly id: SystemId;
  readonly title: string;
  readonly isConnected: (settings: Settings, secrets: Secrets) => boolean;
  /** What it is connected to, in a few words. */
  readonly describe: (settings: Settings) => string;
  /** Of the settings, what must be found there. */
  readonly places: (settings: Settings) => readonly string[];
  readonly questions: (settings: Settings, secrets: Secrets) => readonly Question<Key>[];
  /** From what was typed to what is stored. */
  readonly normalise?: (answers: Answers<Key>) => Answers<Key>;
}

const claude: System = {
  id: 'claude',
  title: 'Claude',
  isConnected: reachesClaude,
  describe: (settings) => settings.model,
  places: () => [],
  questions: (_settings, secrets) => [
    {
      key: 'ANTHROPIC_API_KEY',
      prompt: 'Anthropic API key (console.anthropic.com, Settings, API keys)',
      placeholder: 'sk-ant-…',
      ...secretInput(secrets.ANTHROPIC_API_KEY),
    },
  ],
};

const tlsModes = [
  { label: 'prefer', description: 'TLS where the server offers it' },
  { label: 'require', description: 'TLS, without checking the certificate' },
  { label: 'verify-full', description: 'TLS, certificate and host name checked: right for production' },
  { label: 'verify-ca', description: 'TLS, certificate checked' },
  { label: 'disable', description: 'No TLS: only for a database on this machine' },
] as const;

const postgres: System = {
  id: 'postgres',
  title: 'PostgreSQL',
  isConnected: (settings) => settings['postgres.host'] !== '',
  describe: (settings) =>
    `${settings['postgres.database']} on ${settings['postgres.host']} as ${settings['postgres.user']}`,
  places: () => [],
  questions: (settings, secrets) => [
    {
      key: 'postgres.host',
      prompt: 'Host of the PostgreSQL server, or a whole postgres:// address',
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
          : 'A number from 1 to 65535.',
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
      prompt: 'Role: one that may only read',
      value: settings['postgres.user'],
      check: required,
      when: notFromAddress,
    },
    {
      key: 'DB_PASSWORD',
      prompt: 'Password of that role',
      ...secretInput(secrets.DB_PASSWORD, { optional: true }),
    },
    { key: 'postgres.ssl', prompt: 'Encryption', value: settings['postgres.ssl'], choices: tlsModes },
    {
      key: 'postgres.sslRootCert',
      prompt: 'File with the certificate of the authority. Leave empty for the authorities that this machine trusts.',
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
};

const jira: System = {
  id: 'jira',
  title: 'Jira',
  isConnected: (settings) => settings['jira.url'] !== '',
  describe: (settings) =>
    URL.canParse(settings['jira.url']) ? new URL(settings['jira.url']).host : settings['jira.url'],
  places: (settings) => settings['jira.allowedProjects'],
  questions: (settings, secrets) => [
    {
      key: 'jira.url',
      prompt: 'Address of the Jira site',
      placeholder: 'https://example.atlassian.net',
      value: settings['jira.url'],
      check: checkJiraUrl,
    },
    {
      key: 'jira.email',
      prompt: 'E-mail address of your Jira Cloud account. Leave empty for Jira Data Center.',
      placeholder: 'ada@example.com',
      value: settings['jira.email'],
      check: (text) => (text === '' || /^\S+@\S+$/u.test(text) ? undefined : 'An e-mail address, or empty.'),
    },
    {
      key: 'JIRA_TOKEN',
      prompt: 'API token (id.atlassian.com, Security, API tokens)',
      when: (answers) => answers['jira.email'] !== '',
      ...secretInput(secrets.JIRA_TOKEN),
    },
    {
      key: 'JIRA_PAT',
      prompt: 'Personal access token (your profile in Jira, Personal Access Tokens)',
      when: (answers) => answers['jira.email'] === '',
      ...secretInput(secrets.JIRA_PAT),
    },
    {
      key: 'jira.allowedProjects',
      prompt: 'Keys of the only projects to read and write, with commas. Leave empty for all that the account may.',
      placeholder: 'ENG, OPS',
      value: settings['jira.allowedProjects'].join(', '),
    },
  ],
};

const slack: System = {
  id: 'slack',
  title: 'Slack',
  isConnected: (_settings, secrets) => secrets.SLACK_BOT_TOKEN !== undefined,
  describe: (settings) => settings['slack.allowedChannels'].join(', ') || 'the channels that its token allows',
  places: (settings) => settings['slack.allowedChannels'],
  questions: (settings, secrets) => [
    {
      key: 'SLACK_BOT_TOKEN',
      prompt: 'Bot token (api.slack.com/apps, OAuth & Permissions)',
      placeholder: 'xoxb-…',
      ...secretInput(secrets.SLACK_BOT_TOKEN, { prefix: 'xoxb-' }),
    },
    {
      key: 'SLACK_USER_TOKEN',
      prompt: 'User token, for searching messages. Leave empty to do without.',
      placeholder: 'xoxp-…',
      ...secretInput(secrets.SLACK_USER_TOKEN, { prefix: 'xoxp-', optional: true }),
    },
    {
      key: 'slack.allowedChannels',
      prompt: 'The only channels to post to, with commas. Leave empty for all that the bot is in.',
      placeholder: '#operations',
      value: settings['slack.allowedChannels'].join(', '),
    },
  ],
};

export const systems: readonly System[] = [claude, postgres, jira, slack];

function secretInput(stored: string | undefined, rule: { readonly prefix?: string; readonly optional?: boolean } = {}) {
  const keep = stored === undefined ? undefined : 'Stored. Leave empty to keep it.';
  return {
    password: true,
    ...(keep !== undefined && { placeholder: keep }),
    check: (text: string): string | undefined => {
      if (text === '') return stored !== undefined || rule.optional === true ? undefined : 'This is needed to connect.';
      if (/\s/u.test(text)) return 'There is a space or a line end in it: copy it again.';
      if (rule.prefix !== undefined && !text.startsWith(rule.prefix)) return `It begins with ${rule.prefix}`;
      return undefined;
    },
  };
}

function required(text: string): string | undefined {
  return text === '' ? 'This is needed to connect.' : undefined;
}

function isAddress(text: string): boolean {
  return /^postgres(?:ql)?:\/\//u.test(text);
}

function notFromAddress(answers: Answers<Key>): boolean {
  return !isAddress(answers['postgres.host'] ?? '');
}

function checkHost(text: string): string | undefined {
  if (text === '') return 'This is needed to connect.';
  if (!isAddress(text)) return /[\s/@]/u.test(text) ? 'A host name such as db.example.com, without a path.' : undefined;
  if (!URL.canParse(text) || !canDecode(text)) return 'This address cannot be read: postgres://user@host:port/database';
  const { hostname, pathname, username, password } = new URL(text);
  // This box shows what is typed.
  if (password !== '') return 'Without the password: it is asked for later, hidden.';
  return hostname === '' || pathname.length < 2 || username === ''
    ? 'It must name user, host and database: postgres://user@host/database'
    : undefined;
}

/** A stray % makes an address that parses and cannot be decoded. */
function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}

function checkJiraUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return 'A whole address: https://example.atlassian.net';
  const { protocol, hostname, username } = new URL(text);
  if (username !== '') return 'Without a user name in it: the token is asked for later.';
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return protocol === 'https:' || (protocol === 'http:' && loopback) ? undefined : 'It must begin with https://';
}
