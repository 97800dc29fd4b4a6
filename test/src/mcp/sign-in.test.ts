import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createAuthFor } from '../../../src/mcp/auth/auth-for.ts';
import { createFileCredentials } from '../../../src/mcp/auth/credential-store.ts';
import { signIn } from '../../../src/mcp/auth/sign-in.ts';
import type { RemoteSpec } from '../../../src/mcp/server-specs.ts';
import type { AuthorizationServer } from './fixtures/authorization-server.ts';
import { startProtectedServer } from './fixtures/protected-server.ts';
import { listen, mcpListener } from './fixtures/remote.ts';
import { callOptions, never, openHub } from './fixtures/servers.ts';

async function start() {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-sign-in-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const server = await startProtectedServer();
  const spec: RemoteSpec = {
    kind: 'remote',
    id: 'far',
    title: 'Far',
    transport: 'http',
    url: server.resource,
    headers: {},
    trusted: false,
  };
  const store = createFileCredentials(join(folder, 'credentials'));
  return { ...server, spec, store, folder: join(folder, 'credentials') };
}

function signInWith(
  { spec, store }: { spec: RemoteSpec; store: ReturnType<typeof createFileCredentials> },
  openBrowser: AuthorizationServer['approve'],
  signal: AbortSignal = never,
) {
  return signIn(spec, { store, version: '0.0.0', openBrowser, signal });
}

it('a server that requires a sign-in says so, opens no browser by itself, and works once the user has signed in', async () => {
  const started = await start();
  const { spec, store, authorization, folder } = started;
  const hub = openHub([spec], { authFor: createAuthFor(store) });
  expect(await hub.list(never)).toEqual([]);
  expect(hub.states()[0]?.state).toMatchObject({ status: 'failed', code: 'unauthorized' });
  // Nothing was registered for a connection that never signed in.
  expect(authorization.requests).toEqual([]);

  expect(await signInWith(started, authorization.approve)).toEqual({ kind: 'signed-in' });
  await hub.restart('far');
  expect(await hub.call('far__add', { a: 2, b: 3 }, callOptions())).toMatchObject({ text: '5' });
  for (const file of await readdir(folder)) {
    expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
    expect(file).not.toContain('mcp');
  }
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

it('an expired access token is refreshed without the user', async () => {
  const started = await start();
  const { spec, store, authorization, folder } = started;
  await signInWith(started, authorization.approve);
  const [file = ''] = await readdir(folder);
  const before = await readFile(join(folder, file), 'utf8');
  authorization.expireNextToken();
  const hub = openHub([spec], { authFor: createAuthFor(store) });
  expect((await hub.list(never)).map(({ name }) => name)).toEqual(['far__add']);
  expect(authorization.requests.filter(({ url }) => url === '/token')).toHaveLength(2);
  expect(await readFile(join(folder, file), 'utf8')).not.toBe(before);
});

it('a call that needs more permissions says so, and the next sign-in requests them', async () => {
  const started = await start();
  const { spec, store, authorization, requests } = started;
  await signInWith(started, authorization.approve);
  const hub = openHub([spec], { authFor: createAuthFor(store) });
  await hub.list(never);
  started.askFor('mcp openid');
  expect(await hub.call('far__add', { a: 2, b: 3 }, callOptions())).toMatchObject({
    failure: { code: 'unauthorized' },
  });
  expect(requests.length).toBeGreaterThan(0);
  let asked = '';
  const approve = async (url: URL): Promise<void> => {
    asked = url.searchParams.get('scope') ?? '';
    await authorization.approve(url);
  };
  expect(await signInWith(started, approve)).toEqual({ kind: 'signed-in' });
  expect(asked.split(' ')).toEqual(expect.arrayContaining(['mcp', 'openid']));
});

it("the user's refusal is reported, and nothing is stored", async () => {
  const started = await start();
  const { authorization, folder } = started;
  expect(await signInWith(started, authorization.refuse)).toEqual({
    kind: 'failed',
    reason: 'the authorization server answered "access_denied"',
  });
  const stored = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')));
  expect(stored.join('')).not.toContain('access_token');
});

it('a cancelled sign-in ends and leaves no port open', async () => {
  const started = await start();
  const cancel = new AbortController();
  let redirect = '';
  const signedIn = await signInWith(
    started,
    async (url) => {
      redirect = url.searchParams.get('redirect_uri') ?? '';
      cancel.abort();
    },
    cancel.signal,
  );
  expect(signedIn).toEqual({ kind: 'failed', reason: 'was cancelled' });
  await expect(fetch(redirect)).rejects.toThrow();
});

it('a callback with a different state is ignored', async () => {
  const started = await start();
  const { authorization } = started;
  const signedIn = await signInWith(started, async (url) => {
    const forged = new URL(url.searchParams.get('redirect_uri') ?? '');
    forged.search = new URLSearchParams({ code: 'stolen', state: 'guessed' }).toString();
    expect((await fetch(forged)).status).toBe(404);
    await authorization.approve(url);
  });
  expect(signedIn).toEqual({ kind: 'signed-in' });
});

it('a server without authorization needs no sign-in', async () => {
  const started = await start();
  const { url } = await listen(mcpListener());
  const spec = { ...started.spec, url: `${url}/mcp` };
  const never_ = () => Promise.reject(new Error('no browser is needed'));
  expect(await signInWith({ ...started, spec }, never_)).toEqual({ kind: 'not-needed' });
});

it('a machine signs in with its own credentials, sent only to the named issuer', async () => {
  const { spec, store, authorization } = await start();
  const oauth = { clientId: 'machine', clientSecret: 'canary-machine-secret', grant: 'client_credentials' } as const;
  const good = { ...spec, id: 'good', oauth: { ...oauth, issuer: authorization.url } };
  const wrong = { ...spec, id: 'wrong', oauth: { ...oauth, issuer: 'https://other.example' } };
  const hub = openHub([good, wrong], { authFor: createAuthFor(store) });
  expect((await hub.list(never)).map(({ name }) => name)).toEqual(['good__add']);
  expect(hub.states()[1]?.state).toMatchObject({ status: 'failed' });
  expect(authorization.requests.filter(({ url }) => url === '/token')).toHaveLength(1);
  expect(await hub.call('good__add', { a: 2, b: 3 }, callOptions())).toMatchObject({ text: '5' });
});
