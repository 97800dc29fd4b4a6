import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorizationOf } from '../../stack/jira/colleagues.ts';
import { startJira, type JiraStandIn } from '../../stack/jira/index.ts';
import { startSlack, type SlackStandIn } from '../../stack/slack/slack.ts';
import { awsLogin, startAwsSecrets } from '../../stack/aws-secrets.ts';
import { startVault, vaultLogin, type VaultStandIn } from '../../stack/vault.ts';
import { containing, matching } from '../jira/harness.ts';
import { callTool } from './calls.ts';
import { message, send, startAndEnd, startHttp, stateFolder, type HttpServer } from './harness.ts';
import { startIssuer, type TestIssuer } from './issuer.ts';

const audience = 'https://mcp.example.com/here';
const annas = { email: 'anna@example.com', token: 'first-token-of-anna', sees: ['ENG', 'OPS'] };
const later = { email: 'anna@example.com', token: 'second-token-of-anna', sees: ['ENG'] };
const bens = { email: 'ben@example.com', token: 'only-token-of-ben', sees: ['ENG'] };
const slackTokens = { anna: 'xoxb-000000000003-token-of-anna', ben: 'xoxb-000000000004-token-of-ben' };

let vault: VaultStandIn;
let jira: JiraStandIn;
let slack: SlackStandIn;
let issuer: TestIssuer;
let server: HttpServer;
let state: string;
let tokensFile: string;

const shared = async (): Promise<Record<string, string>> => ({
  VAULT_ADDR: vault.url,
  VAULT_TOKEN: vaultLogin.token,
  SWITCHBOARD_STATE_DIR: await stateFolder(),
  SWITCHBOARD_HTTP_URL: audience,
  SWITCHBOARD_HTTP_ISSUER: issuer.url,
});
const forJira = async (more: Record<string, string> = {}): Promise<Record<string, string>> => ({
  ...(await shared()),
  JIRA_URL: jira.url,
  JIRA_EMAIL: '{email}',
  JIRA_TOKEN: 'vault:kv/users/{sub}#jira',
  ...more,
});

beforeAll(async () => {
  [vault, jira, slack, issuer] = await Promise.all([
    startVault(),
    startJira({ colleagues: [annas, later, bens] }),
    startSlack({ colleagues: { [slackTokens.anna]: [], [slackTokens.ben]: ['payments-oncall'] } }),
    startIssuer(audience),
  ]);
  const environment = await forJira();
  state = environment['SWITCHBOARD_STATE_DIR'] ?? '';
  tokensFile = join(state, 'tokens');
  const bots = createHash('sha256').update('a-token-of-the-bot-that-is-long-enough').digest('hex');
  await writeFile(tokensFile, `bot ${bots} jira:read,jira:write\n`);
  server = await startHttp('jira', { ...environment, SWITCHBOARD_HTTP_TOKENS_FILE: tokensFile });
});
afterAll(() => Promise.all([vault.stop(), jira.stop(), slack.stop(), issuer.stop()]));

const scope = 'jira:read jira:write slack:read slack:write';
const tokenOf = (sub: string, claims: Record<string, unknown> = {}): Promise<string> =>
  issuer.sign({ scope, sub, email: `${sub}@example.com`, email_verified: true, ...claims });
const bug = { project_key: 'ENG', issue_type: 'Bug', summary: 'Checkout fails' };
const authors = (path: RegExp): unknown[] =>
  jira.requests().flatMap((request) => (path.test(request.path) ? [request.headers['authorization']] : []));
/** Reads are recorded a little later, and the log is another pipe than the answers. */
const patience = { timeout: 60_000 };
const audited = async (): Promise<string> => {
  const folder = join(state, 'audit');
  const texts = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')));
  return texts.join('');
};

