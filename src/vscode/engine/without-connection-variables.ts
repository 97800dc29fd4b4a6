import type { Variables } from '../../settings.ts';

/** Everything of the environment but what could connect to anything: connections come from settings and secrets alone. */
export function inheritable(environment: Variables): Variables {
  const ours = /^(?:DB_|DATABASE|PG|JIRA_|SLACK_|ANTHROPIC_|SWITCHBOARD_|VAULT_|AWS_)/u;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ours.test(name)));
}
