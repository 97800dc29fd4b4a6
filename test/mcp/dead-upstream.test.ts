import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it, onTestFinished } from 'vitest';
import type { SystemId } from '../../servers/contract/systems.ts';
import type { ToolOutcome } from '../../src/agent/tools.ts';
import { ownServerSpecs, type Variables } from '../../src/mcp/server-specs.ts';
import { createTestDatabase } from '../servers/postgres/database.ts';
import { containing } from '../servers/jira/harness.ts';
import { callOptions, never, openHub, until } from '../src/mcp/fixtures/servers.ts';
import { distFolder } from '../stack/command-line.ts';
import { startJira } from '../stack/jira/index.ts';
import { listen } from '../stack/listen.ts';
import { startSlack } from '../stack/slack/slack.ts';

function start(id: SystemId, variables: Variables) {
  const stateFolder = mkdtempSync(join(tmpdir(), 'switchboard-dead-'));
  onTestFinished(() => rmSync(stateFolder, { recursive: true, force: true }));
  const all = { ...variables, SWITCHBOARD_STATE_DIR: stateFolder };
  const hub = openHub(ownServerSpecs(join(distFolder, 'servers'), all).filter((spec) => spec.id === id));
  return {
    call: (tool: string, input = {}): Promise<ToolOutcome> => hub.call(`${id}__${tool}`, input, callOptions()),
    list: () => hub.list(never),
    state: () => hub.states()[0]?.state,
  };
}

type Server = ReturnType<typeof start>;

/** Calls until the server answers by itself that the system is away: after three failures, or later on a slow machine. */
async function expectAnsweredAtOnce(server: Server, tool: string, upstream: string): Promise<void> {
  const process = await server.list().then(server.state);
  const answers: ToolOutcome[] = [];
  const isKnown = (): boolean =>
    JSON.stringify(answers.at(-1) ?? '').includes(`${upstream} has been unreachable since 20`);
  while (!isKnown() && answers.length < 20) answers.push(await server.call(tool));
  expect(answers.length).toBeGreaterThan(3);
  expect(answers.at(-1)).toMatchObject({
    failure: { code: 'unreachable', message: containing(upstream), retryable: true },
  });
  expect(server.state()).toMatchObject({ ...process, status: 'ready' });
}

async function expectBack(server: Server, tool: string): Promise<void> {
  let isBack = false;
  const probe = async (): Promise<void> => {
    while (!isBack) isBack = (await server.call(tool)).kind === 'result';
  };
  void probe();
  await until(() => isBack);
}

async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

it('a dead database is not a dead server: it is said to be away, and used once it is back', async () => {
  const { name, reader } = await createTestDatabase('empty');
  const port = await closedPort();
  const settings = { DB_HOST: '127.0.0.1', DB_PORT: String(port), DB_NAME: name, DB_SSL: 'disable' };
  const server = start('postgres', { ...settings, DB_USER: reader.user, DB_PASSWORD: reader.password });
  const tool = 'get_database_health';
  await expectAnsweredAtOnce(server, tool, `The database at 127.0.0.1:${port}/${name}`);
  const cluster = inject('postgres');
  const way = createServer((socket) => {
    const other = connect(cluster.port, cluster.host);
    socket.pipe(other).pipe(socket);
    for (const each of [socket, other]) each.on('error', () => socket.destroy());
  });
  onTestFinished(() => void way.close());
  await listen(way, port);
  await expectBack(server, tool);
  // Its answers, however bad, say that it is there.
  for (let times = 0; times < 6; times += 1)
    expect(await server.call('query_database', { query: 'select nothing from nowhere' })).toMatchObject({
      failure: { code: 'not_found' },
    });
  expect(await server.call('query_database', { query: 'select 1' })).toMatchObject({ kind: 'result' });
});

it('a dead Jira is said to be away, and used once it is back; what it refuses says that it is there', async () => {
  const port = await closedPort();
  const account = { JIRA_EMAIL: 'bot@example.com', JIRA_TOKEN: 'jira-stand-in-token' };
  const server = start('jira', { JIRA_URL: `http://127.0.0.1:${port}`, ...account });
  await expectAnsweredAtOnce(server, 'list_jira_projects', `Jira at http://127.0.0.1:${port}`);
  const jira = await startJira({ port });
  onTestFinished(() => jira.stop());
  await expectBack(server, 'list_jira_projects');
  for (let times = 0; times < 6; times += 1)
    expect(await server.call('get_jira_issue', { issue_key: 'ENG-9999' })).toMatchObject({ kind: 'failure' });
  expect(await server.call('list_jira_projects')).toMatchObject({ kind: 'result' });
});

it('a dead Slack is said to be away, and used once it is back', async () => {
  const port = await closedPort();
  const token = 'xoxb-stand-in-token';
  const server = start('slack', { SLACK_BOT_TOKEN: token, SLACK_API_URL: `http://127.0.0.1:${port}/api/` });
  await expectAnsweredAtOnce(server, 'list_slack_channels', `Slack at 127.0.0.1:${port}`);
  const slack = await startSlack({ port, token });
  onTestFinished(() => slack.stop());
  await expectBack(server, 'list_slack_channels');
});