describe('callers with accounts of their own', () => {
  it('act as themselves, and see what their accounts see, whatever was read for others before', async () => {
    vault.set('kv/users/anna', { jira: annas.token });
    vault.set('kv/users/ben', { jira: bens.token });
    const [anna, ben] = [await tokenOf('anna'), await tokenOf('ben')];
    const fields = (token: string) =>
      callTool(server.port, 'get_jira_create_fields', { project_key: 'OPS', issue_type: 'Bug' }, { token });
    const rows = async (token: string) =>
      (await callTool(server.port, 'list_jira_projects', {}, { token })).structured['row_count'];
    expect((await fields(anna)).structured).not.toHaveProperty('error');
    expect((await fields(ben)).structured).toMatchObject({ error: { code: 'not_found' } });
    expect([await rows(anna), await rows(ben)]).toEqual([2, 1]);
    for (const token of [anna, ben])
      expect((await callTool(server.port, 'create_jira_ticket', bug, { token })).structured['outcome']).toBe('done');
    expect(new Set(authors(/\/issue$/u))).toEqual(new Set([authorizationOf(annas), authorizationOf(bens)]));
    expect(JSON.stringify(jira.issues())).not.toContain('for anna@example.com');
  });

  it('without a stored token are told where it belongs, and nobody else acts for them', async () => {
    const before = jira.requests().length;
    const token = await tokenOf('carla');
    const asked = () => callTool(server.port, 'list_jira_projects', {}, { token });
    expect((await asked()).structured).toMatchObject({
      error: {
        code: 'unauthorized',
        message: containing('carla@example.com has no Jira account'),
        hint: containing('vault:kv/users/carla#jira'),
      },
    });
    expect(jira.requests()).toHaveLength(before);
    vault.set('kv/users/carla', { jira: bens.token });
    expect((await asked()).structured).toMatchObject({ error: { code: 'unauthorized' } }); // Ben's token is not Carla's
    vault.goAway(true);
    const dora = await callTool(server.port, 'list_jira_projects', {}, { token: await tokenOf('dora') });
    expect(dora.structured).toMatchObject({ error: { code: 'unreachable', retryable: true } });
    vault.goAway(false);
    await expect.poll(audited, patience).toContain('"errorCode":"unauthorized"');
  });

  it.each([
    ['..'],
    ['../anna'],
    ['a/../anna'],
    ['users/anna'],
    ['anna#jira'],
    ['anna%2f..%2fben'],
    ['%2e%2e'],
    ['anna\nX-Vault-Token: x'],
    ['anna\u0000'],
    ['anna\u202e'],
    ['a..b'],
    ['.'],
    ['an na'],
    ['anna?version=1'],
    ['anna\\..\\ben'],
    ['ａｎｎａ'],
    ['{email}'],
    ['a'.repeat(200)],
  ])('are refused under the name %j, which would lead elsewhere', async (sub) => {
    const before = vault.requests().length;
    const token = await tokenOf(sub, { email: 'anna@example.com' });
    const refused = await callTool(server.port, 'list_jira_projects', {}, { token });
    expect(refused.status).toBe(403);
    const listed = await send(server.port, {
      headers: { authorization: `Bearer ${token}` },
      body: message('tools/list'),
    });
    expect([listed.status, listed.text]).toEqual([403, containing('sub of your access token')]);
    expect(vault.requests()).toHaveLength(before);
    await expect.poll(server.stderr, patience).toMatch(/"status":403,"why":"caller"/u);
  });

  it('are who the issuer verified, not what they say of themselves', async () => {
    for (const claims of [{ email_verified: false }, { email_verified: 'true' }, { email_verified: undefined }])
      expect(
        (await callTool(server.port, 'list_jira_projects', {}, { token: await tokenOf('anna', claims) })).status,
      ).toBe(403);
    const bot = { token: 'a-token-of-the-bot-that-is-long-enough' };
    expect((await callTool(server.port, 'list_jira_projects', {}, bot)).status).toBe(403); // it has no email
    const ben = await tokenOf('ben');
    const meta = {
      'dev.switchboard/run': { session: 's', run: 'r', actor: 'anna' },
      sub: 'anna',
      email: 'anna@example.com',
    };
    expect((await callTool(server.port, 'list_jira_projects', {}, { token: ben, meta })).structured['row_count']).toBe(
      1,
    );
    await expect.poll(audited, patience).toMatch(/"errorCode":"forbidden"/u);
  });

  it('get what was rotated without a failed call, and nothing cached of the account before', async () => {
    const token = await tokenOf('anna');
    const fields = () =>
      callTool(server.port, 'get_jira_create_fields', { project_key: 'OPS', issue_type: 'Bug' }, { token });
    expect((await fields()).structured).not.toHaveProperty('error');
    jira.withdraw(annas.token);
    vault.set('kv/users/anna', { jira: later.token });
    expect((await callTool(server.port, 'create_jira_ticket', bug, { token })).structured['outcome']).toBe('done');
    expect(authors(/\/issue$/u).at(-1)).toBe(authorizationOf(later));
    expect((await fields()).structured).toMatchObject({ error: { code: 'not_found' } });
    const leaks = new RegExp([annas, later, bens].map(({ token: secret }) => secret).join('|'), 'u');
    expect(server.stderr() + (await audited())).not.toMatch(leaks);
  });

  it('have a Slack app of their own, with its channels', async () => {
    vault.set('kv/users/anna', { jira: later.token, slack: slackTokens.anna });
    vault.set('kv/users/ben', { jira: bens.token, slack: slackTokens.ben });
    const { port } = await startHttp('slack', {
      ...(await shared()),
      SLACK_BOT_TOKEN: 'vault:kv/users/{sub}#slack',
      SLACK_API_URL: slack.apiUrl,
    });
    const channels = async (sub: string) => {
      const { structured } = await callTool(port, 'list_slack_channels', {}, { token: await tokenOf(sub) });
      return JSON.stringify(structured);
    };
    expect(await channels('anna')).toContain('payments-oncall');
    expect(await channels('ben')).not.toContain('payments-oncall');
    const carla = await callTool(port, 'list_slack_channels', {}, { token: await tokenOf('carla') });
    expect(carla.structured).toMatchObject({
      error: { code: 'unauthorized', hint: containing('vault:kv/users/carla#slack') },
    });
  });
});

