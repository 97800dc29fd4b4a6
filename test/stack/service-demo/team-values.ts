import { createHash, randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { Stack } from '../stack.ts';

/** What a team gives the chart, and the secrets that it names. */
export interface TeamValues {
  readonly values: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Of the one who runs runbooks. */
  readonly token: string;
  /** The state database, as its owner, and as the role of workers. */
  readonly stateUrl: string;
  readonly workerUrl: string;
}

export async function prepareTeam(stack: Stack, image: { repository: string; tag: string }): Promise<TeamValues> {
  const { environment, cluster } = stack;
  const name = `state_${process.pid}`;
  const stateUrl = await cluster.createDatabase(name);
  const app = { user: 'switchboard_app', password: randomBytes(18).toString('hex') };
  const worker = { user: 'switchboard_worker', password: randomBytes(18).toString('hex') };
  const client = new Client({ connectionString: stateUrl });
  await client.connect();
  for (const { user, password } of [app, worker])
    await client.query(`create role ${user} login password '${password}'`);
  // For the queue, which a worker makes itself.
  await client.query(`grant create on database ${name} to ${worker.user}`);
  await client.end();
  const token = randomBytes(32).toString('hex');
  const scopes = ['postgres', 'jira', 'slack'].flatMap((server) => [`${server}:read`, `${server}:write`]);
  const { DB_NAME = '', DB_USER = '', DB_PASSWORD = '', JIRA_URL = '', JIRA_EMAIL = '' } = environment;
  const { JIRA_TOKEN = '', SLACK_BOT_TOKEN = '', SLACK_API_URL = '' } = environment;
  const here = { cidr: `${cluster.host}/32`, port: cluster.port };
  return {
    token,
    stateUrl,
    workerUrl: cluster.url(name, worker),
    values: {
      image: { ...image, pullPolicy: 'Never' },
      url: 'https://mcp.example.com',
      auth: { tokens: { secret: 'tokens', key: 'tokens' } },
      state: {
        url: { secret: 'state', key: 'url' },
        egress: here,
        migrate: { url: { secret: 'state-owner', key: 'url' }, worker: worker.user },
      },
      servers: {
        postgres: { secrets: { DATABASE_URL: { secret: 'orders', key: 'url' } }, egress: [here] },
        jira: { env: { JIRA_URL, JIRA_EMAIL }, secrets: { JIRA_TOKEN: { secret: 'jira', key: 'token' } } },
        slack: { env: { SLACK_API_URL }, secrets: { SLACK_BOT_TOKEN: { secret: 'slack', key: 'bot-token' } } },
      },
      network: {},
    },
    secrets: {
      tokens: { tokens: `on-call ${createHash('sha256').update(token).digest('hex')} ${scopes.join(',')}\n` },
      state: { url: cluster.url(name, app) },
      'state-owner': { url: stateUrl },
      orders: { url: cluster.url(DB_NAME, { user: DB_USER, password: DB_PASSWORD }) },
      jira: { token: JIRA_TOKEN },
      slack: { 'bot-token': SLACK_BOT_TOKEN },
    },
  };
}
