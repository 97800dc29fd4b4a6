import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { text, type RouteModule } from '../../../src/service/http/route.ts';
import { startListener, type Listener } from '../../../src/service/http/start-listener.ts';
import { openVisitors, type Identify } from '../../../src/service/login/visitors.ts';
import { startIdentityProvider, type IdentityProvider } from '../../stack/identity-provider.ts';

const people = {
  anna: { email: 'anna@example.com', groups: ['sre', 'everybody'] },
  ben: { email: 'ben@example.com', groups: ['everybody'] },
};
const clientSchema = z.object({ client_id: z.string(), client_secret: z.string() });

let provider: IdentityProvider;
let listener: Listener;
/** The login needs the address of the listener, which needs the login. */
let identify: Identify | undefined;
let login: RouteModule | undefined;

beforeAll(async () => {
  provider = await startIdentityProvider(people, ['email']);
  const who: RouteModule = {
    routes: [
      {
        method: 'GET',
        path: '/runs/:id',
        handle: async (call) => {
          const visit = await identify?.(call);
          if (visit?.kind === 'known') return text(200, JSON.stringify(visit.visitor));
          return visit?.answer ?? text(500, 'not ready');
        },
      },
      ...['/login', '/login/callback', '/logout'].map((path) => ({
        method: 'GET' as const,
        path,
        handle: async (call: Parameters<Identify>[0]) =>
          (await login?.routes.find((route) => route.path === path)?.handle(call)) ?? text(500, 'not ready'),
      })),
    ],
  };
  const log = (): void => undefined;
  listener = await startListener({ host: '127.0.0.1', port: 0 }, [who], { log, mayBeBalanced: false });
  const registered = await fetch(`${provider.url}/reg`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: [`${listener.origin}/login/callback`] }),
  });
  const client = clientSchema.parse(await registered.json());
  const visitors = await openVisitors({
    variables: {
      SWITCHBOARD_HTTP_ISSUER: provider.url,
      SWITCHBOARD_LOGIN_CLIENT_ID: client.client_id,
      SWITCHBOARD_LOGIN_CLIENT_SECRET: client.client_secret,
    },
    serviceUrl: listener.origin,
    groups: ['sre'],
    fetch,
    log,
  });
  identify = visitors?.identify;
  login = visitors?.module;
});
afterAll(async () => {
  await listener.drain();
  await provider.stop();
});

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${listener.origin}${path}`, { redirect: 'manual', headers });

/** The cookie and the address of the identity provider. */
async function begin(to = '/runs/1') {
  const answer = await get(`/login?to=${encodeURIComponent(to)}`);
  const [cookie = ''] = answer.headers.getSetCookie();
  return { cookie: cookie.split(';')[0] ?? '', attributes: cookie, url: new URL(answer.headers.get('location') ?? '') };
}

describe('a login with a browser', () => {
  it('goes to the identity provider and back, and knows who it is and of which groups', async () => {
    const sent = await get('/runs/1', { accept: 'text/html' });
    expect(sent.headers.get('location')).toBe('/login?to=%2Fruns%2F1');
    const seen = await provider.visit(new URL('/login?to=/runs/1', listener.origin), 'anna');
    expect(JSON.parse(seen)).toMatchObject({ actor: 'anna@example.com', email: 'anna@example.com', groups: ['sre'] });
    const other = await provider.visit(new URL('/login?to=/runs/1', listener.origin), 'ben');
    expect(JSON.parse(other)).toMatchObject({ actor: 'ben@example.com', groups: [] });
  });

  it('uses PKCE, and a cookie that no script can read', async () => {
    const { url, attributes } = await begin();
    expect(url.origin).toBe(provider.url);
    expect(url.searchParams.get('code_challenge_method')).toBe('S256');
    expect(attributes).toMatch(/; HttpOnly; SameSite=Lax$/u);
    expect(decodeURIComponent(attributes)).not.toContain(url.searchParams.get('state'));
  });

  it('asks programs for a token instead', async () => {
    const answer = await get('/runs/1');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  });

  it.each([
    'https://evil.example/runs/1',
    '//evil.example',
    '/runs/1/../../x',
    '/login',
    '/runs/',
    'javascript:alert(1)',
  ])('never leads to %s', async (to) => {
    expect((await get(`/login?to=${encodeURIComponent(to)}`)).status).toBe(400);
  });

  it('is refused if this browser did not begin it, or another state, provider or code comes back', async () => {
    const { cookie, url } = await begin();
    const other = await begin();
    const state = url.searchParams.get('state') ?? '';
    const back = (query: Record<string, string>, with_ = cookie) =>
      get(`/login/callback?${new URLSearchParams(query).toString()}`, { cookie: with_ });
    const code = 'stolen';
    expect((await back({ state, code }, '')).status).toBe(400);
    expect((await back({ state, code }, other.cookie)).status).toBe(400);
    expect((await back({ state: `${state}x`, code })).status).toBe(400);
    expect((await back({ state, code, iss: 'https://evil.example' })).status).toBe(400);
    expect((await back({ state, error: 'access_denied' })).status).toBe(403);
    const refused = await back({ state, code });
    expect(refused.status).toBe(502);
    expect(refused.headers.getSetCookie().join()).not.toContain('switchboard-session=ey');
  });

  it.each(['x', 'eyJhbGciOiJub25lIn0.e30.', ''])('takes no cookie that it did not make: %s', async (value) => {
    const made = await get('/runs/1', { cookie: `switchboard-session=${value}` });
    expect(made.status).toBe(401);
    // That of a login that has only begun is no session.
    const { cookie } = await begin();
    const swapped = cookie.replace('switchboard-login', 'switchboard-session');
    expect((await get('/runs/1', { cookie: swapped })).status).toBe(401);
  });

  it('ends when the person signs out', async () => {
    expect((await get('/logout')).headers.getSetCookie()[0]).toMatch(/^switchboard-session=; Path=\/; Max-Age=0/u);
  });
});
