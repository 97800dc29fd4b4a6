import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createFileCredentials } from '../../src/mcp/auth/credential-store.ts';
import { signIn } from '../../src/mcp/auth/sign-in.ts';
import type { Hub } from '../../src/mcp/hub.ts';
import { ownRemoteSpec } from '../../src/mcp/remote/own-servers.ts';
import { startHttp, stateFolder, type HttpServer } from '../servers/http/harness.ts';
import { startIssuer, type TestIssuer } from '../servers/http/issuer.ts';
import { containing } from '../servers/jira/harness.ts';
import { closedPort, listen } from '../src/mcp/fixtures/remote.ts';
import { callOptions, never, openHub } from '../src/mcp/fixtures/servers.ts';
import { startJira, type JiraStandIn } from '../stack/jira/index.ts';

const reader = randomBytes(32).toString('hex');
let jira: JiraStandIn;
let issuer: TestIssuer;
let server: HttpServer;

beforeAll(async () => {
  jira = await startJira();
  issuer = await startIssuer('https://other.example/jira');
  const state = await stateFolder();
  const file = join(state, 'tokens');
  await writeFile(file, `reader ${createHash('sha256').update(reader).digest('hex')} jira:read\n`);
  server = await startHttp('jira', {
    JIRA_URL: jira.url,
    JIRA_EMAIL: jira.email,
    JIRA_TOKEN: jira.token,
    SWITCHBOARD_STATE_DIR: state,
    SWITCHBOARD_HTTP_TOKENS_FILE: file,
    SWITCHBOARD_HTTP_ISSUER: issuer.url,
  });
});
afterAll(async () => {
  await issuer.stop();
  await jira.stop();
});

function specFor(url: string, token = '') {
  const spec = ownRemoteSpec('jira', { SWITCHBOARD_REMOTE_JIRA: url, SWITCHBOARD_REMOTE_JIRA_TOKEN: token });
  if (spec === undefined) throw new Error('Jira does not run elsewhere.');
  return spec;
}

async function stateFor(url: string, token = ''): Promise<unknown> {
  const hub = openHub([specFor(url, token)]);
  expect(await hub.list(never)).toEqual([]);
  return hub.states()[0]?.state;
}

/** With a certificate that nothing on this machine trusts. */
async function untrustedHost(): Promise<string> {
  const part = (name: string): Buffer =>
    readFileSync(fileURLToPath(new URL(`../servers/postgres/connection/tls/${name}`, import.meta.url)));
  const listener = createServer({ cert: part('server.pem'), key: part('server.key') }, (_, response) => response.end());
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void listener.close());
  const address = listener.address();
  return `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/jira`;
}

it('a server that cannot be used says why and what to do', async () => {
  const away = { status: 'failed', code: 'unreachable' };
  const url = server.url.href;
  expect(await stateFor(`${await closedPort()}/mcp`)).toMatchObject({
    ...away,
    reason: containing('Nothing is listening'),
  });
  expect(await stateFor(await untrustedHost())).toMatchObject({
    ...away,
    reason: containing('set NODE_EXTRA_CA_CERTS'),
  });
  expect(await stateFor(new URL('/elsewhere', url).href)).toMatchObject({
    reason: containing('Check the path of the URL'),
  });
  expect(await stateFor(url)).toMatchObject({ code: 'unauthorized', reason: containing('asks for a sign-in') });
  const wrong = { code: 'not_configured', reason: containing('rejected the token. Check it, or ask for a new one') };
  expect(await stateFor(url, randomBytes(32).toString('hex'))).toMatchObject(wrong);
  const other = `it is for https://other.example/jira, not for ${url}`;
  expect(await stateFor(url, await issuer.sign({}))).toMatchObject({
    code: 'not_configured',
    reason: containing(other),
  });
  const expired = await issuer.sign({ aud: url, exp: 1_000_000_000 });
  expect(await stateFor(url, expired)).toMatchObject({ reason: containing('it expired on 2001-09-09') });
  const unreadable = await issuer.sign({ aud: url, scope: 'slack:read' });
  expect(await stateFor(url, unreadable)).toMatchObject({ reason: containing('lacks the scope jira:read') });
});

it('over http to another machine nothing is sent, and no sign-in begins', async () => {
  const { SWITCHBOARD_REMOTE_JIRA: url } = { SWITCHBOARD_REMOTE_JIRA: 'http://mcp.example.com/jira' };
  const reason = 'SWITCHBOARD_REMOTE_JIRA: must begin with https:// (http:// only for this machine)';
  expect(await stateFor(url, reader)).toMatchObject({ code: 'not_configured', reason: containing(reason) });
  const options = {
    store: createFileCredentials(await stateFolder()),
    version: '0',
    openBrowser: () => Promise.reject(new Error('no browser is needed')),
    signal: never,
  };
  expect(await signIn(specFor(url), options)).toEqual({ kind: 'failed', reason });
});

it('a call that the token does not allow was certainly not done', async () => {
  const hub: Hub = openHub([specFor(server.url.href, reader)]);
  const before = jira.issues().length;
  const ticket = { project_key: 'ENG', issue_type: 'Bug', summary: 'Orders fail' };
  for (const preview of [true, false]) {
    const options = callOptions({ preview, idempotencyKey: 'key-without-a-scope' });
    expect(await hub.call('jira__create_jira_ticket', ticket, options)).toMatchObject({
      failure: { code: 'forbidden', hint: containing('jira:read jira:write') },
    });
  }
  expect(jira.issues().length).toBe(before);
});

/** Our server, except that it answers calls of tools with this status. */
async function startBusyServer(status: number): Promise<string> {
  const forward = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    if (body.includes('"tools/call"')) return void response.writeHead(status).end('no');
    const { authorization = '', 'content-type': type = '', accept = '' } = request.headers;
    const headers = { authorization, 'content-type': type, accept };
    const answer = await fetch(server.url, { method: 'POST', headers, body });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(await answer.text());
  };
  const { url } = await listen((request, response) => void forward(request, response));
  return `${url}/mcp`;
}

it.each([
  [429, 'rate_limited'],
  [400, 'upstream_error'],
])('a write that was answered with HTTP %i was not done', async (status, code) => {
  const hub = openHub([specFor(await startBusyServer(status), reader)]);
  const outcome = await hub.call('jira__add_jira_comment', { issue_key: 'ENG-1', body: 'x' }, callOptions());
  expect(outcome).toMatchObject({ failure: { code } });
});
