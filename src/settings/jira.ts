import * as z from 'zod';

export const jiraSettings = {
  'jira.url': z.string().default('').describe('URL of the Jira site. Empty means not connected.'),
  'jira.email': z
    .string()
    .default('')
    .describe(
      'Email address of the Jira Cloud account. Leave empty for Jira Data Center with a personal access token.',
    ),
  'jira.allowedProjects': z
    .array(z.string())
    .default([])
    .describe(
      'Keys of the projects that Switchboard can read and write. Leave empty to allow every project that the credentials allow.',
    ),
};

export const jiraSecrets = {
  JIRA_TOKEN: 'Jira API token (Cloud)',
  JIRA_PAT: 'Jira personal access token (Data Center)',
} as const;

type Values = z.infer<z.ZodObject<typeof jiraSettings>>;
type Secrets = Readonly<Partial<Record<keyof typeof jiraSecrets, string>>>;

/** The variables of the server; none while it is not connected. */
export function jiraGiven(settings: Values, secrets: Secrets): Record<string, string | undefined> {
  if (settings['jira.url'] === '') return {};
  const cloud = settings['jira.email'] !== '';
  return {
    JIRA_URL: settings['jira.url'],
    JIRA_EMAIL: settings['jira.email'],
    JIRA_TOKEN: cloud ? secrets.JIRA_TOKEN : undefined,
    JIRA_PAT: cloud ? undefined : secrets.JIRA_PAT,
    JIRA_ALLOWED_PROJECTS: settings['jira.allowedProjects'].join(','),
  };
}
