import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, it, onTestFinished } from 'vitest';
import { awsLogin, startAwsSecrets, type AwsStandIn } from '../../stack/aws-secrets.ts';
import { accessCluster } from '../../stack/database/cluster.ts';
import { startJira, type JiraStandIn } from '../../stack/jira/index.ts';
import { startSlack, type SlackStandIn } from '../../stack/slack/slack.ts';
import { startVault, vaultLogin, type VaultStandIn } from '../../stack/vault.ts';
import { containing } from '../jira/harness.ts';
import { callTool } from './calls.ts';
import { startAndEnd, startHttp, stateFolder } from './harness.ts';

const cluster = accessCluster(inject('postgres'));
let vault: VaultStandIn;
let aws: AwsStandIn;
let jira: JiraStandIn;
let slack: SlackStandIn;
beforeAll(async () => {
  [vault, aws, jira, slack] = await Promise.all([startVault(), startAwsSecrets(), startJira(), startSlack()]);
});
afterAll(() => Promise.all([vault.stop(), aws.stop(), jira.stop(), slack.stop()]));

const old = 'a-token-from-before-the-rotation';
const forJira = async (more: Record<string, string>): Promise<Record<string, string>> => ({
  JIRA_URL: jira.url,
  JIRA_EMAIL: jira.email,
  JIRA_TOKEN: 'vault:kv/apps/jira#token',
  VAULT_ADDR: vault.url,
  SWITCHBOARD_STATE_DIR: await stateFolder(),
  ...more,
});

it('a token from Vault is rotated without a restart and without a failed call, a write included', async () => {
  vault.set('kv/apps/jira', { token: old });
  const { role_id: role, secret_id: secret } = vaultLogin.approle;
  const approle = { VAULT_ROLE_ID: role, VAULT_SECRET_ID: secret, VAULT_NAMESPACE: vaultLogin.namespace };
  const server = await startHttp('jira', await forJira(approle));
  vault.set('kv/apps/jira', { token: jira.token });
  vault.revokeTokens(); // it signs in again
  const bug = { project_key: 'ENG', issue_type: 'Bug', summary: `Printed: ${old} and ${jira.token}` };
  const made = await callTool(server.port, 'create_jira_ticket', bug);
  expect(made.structured).toMatchObject({ outcome: 'done' });
  expect(jira.issues()).toHaveLength(1);
  // Old and new are masked from now on.
  const again = await callTool(server.port, 'create_jira_ticket', bug);
  expect(again.structured).toMatchObject({ outcome: 'done' });
  expect(JSON.stringify(jira.issues().at(-1))).not.toMatch(new RegExp(`${old}|${jira.token}`, 'u'));
  expect(server.stderr()).not.toMatch(new RegExp(`${old}|${jira.token}|${secret}`, 'u'));
});

it('a token that Vault has no other for is not asked for again and again', async () => {
  vault.set('kv/apps/wrong', { token: old });
  const wrong = {
    JIRA_TOKEN: 'vault:kv/apps/wrong#token',
    VAULT_ADDR: vault.url,
    VAULT_ROLE_ID: vaultLogin.approle.role_id,
    VAULT_SECRET_ID: vaultLogin.approle.secret_id,
  };
  const server = await startHttp('jira', await forJira(wrong));
  const before = vault.requests().length;
  const answers = await Promise.all(Array.from({ length: 6 }, () => callTool(server.port, 'list_jira_projects', {})));
  for (const { structured } of answers) expect(structured).toMatchObject({ error: { code: 'unauthorized' } });
  expect(vault.requests().length - before).toBe(1);
});

it('a pod signs in with its service account; a token of Slack is rotated, too', async () => {
  vault.set('kv/apps/slack', { bot: `xoxb-${old}` });
  const folder = await stateFolder();
  await writeFile(join(folder, 'pod'), `${vaultLogin.kubernetes.jwt}\n`);
  const server = await startHttp('slack', {
    SLACK_BOT_TOKEN: 'vault:kv/apps/slack#bot',
    SLACK_API_URL: slack.apiUrl,
    VAULT_ADDR: vault.url,
    VAULT_K8S_ROLE: vaultLogin.kubernetes.role,
    VAULT_K8S_TOKEN_FILE: join(folder, 'pod'),
    SWITCHBOARD_STATE_DIR: folder,
  });
  vault.set('kv/apps/slack', { bot: slack.token });
  const listed = await callTool(server.port, 'list_slack_channels', {});
  expect(listed.structured['row_count']).toBeGreaterThan(0);
});

