import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { baseEnvironment, type ChildSpec, type RemoteSpec } from '../../../src/mcp/server-specs.ts';
import { callOptions, never, openHub } from './fixtures/servers.ts';
import { closedPort, listen, mcpListener } from './fixtures/remote.ts';

const later: ChildSpec = {
  kind: 'child',
  id: 'later',
  title: 'Later',
  command: process.execPath,
  args: [fileURLToPath(new URL('fixtures/later-server.ts', import.meta.url))],
  env: baseEnvironment(process.env),
  trusted: false,
};

function remote(url: string, changes: Partial<RemoteSpec> = {}): RemoteSpec {
  return { kind: 'remote', id: 'far', title: 'Far', transport: 'auto', url, headers: {}, trusted: false, ...changes };
}

it('a stdio server that speaks only the later revision is used', async () => {
  const hub = openHub([later]);
  expect((await hub.list(never)).map(({ name }) => name)).toEqual(['later__add', 'later__book']);
  expect(await hub.call('later__add', { a: 2, b: 3 }, callOptions())).toMatchObject({ kind: 'result', text: '5' });
});

it.each(['stateless', 'reject'] as const)('a remote server is used (earlier revisions: %s)', async (legacy) => {
  const { url, requests } = await listen(mcpListener({ legacy }));
  const hub = openHub([remote(`${url}/mcp`, { headers: { 'x-team': 'shop' } })]);
  expect((await hub.list(never)).map(({ name }) => name)).toEqual(['far__add']);
  expect(await hub.call('far__add', { a: 2, b: 3 }, callOptions())).toMatchObject({ kind: 'result', text: '5' });
  expect(hub.states()[0]?.state).toMatchObject({ status: 'ready', pid: undefined });
  expect(requests.map(({ headers }) => headers['x-team'])).not.toContain(undefined);
});

it('a remote or local third party learns nothing about the run or the user', async () => {
  const bodies: string[] = [];
  const { url } = await listen(mcpListener({ onBody: (body) => bodies.push(body) }));
  const hub = openHub([remote(`${url}/mcp`)]);
  const run = { session: 'canary-session', run: 'canary-run', actor: 'canary-actor' };
  const approval = { id: 'canary-approval', decision: 'approved', sha256: 'canary-sha' };
  await hub.call('far__add', { a: 2, b: 3 }, callOptions({ run, approval, idempotencyKey: 'canary-key' }));
  expect(bodies.join('')).toContain('"a":2');
  expect(bodies.join('')).not.toContain('canary');
});

it.each([
  ['nothing answers', undefined, 'Nothing is listening at 127.0.0.1'],
  ['there is no such host', 'https://no-such-host.invalid/mcp', 'Check the '],
])('if %s, the reason says so immediately', async (_what, url, reason) => {
  const hub = openHub([remote(url ?? `${await closedPort()}/mcp`)]);
  expect(await hub.list(never)).toEqual([]);
  expect(hub.states()[0]?.state).toMatchObject({ status: 'failed', code: 'unreachable' });
  expect(JSON.stringify(hub.states()[0]?.state)).toContain(reason);
});

it.each([
  [401, {}, 'unauthorized', 'asks for a sign-in'],
  [401, { headers: { Authorization: 'Bearer old' } }, 'not_configured', 'rejected the Authorization header'],
  [403, {}, 'unreachable', 'answered with HTTP 403'],
  [500, {}, 'unreachable', 'answered with HTTP 500'],
] as const)('a response of %d is explained', async (status, changes, code, reason) => {
  const { url } = await listen(mcpListener({ guard: () => Promise.resolve({ status, challenge: 'Bearer' }) }));
  const hub = openHub([remote(`${url}/mcp`, { transport: 'http', ...changes })]);
  expect(await hub.list(never)).toEqual([]);
  expect(hub.states()[0]?.state).toMatchObject({ status: 'failed', code });
  expect(JSON.stringify(hub.states()[0]?.state)).toContain(reason);
});