it("a personal access token of Data Center is each caller's own, too", async () => {
  const dataCenter = await startJira({ flavour: 'data-center' });
  vault.set('kv/users/fay', { pat: dataCenter.token });
  const { JIRA_EMAIL: _, JIRA_TOKEN: __, ...rest } = await forJira();
  const { port } = await startHttp('jira', { ...rest, JIRA_URL: dataCenter.url, JIRA_PAT: 'vault:kv/users/{sub}#pat' });
  const create = async (sub: string) =>
    (await callTool(port, 'create_jira_ticket', bug, { token: await tokenOf(sub) })).structured;
  expect(await create('fay')).toMatchObject({ outcome: 'done' });
  expect(await create('gil')).toMatchObject({ error: { code: 'unauthorized', hint: containing('users/gil#pat') } });
  expect(dataCenter.issues()).toHaveLength(1);
  await dataCenter.stop();
});

it("secrets in AWS Secrets Manager are each caller's own, too", async () => {
  const aws = await startAwsSecrets();
  aws.set('users/ben', JSON.stringify({ jira: bens.token }));
  const { port } = await startHttp(
    'jira',
    await forJira({
      JIRA_TOKEN: 'aws-sm:users/{sub}#jira',
      AWS_REGION: awsLogin.region,
      AWS_ACCESS_KEY_ID: awsLogin.id,
      AWS_SECRET_ACCESS_KEY: awsLogin.secret,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url,
    }),
  );
  const projects = async (sub: string) =>
    (await callTool(port, 'list_jira_projects', {}, { token: await tokenOf(sub) })).structured;
  expect(await projects('ben')).toMatchObject({ row_count: 1 });
  expect(await projects('anna')).toMatchObject({ error: { hint: containing('aws-sm:users/anna#jira') } });
  expect((await callTool(port, 'list_jira_projects', {}, { token: await tokenOf('x/../ben') })).status).toBe(403);
  await aws.stop();
});

describe('a server with accounts of callers', () => {
  it.each([
    ['for nobody that it knows', { SWITCHBOARD_HTTP_ISSUER: '' }, '127.0.0.1:0'],
    ['for everybody in another variable', { JIRA_URL: 'vault:kv/users/{sub}#url' }, '127.0.0.1:0'],
  ])('does not start %s', async (_what, more, address) => {
    const { code, stderr } = await startAndEnd('jira', await forJira({ SWITCHBOARD_HTTP_URL: '', ...more }), address);
    expect([code, stderr]).toEqual([78, matching(/JIRA_(?:EMAIL|URL)/u)]);
  });

  it('does not start over stdio', async () => {
    const { code, stderr } = await startAndEnd('jira', await forJira(), undefined);
    expect([code, stderr]).toEqual([78, containing('JIRA_EMAIL depends on the caller')]);
  });
});
