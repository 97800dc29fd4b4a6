import type { Stack } from '../../stack/stack.ts';

/**
 * Machine settings that connect the extension to a stack. They contain no secrets, which are in VS Code's environment.
 * The user's settings allow reading them from there.
 */
export function connectedSettings({ environment }: Stack): Readonly<Record<string, unknown>> {
  return {
    ...addressSettings(environment),
    'switchboard.secretsFromEnvironment': true,
    'switchboard.postgres.host': environment['DB_HOST'],
    'switchboard.postgres.port': Number(environment['DB_PORT']),
    'switchboard.postgres.database': environment['DB_NAME'],
    'switchboard.postgres.user': environment['DB_USER'],
    'switchboard.postgres.ssl': environment['DB_SSL'],
    'switchboard.jira.url': environment['JIRA_URL'],
    'switchboard.jira.email': environment['JIRA_EMAIL'],
    'switchboard.jira.allowedProjects': ['ENG'],
    'switchboard.slack.allowedChannels': ['#operations'],
  };
}

/** The destinations of runbooks, so that nothing is asked. */
export const runbookSettings = {
  'switchboard.runbooks.parameters': {
    'failed-orders': { project: 'ENG', channel: '#operations' },
    'bug-from-selection': { project: 'ENG' },
  },
} as const;

/** Addresses of stand-ins for services with fixed addresses, which the user never enters. */
export function addressSettings(environment: Stack['environment']): Readonly<Record<string, unknown>> {
  return {
    'switchboard.anthropic.baseUrl': environment['ANTHROPIC_BASE_URL'] ?? '',
    'switchboard.slack.apiUrl': environment['SLACK_API_URL'],
  };
}
