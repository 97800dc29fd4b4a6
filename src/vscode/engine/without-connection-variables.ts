import type { Variables } from '../../settings.ts';

/** The environment without connection variables, because connections come only from settings and secrets. */
export function inheritable(environment: Variables): Variables {
  const ours = /^(?:DB_|DATABASE|PG|JIRA_|SLACK_|ANTHROPIC_|SWITCHBOARD_|VAULT_|AWS_)/u;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ours.test(name)));
}
