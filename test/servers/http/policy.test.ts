import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { metaKeys } from '../../../servers/contract/meta.ts';
import { accessCluster } from '../../stack/database/cluster.ts';
import { startSlack, type SlackStandIn } from '../../stack/slack/slack.ts';
import { containing } from '../jira/harness.ts';
import { callTool } from './calls.ts';
import { message, send, startHttp, stateFolder, type HttpServer } from './harness.ts';
import { startIssuer, type TestIssuer } from './issuer.ts';

const audience = 'https://mcp.example.com/here';
const policy = `groups:
  web: { channels: ["#operations", C0GENERAL], databases: [orders] }
  payments: { channels: ["#payments-oncall"] }
  platform: { channels: "*", databases: "*" }
  writers: { projects: "*" }
`;
const cluster = accessCluster(inject('postgres'));
const name = `policy_${process.pid}_${Date.now()}`;

let issuer: TestIssuer;
let slack: SlackStandIn;
let servers: Record<'slack' | 'postgres', HttpServer>;

beforeAll(async () => {
  [issuer, slack] = await Promise.all([startIssuer(audience), startSlack()]);
  const admin = new Client(await cluster.createDatabase(name));
  await cluster.createDatabase(`${name}_other`);
  await admin.connect();
  await admin.query(`create role ${name} login password 'the-password-of-the-reader'; create table t (a int)`);
  await admin.query(`insert into t values (1); grant select on t to ${name}`);
  await admin.end();
  const shared = async () => {
    const folder = await stateFolder();
    await writeFile(join(folder, 'policy.yaml'), policy);
    return {
      SWITCHBOARD_STATE_DIR: folder,
      SWITCHBOARD_HTTP_URL: audience,
      SWITCHBOARD_HTTP_ISSUER: issuer.url,
      SWITCHBOARD_HTTP_POLICY_FILE: join(folder, 'policy.yaml'),
    };
  };
  const account = { user: name, password: 'the-password-of-the-reader' };
  const databases = `orders=${cluster.url(name, account)},billing=${cluster.url(`${name}_other`, account)}`;
  const [forSlack, postgres] = await Promise.all([
    startHttp('slack', {
      ...(await shared()),
      SLACK_BOT_TOKEN: slack.token,
      SLACK_USER_TOKEN: slack.userToken,
      SLACK_API_URL: slack.apiUrl,
      SLACK_ALLOWED_CHANNELS: '#operations,#payments-oncall',
    }),
    startHttp('postgres', { ...(await shared()), DATABASES: databases }),
  ]);
  servers = { slack: forSlack, postgres };
});
afterAll(() => Promise.all([issuer.stop(), slack.stop()]));

const tokenOf = (groups: unknown): Promise<string> =>
  issuer.sign({ scope: 'slack:read slack:write postgres:read', groups });
const call = async (
  where: keyof typeof servers,
  groups: unknown,
  tool: string,
  input: Record<string, unknown>,
  meta = {},
) => (await callTool(servers[where].port, tool, input, { token: await tokenOf(groups), meta })).structured;

/** Tools that take a channel, with all else that they need. */
const onChannels: readonly (readonly [string, Record<string, unknown>])[] = [
  ['read_slack_channel', {}],
  ['read_slack_thread', { thread_ts: '1700000000.000100' }],
  ['post_slack_message', { text: 'Hello' }],
  ['update_slack_message', { ts: '1700000000.000100', text: 'Hello' }],
  ['delete_slack_message', { ts: '1700000000.000100' }],
  ['add_slack_reaction', { ts: '1700000000.000100', name: 'eyes' }],
  ['pin_slack_message', { ts: '1700000000.000100' }],
  ['upload_slack_file', { filename: 'a.csv', content: 'a' }],
];
const previews = [{}, { [metaKeys.preview]: true }];

