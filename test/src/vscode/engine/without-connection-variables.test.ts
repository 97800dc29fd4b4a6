import { expect, it } from 'vitest';
import { ownServers, ownServerSpecs } from '../../../../src/mcp/server-specs.ts';
import { inheritable } from '../../../../src/vscode/engine/without-connection-variables.ts';

const connecting = (
  'DB_HOST DB_SSH DATABASE_URL DATABASES PGHOST PGSERVICE PGPASSWORD PGPASSFILE PGSSLKEY JIRA_URL JIRA_TOKEN ' +
  'SLACK_BOT_TOKEN SLACK_API_URL ANTHROPIC_API_KEY AWS_SECRET_ACCESS_KEY'
).split(' ');

it('the environment of the editor cannot connect a server to anything', () => {
  const environment = Object.fromEntries(connecting.map((name) => [name, `canary of ${name}`]));
  const variables = inheritable({
    PATH: '/usr/bin',
    HOME: '/home/jane',
    GITHUB_TOKEN: 'for a third party',
    ...environment,
  });
  expect(variables).toEqual({ PATH: '/usr/bin', HOME: '/home/jane', GITHUB_TOKEN: 'for a third party' });
  const specs = ownServerSpecs('/dist', variables);
  expect(specs).toHaveLength(ownServers.length);
  for (const { env } of specs) expect(JSON.stringify(env)).not.toContain('canary');
});
