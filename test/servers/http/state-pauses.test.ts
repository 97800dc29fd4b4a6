import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import * as z from 'zod';
import { accessCluster } from '../../stack/database/cluster.ts';
import { startJira, type JiraStandIn } from '../../stack/jira/index.ts';
import { startSlack, type SlackStandIn } from '../../stack/slack/slack.ts';
import { callTool, type Called } from './calls.ts';
import { startHttp, stateFolder, type HttpServer } from './harness.ts';

const cluster = accessCluster(inject('postgres'));
let url: string;
let admin: Client;
let jira: JiraStandIn;
let slack: SlackStandIn;

const startForJira = async (more: Record<string, string> = {}): Promise<HttpServer> =>
  startHttp('jira', {
    JIRA_URL: jira.url,
    JIRA_EMAIL: jira.email,
    JIRA_TOKEN: jira.token,
    SWITCHBOARD_STATE_DIR: await stateFolder(),
    SWITCHBOARD_STATE_URL: url,
    ...more,
  });
const startForSlack = async (): Promise<HttpServer> =>
  startHttp('slack', {
    SLACK_BOT_TOKEN: slack.token,
    SLACK_API_URL: slack.apiUrl,
    SWITCHBOARD_STATE_DIR: await stateFolder(),
    SWITCHBOARD_STATE_URL: url,
  });

beforeAll(async () => {
  [jira, slack] = await Promise.all([startJira(), startSlack()]);
  url = await cluster.createDatabase(`pauses_${process.pid}_${Date.now()}`);
  admin = new Client(url);
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await Promise.all([jira.stop(), slack.stop()]);
});

const projects = ({ port }: HttpServer): Promise<Called> => callTool(port, 'list_jira_projects', {});
const errorSchema = z.object({ code: z.string(), retryAfterMs: z.number().optional() });
const errorOf = ({ structured }: Called) => errorSchema.safeParse(structured['error']).data;
const code = (called: Called): string | undefined => errorOf(called)?.code;
const limited = { timeout: 60_000 };
/** As if the time had passed: what is over counts for nobody who asks the database. */
const endPauses = () => admin.query('update switchboard.upstream_pause set until = clock_timestamp()');

it('what Jira asks one replica to wait, all wait, those that start later too, and no other account', async () => {
  const [one, two] = await Promise.all([startForJira(), startForJira()]);
  expect(code(await projects(two))).toBeUndefined();
  jira.misbehave({
    on: /\/project\/search/u,
    does: { kind: 'answer', status: 429, headers: { 'retry-after': '900' } },
  });
  expect(code(await projects(one))).toBe('rate_limited');
  await expect.poll(async () => code(await projects(two)), limited).toBe('rate_limited');
  const later = await startForJira();
  await expect.poll(async () => code(await projects(later)), limited).toBe('rate_limited');
  const asked = jira.requests().length;
  for (const replica of [one, two, later]) {
    const error = errorOf(await projects(replica));
    expect(error?.code).toBe('rate_limited');
    expect(error?.retryAfterMs).toBeLessThanOrEqual(900_000);
  }
  expect(code(await callTool(one.port, 'get_jira_issue', { issue_key: 'ENG-1' }))).toBe('rate_limited');
  expect(jira.requests()).toHaveLength(asked);
  const other = await startForJira({ JIRA_TOKEN: 'the-token-of-somebody-else' });
  expect(code(await projects(other))).toBe('unauthorized');
  await endPauses();
  expect(code(await projects(await startForJira()))).toBeUndefined();
});

it('a limit of one issue stops the writes to that issue alone', async () => {
  const [one, two] = await Promise.all([startForJira(), startForJira()]);
  const bug = { project_key: 'ENG', issue_type: 'Bug', summary: 'Checkout fails' };
  const [first, second] = await Promise.all(
    [0, 1].map(async () => (await callTool(one.port, 'create_jira_ticket', bug)).structured['issue_key']),
  );
  const comment = ({ port }: HttpServer, key: unknown) =>
    callTool(port, 'add_jira_comment', { issue_key: key, body: 'A note' });
  jira.misbehave({
    on: /\/comment$/u,
    does: {
      kind: 'answer',
      status: 429,
      headers: { 'retry-after': '900', 'ratelimit-reason': 'jira-per-issue-on-write' },
    },
  });
  expect(code(await comment(one, first))).toBe('rate_limited');
  await expect.poll(async () => code(await comment(two, first)), limited).toBe('rate_limited');
  expect((await comment(two, second)).structured).toMatchObject({ outcome: 'done' });
  expect(code(await callTool(two.port, 'get_jira_issue', { issue_key: first }))).toBeUndefined();
  await endPauses();
});

it('what Slack asks for one method, all replicas wait with that method', async () => {
  const [one, two] = await Promise.all([startForSlack(), startForSlack()]);
  const read = ({ port }: HttpServer) => callTool(port, 'read_slack_channel', { channel: 'C0OPERATE' });
  slack.misbehave({ method: 'conversations.history', fault: { kind: 'rate-limited', retryAfter: 900 } });
  expect(code(await read(one))).toBe('rate_limited');
  const later = await startForSlack();
  for (const replica of [two, later])
    await expect.poll(async () => code(await read(replica)), limited).toBe('rate_limited');
  expect(code(await callTool(two.port, 'list_slack_channels', {}))).toBeUndefined();
});
