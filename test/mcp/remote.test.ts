import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { approvedBytes } from '../../servers/contract/approved-bytes.ts';
import { previewSchema } from '../../servers/contract/preview.ts';
import { createAuthFor } from '../../src/mcp/auth/auth-for.ts';
import { createFileCredentials } from '../../src/mcp/auth/credential-store.ts';
import { signIn } from '../../src/mcp/auth/sign-in.ts';
import { describePlace, type Hub, type HubOptions } from '../../src/mcp/hub.ts';
import { ownRemoteSpec, placedServerSpecs } from '../../src/mcp/remote/own-servers.ts';
import type { Variables } from '../../src/mcp/server-specs.ts';
import { containing } from '../servers/jira/harness.ts';
import { startHttp, stateFolder } from '../servers/http/harness.ts';
import { startAuthorizationServer } from '../src/mcp/fixtures/authorization-server.ts';
import { callOptions, never, openHub, until } from '../src/mcp/fixtures/servers.ts';
import { distFolder } from '../stack/command-line.ts';
import { startJira, type JiraStandIn } from '../stack/jira/index.ts';

let jira: JiraStandIn;
beforeAll(async () => {
  jira = await startJira();
});
afterAll(() => jira.stop());

const tokens = { anna: randomBytes(32).toString('hex'), reader: randomBytes(32).toString('hex') };

async function environment(): Promise<Record<string, string>> {
  const state = await stateFolder();
  const file = join(state, 'tokens');
  const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
  await writeFile(
    file,
    `anna@example.com ${hashOf(tokens.anna)} jira:read,jira:write\nreader ${hashOf(tokens.reader)} jira:read\n`,
  );
  return {
    JIRA_URL: jira.url,
    JIRA_EMAIL: jira.email,
    JIRA_TOKEN: jira.token,
    SWITCHBOARD_STATE_DIR: state,
    SWITCHBOARD_HTTP_TOKENS_FILE: file,
  };
}

/** A hub whose Jira server runs elsewhere. */
function hubFor(variables: Variables, options: Partial<HubOptions> = {}): Hub {
  const specs = placedServerSpecs(join(distFolder, 'servers'), variables).filter(({ id }) => id === 'jira');
  return openHub(specs, options);
}

const remote = (url: string | URL, more: Record<string, string> = {}): Variables => ({
  SWITCHBOARD_REMOTE_JIRA: String(url),
  ...Object.fromEntries(Object.entries(more).map(([name, value]) => [`SWITCHBOARD_REMOTE_JIRA_${name}`, value])),
});

const previewed = z.object({ preview: previewSchema });
const keyed = z.object({ structured: z.object({ outcome: z.string(), issue_key: z.string() }) });

const ticket = { project_key: 'ENG', issue_type: 'Bug', summary: 'Orders fail', description: 'Since the deploy.' };

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const create = 'jira__create_jira_ticket';

describe('one of our servers that runs elsewhere', () => {
  it('is as trusted as here, says who we are, and a repeated key is one ticket', async () => {
    const server = await startHttp('jira', await environment());
    const hub = hubFor(remote(server.url, { TOKEN: tokens.anna }));
    const tools = await hub.list(never);
    expect(tools.find(({ name }) => name === create)).toMatchObject({ trusted: true, preview: true, idempotent: true });
    expect(hub.states().map(describePlace)).toEqual([`runs at ${server.url.host} as anna@example.com`]);

    const shown = await hub.call(create, ticket, callOptions({ preview: true }));
    const { preview } = previewed.parse(shown.kind === 'result' ? shown.structured : undefined);
    const before = jira.issues().length;
    const wrong = { id: 'a', decision: 'once', sha256: 'f'.repeat(64) };
    const approval = { id: 'b', decision: 'once', sha256: approvedBytes(preview) };
    const refused = await hub.call(create, ticket, callOptions({ idempotencyKey: 'another-key', approval: wrong }));
    expect(refused).toMatchObject({ kind: 'failure' });
    expect(jira.issues().length).toBe(before);
    const options = callOptions({ idempotencyKey: 'the-same-key', approval });
    const first = keyed.parse(await hub.call(create, ticket, options));
    const again = keyed.parse(await hub.call(create, ticket, options));
    expect([first.structured.outcome, again.structured.outcome]).toEqual(['done', 'replayed']);
    expect(again.structured.issue_key).toBe(first.structured.issue_key);
    expect(jira.issues().length).toBe(before + 1);
  });

  it('that went away is said to be away, and is used again once it is back', async () => {
    const [given, port] = [await environment(), await freePort()];
    const server = await startHttp('jira', given, `127.0.0.1:${port}`);
    const hub = hubFor(remote(server.url, { TOKEN: tokens.anna }), {
      timings: { firstDelayMs: 20, longestDelayMs: 50 },
    });
    await hub.list(never);
    server.kill('SIGKILL');
    await server.ended;
    expect(await hub.call('jira__list_jira_projects', {}, callOptions())).toMatchObject({
      failure: { code: 'unreachable', message: containing(`Nothing is listening at 127.0.0.1:${port}`) },
    });
    await startHttp('jira', given, `127.0.0.1:${port}`);
    // By itself, without a call.
    await until(() => hub.states()[0]?.state.status === 'ready');
    expect(await hub.call('jira__list_jira_projects', {}, callOptions())).toMatchObject({ kind: 'result' });
  });

  it('that goes away in the middle of a write says what became of it once it is back', async () => {
    const [given, port] = [await environment(), await freePort()];
    const server = await startHttp('jira', given, `127.0.0.1:${port}`);
    const hub = hubFor(remote(server.url, { TOKEN: tokens.anna }), { timings: { firstDelayMs: 20, repeatMs: 60_000 } });
    await hub.list(never);
    const before = jira.issues().length;
    jira.misbehave({ on: /^POST \/rest\/api\/3\/issue$/, does: { kind: 'hang-after' } });
    const writing = hub.call(create, ticket, callOptions({ idempotencyKey: 'key-of-a-lost-answer' }));
    await until(() => jira.issues().length === before + 1);
    server.kill('SIGKILL');
    await server.ended;
    await until(() => hub.states()[0]?.state.status !== 'ready');
    await startHttp('jira', given, `127.0.0.1:${port}`);
    expect(await writing).toMatchObject({ structured: { issue_key: jira.issues().at(-1)?.key } });
    expect(jira.issues().length).toBe(before + 1);
  });
});

