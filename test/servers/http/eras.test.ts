import { StreamableHTTPClientTransport as LaterTransport, Client as LaterClient } from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { startJira, type JiraStandIn } from '../../stack/jira/index.ts';
import { metaKeys } from '../../../servers/contract/meta.ts';
import { message, send, startHttp, stateFolder, type HttpServer } from './harness.ts';

let jira: JiraStandIn;
let plain: HttpServer;
beforeAll(async () => {
  jira = await startJira();
  plain = await start();
});
afterAll(() => jira.stop());

async function start(more: Record<string, string> = {}): Promise<HttpServer> {
  return startHttp('jira', {
    JIRA_URL: jira.url,
    JIRA_EMAIL: jira.email,
    JIRA_TOKEN: jira.token,
    SWITCHBOARD_STATE_DIR: await stateFolder(),
    ...more,
  });
}

const bug = { project_key: 'ENG', issue_type: 'Bug', summary: 'Checkout fails' };

it('a client of the revisions before lists, reads, previews, writes once a key, and hears of progress', async () => {
  const { url } = plain;
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(url));
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toContain('create_jira_ticket');
  const meta = { [metaKeys.idempotencyKey]: 'same-key-for-both' };
  const create = () => client.callTool({ name: 'create_jira_ticket', arguments: bug, _meta: meta });
  const [one, two] = [await create(), await create()];
  const outcomes = [one, two].map((answer) => answer.structuredContent as Record<string, unknown>);
  expect(outcomes).toMatchObject([{ outcome: 'done' }, { outcome: 'replayed' }]);
  expect(outcomes[1]?.['issue_key']).toBe(outcomes[0]?.['issue_key']);
  const read = { name: 'get_jira_issue', arguments: { issue_key: outcomes[0]?.['issue_key'] } };
  const answer = await client.callTool(read, undefined, { onprogress: () => undefined });
  expect(answer.isError).not.toBe(true);
  await client.close();
});

it('a client of 2026-07-28 discovers, lists and reads', async () => {
  const { url } = plain;
  const client = new LaterClient(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  await client.connect(new LaterTransport(url));
  expect(client.getServerVersion()?.name).toBe('switchboard-jira');
  expect((await client.listTools()).tools.length).toBeGreaterThan(5);
  const answer = await client.callTool({ name: 'list_jira_projects', arguments: {} });
  expect(answer.isError).not.toBe(true);
  await client.close();
});

it('answers with events where the call has a progress token, and with JSON otherwise', async () => {
  const { port } = plain;
  const call = { name: 'list_jira_projects', arguments: {} };
  const quiet = await send(port, { body: message('tools/call', call) });
  const told = await send(port, { body: message('tools/call', { ...call, _meta: { progressToken: 7 } }) });
  expect([quiet.status, quiet.headers['content-type']]).toEqual([200, 'application/json']);
  expect([told.status, told.headers['content-type']]).toEqual([200, 'text/event-stream']);
  const last = told.text.trim().split('\n').at(-1)?.replace('data: ', '') ?? '';
  const answerSchema = z.object({ id: z.literal(1), result: z.looseObject({ structuredContent: z.looseObject({}) }) });
  expect(answerSchema.parse(JSON.parse(last)).result.structuredContent).toEqual(
    answerSchema.parse(JSON.parse(quiet.text)).result.structuredContent,
  );
});

it('requests with the same id at the same time get their own answers', async () => {
  const { port } = plain;
  const names = ['list_jira_projects', 'no_such_tool', 'get_jira_create_fields'];
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      send(port, { body: message('tools/call', { name: names[index % 3], arguments: {} }) }),
    ),
  );
  const kinds = answers.map(({ text }) =>
    /no tool 'no_such_tool'/u.test(text) ? 1 : /'project_key'/u.test(text) ? 2 : 0,
  );
  expect(kinds).toEqual(Array.from({ length: 12 }, (_, index) => index % 3));
});

it('notifications and answers are accepted, unknown methods are an error of the protocol', async () => {
  const { port } = plain;
  const note = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
  expect((await send(port, { body: note })).status).toBe(202);
  expect((await send(port, { body: JSON.stringify({ jsonrpc: '2.0', id: 3, result: {} }) })).status).toBe(202);
  const unknown = await send(port, { body: message('resources/list') });
  expect(JSON.parse(unknown.text)).toMatchObject({ id: 1, error: { code: -32_601 } });
});

it('a stop signal ends the server with nothing lost', async () => {
  const server = await start();
  await send(server.port, { body: message('tools/list') });
  expect((await send(server.port, { method: 'GET', path: '/readyz' })).status).toBe(200);
  server.kill('SIGTERM');
  expect(await server.ended).toBe(0);
});