describe('the channels of a caller', () => {
  it.each(onChannels)('limit %s, by name, id, mention and link, and say nothing of others', async (tool, more) => {
    const others = [
      '#payments-oncall',
      'payments-oncall',
      'C0PAYMENT',
      '<#C0PAYMENT|payments-oncall>',
      `${slack.url}/archives/C0PAYMENT/p1700000000000100`,
    ];
    const metas = tool.startsWith('read') ? [{}] : previews;
    for (const channel of [...others, '#payments-on', '#no-such-channel', 'C0NOSUCH1', 'C0SECRET1', '#board'])
      for (const meta of metas) {
        const { error } = await call('slack', ['web'], tool, { channel, ...more }, meta);
        expect([channel, error]).toEqual([channel, expect.objectContaining({ code: 'not_allowed' })]);
        const said = JSON.stringify(error)
          .replaceAll(channel.slice(0, 80), '')
          .replaceAll(JSON.stringify(channel).slice(1, -1), '');
        expect(said).not.toMatch(/payments|board|general(?!\w)/u);
      }
    const nobody = await call('slack', ['writers'], tool, { channel: '#operations', ...more });
    expect(nobody).toMatchObject({ error: { code: 'not_allowed', hint: containing('none') } });
    expect(slack.messages('#payments-oncall')).toEqual([]);
  });

  it('are open by name and by id to reads and, where the settings allow it, to writes', async () => {
    for (const channel of ['#operations', 'C0OPERATE', 'C0GENERAL', '#general'])
      expect(await call('slack', ['web'], 'read_slack_channel', { channel })).not.toHaveProperty('error');
    const post = (groups: string[], channel: string) =>
      call('slack', groups, 'post_slack_message', { channel, text: 'Hi' });
    expect(await post(['web'], 'C0OPERATE')).toMatchObject({ outcome: 'done' });
    expect(await post(['web'], '#general')).toMatchObject({ error: { code: 'not_allowed' } });
    expect(await post(['payments', 'writers'], '#payments-oncall')).toMatchObject({ outcome: 'done' });
    expect(await post(['platform'], '#general')).toMatchObject({
      error: { code: 'not_allowed', message: containing('SLACK_ALLOWED_CHANNELS') },
    });
  });

  it('limit lists and searches, and names in what is read', async () => {
    const channels = async (groups: unknown) =>
      JSON.stringify((await call('slack', groups, 'list_slack_channels', {}))['rows']);
    expect(await channels(['platform'])).toContain('payments-oncall');
    expect(await channels(['web'])).toMatch(/operations/u);
    expect(await channels(['web'])).not.toMatch(/payments|random|partner/u);
    for (const groups of [[], ['writers'], undefined, 'nobody', { web: true }, 7])
      expect(await channels(groups)).toBe('[]');
    const platform = { channel: '#operations', text: 'Moved to <#C0PAYMENT> and #payments-oncall' };
    expect(
      await call('slack', ['platform'], 'post_slack_message', {
        ...platform,
        text: 'Secret plan of payments',
        channel: '#payments-oncall',
      }),
    ).toMatchObject({ outcome: 'done' });
    const found = await call('slack', ['web'], 'search_slack_messages', { query: 'secret plan' });
    expect(found).toMatchObject({ row_count: 0 });
    const workspace = slack.workspace.channel('operations');
    const [first] = workspace?.messages ?? [];
    if (first === undefined) throw new Error('nothing in #operations');
    workspace?.messages.push({
      ...first,
      ts: `${Math.floor(Date.now() / 1000)}.000900`,
      text: 'See <#C0PAYMENT>',
      blocks: [],
    });
    const read = async (groups: string[]) =>
      JSON.stringify(await call('slack', groups, 'read_slack_channel', { channel: '#operations' }));
    expect(await read(['platform'])).toContain('See #payments-oncall');
    expect(await read(['web'])).toContain('See ');
    expect(await read(['web'])).not.toContain('payments-oncall');
  });
});

describe('the databases of a caller', () => {
  const query = { query: 'select a from t' };
  it('limit every tool, and nobody sees the names of others', async () => {
    expect(await call('postgres', ['web'], 'query_database', query)).toMatchObject({ row_count: 1 });
    expect(await call('postgres', ['web'], 'query_database', { ...query, database: 'orders' })).toMatchObject({
      row_count: 1,
    });
    const tools = [
      ['query_database', query],
      ['explain_query', query],
      ['list_tables', {}],
      ['get_table_schema', { table_name: 't' }],
      ['get_database_health', {}],
    ] as const;
    for (const [tool, input] of tools) {
      for (const database of ['billing', 'no-such-database', 'Orders', `${name}_other`]) {
        const { error } = await call('postgres', ['web'], tool, { ...input, database });
        expect([tool, error]).toEqual([tool, expect.objectContaining({ hint: 'Databases: orders.' })]);
      }
      for (const groups of [[], ['payments'], ['writers'], undefined, { web: true }])
        for (const database of [undefined, 'orders', 'billing'])
          expect(
            await call('postgres', groups, tool, { ...input, ...(database !== undefined && { database }) }),
          ).toMatchObject({
            error: { code: 'not_allowed' },
          });
    }
    expect(await call('postgres', ['platform'], 'list_tables', { database: 'billing' })).toMatchObject({
      row_count: 0,
    });
  });

  it('limit resources, completions and prompts', async () => {
    const ask = async (groups: unknown, method: string, params: Record<string, unknown>) => {
      const headers = { authorization: `Bearer ${await tokenOf(groups)}` };
      return (await send(servers.postgres.port, { headers, body: message(method, params) })).text;
    };
    const ref = { type: 'ref/resource', uri: 'postgres://{database}/{schema}/{table}' };
    const complete = { ref, argument: { name: 'database', value: '' } };
    expect(await ask(['web'], 'completion/complete', complete)).toContain('"values":["orders"]');
    expect(await ask(['payments'], 'completion/complete', complete)).toContain('"values":[]');
    expect(await ask(['web'], 'resources/list', {})).toContain('postgres://orders/public/t');
    expect(await ask(['payments'], 'resources/list', {})).not.toContain('public/t');
    expect(await ask(['web'], 'resources/read', { uri: 'postgres://billing/public/t' })).toContain('"error"');
    expect(await ask(['payments'], 'resources/read', { uri: 'postgres://orders/public/t' })).toContain('"error"');
    const prompt = { name: 'write_query', arguments: { question: 'x', table: 't' } };
    expect(await ask(['payments'], 'prompts/get', prompt)).toContain('"error"');
  });
});

it('whoever is refused before a login is in the log, without the token', async () => {
  const { port, stderr } = servers.slack;
  const token = await issuer.sign({ aud: 'https://mcp.example.com/other' });
  const body = message('tools/list');
  const statuses = [
    await send(port, { body }),
    await send(port, { body, headers: { authorization: `Bearer ${token}` } }),
    await send(port, { body, headers: { host: 'evil.example' } }),
    await send(port, { body, headers: { origin: 'https://evil.example' } }),
  ].map(({ status }) => status);
  expect(statuses).toEqual([401, 401, 421, 403]);
  for (const why of ['no token', 'ERR_JWT_CLAIM_VALIDATION_FAILED', 'host', 'origin'])
    await expect.poll(stderr, { timeout: 60_000 }).toMatch(new RegExp(`refused a request.*"why":"${why}"`, 'u'));
  expect(stderr()).not.toContain(token);
});