describe('a sign-in to one of our servers', () => {
  const scope = 'jira:read jira:write';
  async function start() {
    const [given, port] = [await environment(), await freePort()];
    const resources = new Set([`http://127.0.0.1:${port}/mcp`]);
    const authorization = await startAuthorizationServer(resources, '127.0.0.1', scope);
    const { SWITCHBOARD_HTTP_TOKENS_FILE: _, ...rest } = given;
    const all = { ...rest, SWITCHBOARD_HTTP_ISSUER: authorization.url };
    const server = await startHttp('jira', all, `127.0.0.1:${port}`);
    const folder = await mkdtemp(join(tmpdir(), 'switchboard-remote-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    return { server, authorization, resources, store: createFileCredentials(folder) };
  }

  it('in the browser asks for all it needs at once, for exactly that server', async () => {
    const { server, authorization, store } = await start();
    const variables = remote(server.url);
    const hub = hubFor(variables, { authFor: createAuthFor(store) });
    expect(await hub.list(never)).toEqual([]);
    expect(hub.states()[0]?.state).toMatchObject({ code: 'unauthorized', reason: containing('asks for a sign-in') });
    const spec = ownRemoteSpec('jira', variables);
    if (spec === undefined) throw new Error('Jira does not run elsewhere.');
    let page: URL | undefined;
    const openBrowser = (url: URL): Promise<void> => authorization.approve((page = url));
    expect(await signIn(spec, { store, version: '0', openBrowser, signal: never })).toEqual({ kind: 'signed-in' });
    expect(page?.searchParams.get('resource')).toBe(server.url.href);
    expect(page?.searchParams.get('scope')?.split(' ')).toEqual(expect.arrayContaining(scope.split(' ')));

    await hub.restart('jira');
    expect(hub.states().map(describePlace)).toEqual([`runs at ${server.url.host} as jane`]);
    const outcome = await hub.call(create, ticket, callOptions({ idempotencyKey: 'key-of-the-signed-in' }));
    expect(keyed.parse(outcome).structured.outcome).toBe('done');
  });

  it('by a machine uses its credentials, and only at the named issuer', async () => {
    const { server, authorization } = await start();
    const credentials = { CLIENT_ID: 'machine', CLIENT_SECRET: 'canary-machine-secret' };
    const store = { read: () => Promise.resolve(undefined), write: () => Promise.reject(new Error('nothing is kept')) };
    const options = { authFor: createAuthFor(store) };
    const hub = hubFor(remote(server.url, { ...credentials, ISSUER: authorization.url }), options);
    expect((await hub.list(never)).length).toBeGreaterThan(0);
    expect(hub.states().map(describePlace)).toEqual([`runs at ${server.url.host} as machine`]);
    const asked = authorization.requests.filter(({ url }) => url === '/token').length;
    const other = hubFor(remote(server.url, { ...credentials, ISSUER: 'https://other.example' }), options);
    expect(await other.list(never)).toEqual([]);
    expect(authorization.requests.filter(({ url }) => url === '/token').length).toBe(asked);
    const none = hubFor(remote(server.url, credentials), options);
    expect(await none.list(never)).toEqual([]);
    expect(none.states()[0]?.state).toMatchObject({ code: 'not_configured', reason: containing('_ISSUER is not set') });
  });

  it('gets no token from a server that says it is another one', async () => {
    const { server, authorization, resources, store } = await start();
    resources.add(`http://localhost:${server.port}/mcp`);
    const spec = ownRemoteSpec('jira', remote(`http://localhost:${server.port}/mcp`));
    if (spec === undefined) throw new Error('Jira does not run elsewhere.');
    const signedIn = await signIn(spec, { store, version: '0', openBrowser: authorization.approve, signal: never });
    expect(signedIn).toMatchObject({
      kind: 'failed',
      reason: containing(`says that its address is ${server.url.href}`),
    });
  });
});
