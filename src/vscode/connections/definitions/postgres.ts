import { l10n } from 'vscode';
import { checkHost, isAddress, required, secretInput } from '../input-checks.ts';
import type { Answers } from '../input-steps.ts';
import type { Definition, Key } from './definition.ts';

const tlsModes = [
  { label: 'prefer', description: l10n.t('TLS if the server supports it') },
  { label: 'require', description: l10n.t('TLS without certificate verification') },
  {
    label: 'verify-full',
    description: l10n.t('TLS with certificate and host name verification (recommended for production)'),
  },
  { label: 'verify-ca', description: l10n.t('TLS with certificate verification') },
  { label: 'disable', description: l10n.t('No TLS (only for a database on this machine)') },
] as const;

export const postgres: Definition = {
  isConnected: (settings) => settings['postgres.host'] !== '',
  describe: (settings) =>
    l10n.t('{0} on {1} as {2}', settings['postgres.database'], settings['postgres.host'], settings['postgres.user']),
  places: () => [],
  questions: (settings, secrets) => [
    {
      key: 'postgres.host',
      prompt: l10n.t('Host of the PostgreSQL server, or a full postgres:// URL'),
      placeholder: 'db.example.com',
      value: settings['postgres.host'],
      check: checkHost,
    },
    {
      key: 'postgres.port',
      prompt: l10n.t('Port'),
      value: String(settings['postgres.port']),
      check: (text) =>
        /^\d{1,5}$/u.test(text) && Number(text) >= 1 && Number(text) <= 65_535
          ? undefined
          : l10n.t('Enter a number from 1 to 65535.'),
      when: notFromAddress,
    },
    {
      key: 'postgres.database',
      prompt: l10n.t('Database'),
      value: settings['postgres.database'],
      check: required,
      when: notFromAddress,
    },
    {
      key: 'postgres.user',
      prompt: l10n.t('Role to connect as (use a read-only role)'),
      value: settings['postgres.user'],
      check: required,
      when: notFromAddress,
    },
    {
      key: 'DB_PASSWORD',
      prompt: l10n.t('Password for this role'),
      ...secretInput(secrets.DB_PASSWORD, { optional: true }),
    },
    { key: 'postgres.ssl', prompt: l10n.t('Encryption'), value: settings['postgres.ssl'], choices: tlsModes },
    {
      key: 'postgres.sslRootCert',
      prompt: l10n.t('Path of the CA certificate file. Leave empty to use the CAs that this machine trusts.'),
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

function notFromAddress(answers: Answers<Key>): boolean {
  return !isAddress(answers['postgres.host'] ?? '');
}
