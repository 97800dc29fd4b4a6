import { request, type ClientRequest } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { metaKeys } from '../../../servers/contract/meta.ts';
import { startJira, type JiraStandIn } from '../../stack/jira/index.ts';
import { callTool } from './calls.ts';
import { message, startHttp, stateFolder, type HttpServer } from './harness.ts';

let jira: JiraStandIn;
let server: HttpServer;
beforeAll(async () => {
  jira = await startJira();
  server = await startHttp('jira', {
    JIRA_URL: jira.url,
    JIRA_EMAIL: jira.email,
    JIRA_TOKEN: jira.token,
    SWITCHBOARD_STATE_DIR: await stateFolder(),
  });
});
afterAll(() => jira.stop());

function begin(name: string, input: object, meta: object): ClientRequest {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const sent = request({ host: '127.0.0.1', port: server.port, path: '/mcp', method: 'POST', agent: false, headers });
  sent.on('error', () => undefined);
  sent.end(message('tools/call', { name, arguments: input, _meta: meta }));
  return sent;
}

const until = (isSo: () => boolean): Promise<void> => expect.poll(isSo, { timeout: 60_000 }).toBe(true);

it('a read ends with the connection of whoever asked', async () => {
  jira.misbehave({ on: /\/project\/search/u, does: { kind: 'hang' } });
  const read = begin('list_jira_projects', {}, {});
  await until(() => jira.openRequests() === 1);
  read.destroy();
  await until(() => jira.openRequests() === 0);
});

it('a write that is being sent runs to its recorded end, which a repeat with its key reads', async () => {
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const create = /^POST .*\/issue$/u;
  jira.misbehave({ on: create, does: { kind: 'wait', for: answered } });
  const bug = { project_key: 'ENG', issue_type: 'Bug', summary: 'Checkout fails' };
  const meta = { [metaKeys.idempotencyKey]: 'disconnected-write' };
  const isSending = (): boolean => jira.requests().some(({ method, path }) => create.test(`${method} ${path}`));
  const write = begin('create_jira_ticket', bug, meta);
  await until(isSending);
  write.destroy();
  const repeat = callTool(server.port, 'create_jira_ticket', bug, { meta });
  answer();
  expect((await repeat).structured).toMatchObject({ outcome: 'replayed' });
  expect(jira.issues()).toHaveLength(1);
});
