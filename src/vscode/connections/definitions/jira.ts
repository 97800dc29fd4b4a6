import { l10n } from 'vscode';
import { checkHttpsUrl, secretInput } from '../input-checks.ts';
import type { Definition } from './definition.ts';

export const jira: Definition = {
  isConnected: (settings) => settings['jira.url'] !== '',
  describe: (settings) =>
    URL.canParse(settings['jira.url']) ? new URL(settings['jira.url']).host : settings['jira.url'],
  places: (settings) => settings['jira.allowedProjects'],
  questions: (settings, secrets) => [
    {
      key: 'jira.url',
      prompt: l10n.t('URL of the Jira site'),
      placeholder: 'https://example.atlassian.net',
      value: settings['jira.url'],
      check: checkHttpsUrl('https://example.atlassian.net'),
    },
    {
      key: 'jira.email',
      prompt: l10n.t('Email address of your Jira Cloud account. Leave empty for Jira Data Center.'),
      placeholder: 'ada@example.com',
      value: settings['jira.email'],
      check: (text) =>
        text === '' || /^\S+@\S+$/u.test(text) ? undefined : l10n.t('Enter an email address, or leave this empty.'),
    },
    {
      key: 'JIRA_TOKEN',
      prompt: l10n.t('API token (id.atlassian.com > Security > API tokens)'),
      when: (answers) => answers['jira.email'] !== '',
      ...secretInput(secrets.JIRA_TOKEN),
    },
    {
      key: 'JIRA_PAT',
      prompt: l10n.t('Personal access token (your Jira profile > Personal Access Tokens)'),
      when: (answers) => answers['jira.email'] === '',
      ...secretInput(secrets.JIRA_PAT),
    },
    {
      key: 'jira.allowedProjects',
      prompt: l10n.t(
        'Keys of the projects to read and write, separated by commas. Leave empty for all that the account can access.',
      ),
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