it('a password of PostgreSQL is rotated, and the last one serves while Vault is away', async () => {
  onTestFinished(() => vault.goAway(false));
  const name = `secrets_${process.pid}_${Date.now()}`;
  const admin = new Client(await cluster.createDatabase(name));
  await admin.connect();
  await admin.query(`create role ${name} login password 'the-first-password'`);
  vault.set('kv/apps/db', { password: 'the-first-password' });
  const { role_id: role, secret_id: secret } = vaultLogin.approle;
  const { host, port } = inject('postgres');
  const server = await startHttp('postgres', {
    DB_HOST: host,
    DB_PORT: String(port),
    DB_NAME: name,
    DB_USER: name,
    DB_PASSWORD: 'vault:kv/apps/db#password',
    VAULT_ADDR: vault.url,
    VAULT_ROLE_ID: role,
    VAULT_SECRET_ID: secret,
    SWITCHBOARD_STATE_DIR: await stateFolder(),
  });
  const ask = async () => (await callTool(server.port, 'query_database', { query: 'select 1 as one' })).structured;
  const endSessions = () =>
    admin.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [name]);
  expect(await ask()).toMatchObject({ row_count: 1 });
  await admin.query(`alter role ${name} password 'the-second-password'`);
  vault.set('kv/apps/db', { password: 'the-second-password' });
  await endSessions();
  expect(await ask()).toMatchObject({ row_count: 1 });
  vault.goAway(true);
  await endSessions();
  expect(await ask()).toMatchObject({ row_count: 1 });
  await admin.end();
});

it('a secret of AWS Secrets Manager is read with a signed request', async () => {
  aws.set('apps/jira', JSON.stringify({ token: jira.token }));
  const login = {
    AWS_REGION: awsLogin.region,
    AWS_ACCESS_KEY_ID: awsLogin.id,
    AWS_SECRET_ACCESS_KEY: awsLogin.secret,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url,
  };
  const server = await startHttp('jira', await forJira({ JIRA_TOKEN: 'aws-sm:apps/jira#token', ...login }));
  expect((await callTool(server.port, 'list_jira_projects', {})).structured['row_count']).toBeGreaterThan(0);
  const refused = await startAndEnd(
    'jira',
    await forJira({ JIRA_TOKEN: 'aws-sm:apps/jira#token', ...login, AWS_SECRET_ACCESS_KEY: 'wrong' }),
    '127.0.0.1:0',
  );
  expect([refused.code, refused.stderr]).toEqual([78, containing('InvalidSignatureException')]);
});

it.each([
  ['where Vault is not over https', { VAULT_ADDR: 'http://vault.example' }, 'VAULT_ADDR'],
  ['without a way to sign in', {}, 'VAULT_TOKEN'],
  ['with a token that is not good', { VAULT_TOKEN: 'hvs.wrong-token-of-vault' }, '403'],
  ['of a role that is not known', { VAULT_ROLE_ID: 'x', VAULT_SECRET_ID: 'wrong-token-of-vault' }, '400'],
  [
    'of a path that leads elsewhere',
    { JIRA_TOKEN: 'vault:kv/../sys/x#token', VAULT_TOKEN: 'x' },
    'vault:mount/path#key',
  ],
])('a server does not start %s', async (_what, more, named) => {
  const { code, stderr } = await startAndEnd('jira', await forJira(more), '127.0.0.1:0');
  expect([code, stderr]).toEqual([78, containing(named)]);
  expect(stderr).not.toContain('wrong-token-of-vault');
});

it('a token of Vault is renewed in time', async () => {
  const short = await startVault({ leaseSeconds: 1 });
  short.set('kv/apps/jira', { token: jira.token });
  const { role_id: role, secret_id: secret } = vaultLogin.approle;
  await startHttp('jira', await forJira({ VAULT_ADDR: short.url, VAULT_ROLE_ID: role, VAULT_SECRET_ID: secret }));
  await expect.poll(() => short.requests(), { timeout: 60_000 }).toContain('POST /v1/auth/token/renew-self');
  await short.stop();
});
