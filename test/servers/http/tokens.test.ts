import { createHash, randomBytes } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { metaKeys } from '../../../servers/contract/meta.ts';
import { startJira, type JiraStandIn } from '../../stack/jira/index.ts';
import { containing, matching } from '../jira/harness.ts';
import { callTool } from './calls.ts';
import { message, send, startHttp, stateFolder, type HttpServer } from './harness.ts';
import { startIssuer, type TestIssuer } from './issuer.ts';

const audience = 'https://mcp.example.com/jira';
const handedOut = randomBytes(32).toString('hex');
const now = (): number => Math.floor(Date.now() / 1000);

let jira: JiraStandIn;
let issuer: TestIssuer;
let server: HttpServer;
let state: string;
let tokensFile: string;

beforeAll(async () => {
  jira = await startJira();
  issuer = await startIssuer(audience);
  state = await stateFolder();
  tokensFile = join(state, 'tokens');
  await writeFile(
    tokensFile,
    `# who\nbot ${createHash('sha256').update(handedOut).digest('hex')} jira:read platform\n`,
  );
  const policyFile = join(state, 'policy.yaml');
  await writeFile(
    policyFile,
    'groups:\n  web: { projects: [ENG] }\n  platform: { projects: "*" }\n  slack: { channels: "*" }\n',
  );
  server = await startHttp('jira', {
    JIRA_URL: jira.url,
    JIRA_EMAIL: jira.email,
    JIRA_TOKEN: jira.token,
    SWITCHBOARD_STATE_DIR: state,
    SWITCHBOARD_HTTP_URL: audience,
    SWITCHBOARD_HTTP_ISSUER: issuer.url,
    SWITCHBOARD_HTTP_TOKENS_FILE: tokensFile,
    SWITCHBOARD_HTTP_POLICY_FILE: policyFile,
    SWITCHBOARD_RATE_LIMITS: 'add_jira_comment=1/1h',
    SWITCHBOARD_METRICS_PORT: '0',
  });
});
afterAll(async () => {
  await issuer.stop();
  await jira.stop();
});

const list = message('tools/list');
const ask = (token: string, body = list, path = '/mcp') =>
  send(server.port, { path, headers: token === '' ? {} : { authorization: `Bearer ${token}` }, body });

const call = (token: string, name: string, input: Record<string, unknown>, meta: Record<string, unknown> = {}) =>
  callTool(server.port, name, input, { token, meta });

const recordSchema = z.looseObject({ phase: z.string(), tool: z.string().optional() });
async function records() {
  const folder = join(state, 'audit');
  const texts = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')));
  return texts.flatMap((text) => text.trim().split('\n')).map((line) => recordSchema.parse(JSON.parse(line)));
}

const parts = (token: string): string[] => token.split('.');
const withoutClaim = (name: string): JWTPayload => ({ [name]: undefined });

describe('a token is refused', () => {
  const forged: Record<string, () => Promise<string>> = {
    'with no signature': async () =>
      new UnsecuredJWT({ scope: 'jira:write' })
        .setIssuer(issuer.url)
        .setAudience(audience)
        .setSubject('anna')
        .setExpirationTime('5m')
        .encode(),
    'signed with the public key as a password': async () =>
      new SignJWT({ iss: issuer.url, aud: audience, sub: 'anna', exp: now() + 60, scope: 'jira:read' })
        .setProtectedHeader({ alg: 'HS256', kid: 'one', typ: 'at+jwt' })
        .sign(Buffer.from(await exportSPKI(issuer.publicKey))),
    'of another key under a known name': async () =>
      new SignJWT({ iss: issuer.url, aud: audience, sub: 'anna', exp: now() + 60, scope: 'jira:read' })
        .setProtectedHeader({ alg: 'RS256', kid: 'one', typ: 'at+jwt' })
        .sign((await generateKeyPair('RS256')).privateKey),
    'of an unknown key': () => issuer.sign({}, { kid: 'two' }),
    'of a key that it brings along': () =>
      issuer.sign({}, { kid: 'two', jku: `${issuer.url}/evil`, x5u: `${issuer.url}/evil` }),
    'with an extension that nobody knows': () => issuer.sign({}, { crit: ['b64'], b64: true }),
    'that ran out': () => issuer.sign({ exp: now() - 60 }),
    'that is not good yet': () => issuer.sign({ nbf: now() + 120 }),
    'that never runs out': () => issuer.sign(withoutClaim('exp')),
    'of another issuer': () => issuer.sign({ iss: 'https://idp.evil.example' }),
    'for another server': () => issuer.sign({ aud: 'https://mcp.example.com/slack' }),
    'for a part of our address': () => issuer.sign({ aud: 'https://mcp.example.com' }),
    'for nobody': () => issuer.sign(withoutClaim('aud')),
    'of nobody': () => issuer.sign(withoutClaim('sub')),
    'that says who someone is, not what they may do': () => issuer.sign({}, { typ: 'id+jwt' }),
    'of no kind': () => issuer.sign({}, { typ: undefined }),
    'that was changed': async () => {
      const [head = '', , tail = ''] = parts(await issuer.sign({}));
      return [head, parts(await issuer.sign({ scope: 'jira:write', sub: 'root' }))[1], tail].join('.');
    },
    'that is too long': () => issuer.sign({ filler: 'x'.repeat(16_000) }),
    'that nobody handed out': () => Promise.resolve(randomBytes(32).toString('hex')),
    'that is not there': () => Promise.resolve(''),
  };
  it.each(Object.entries(forged))('%s', async (_what, forge) => {
    const token = await forge();
    const answer = await ask(token);
    const metadata = 'resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/jira"';
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, containing(metadata)]);
    if (token !== '') expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    expect(answer.text + server.stderr()).not.toContain(token === '' ? 'Bearer ey' : token);
  });

  it('in the address, or in another form', async () => {
    const token = await issuer.sign({});
    expect((await ask('', list, `/mcp?access_token=${token}`)).status).toBe(401);
    for (const authorization of [
      `Basic ${token}`,
      token,
      `Bearer ${token} x`,
      `Bearer`,
      `Bearer ${token},Bearer ${token}`,
    ])
      expect((await send(server.port, { headers: { authorization }, body: list })).status).toBe(401);
    expect(server.stderr()).not.toContain(token);
  });

  it('with unknown keys, without the issuer being asked each time', async () => {
    const before = issuer.asked();
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => ask(await issuer.sign({}, { kid: `no-${index}` }))),
    );
    expect(issuer.asked() - before).toBeLessThanOrEqual(1);
  });
});

describe('a caller', () => {
  it('finds out where to get a token', async () => {
    for (const path of ['', '/jira', '/mcp']) {
      const answer = await send(server.port, { method: 'GET', path: `/.well-known/oauth-protected-resource${path}` });
      expect(JSON.parse(answer.text)).toMatchObject({
        resource: audience,
        authorization_servers: [issuer.url],
        scopes_supported: ['jira:read', 'jira:write'],
        bearer_methods_supported: ['header'],
      });
    }
  });

  it('may do what the scopes say, and learns which are missing', async () => {
    const bug = { project_key: 'ENG', issue_type: 'Bug', summary: 'Checkout fails' };
    for (const scopes of [
      { scope: 'openid jira:readers' },
      withoutClaim('scope'),
      { scope: 'slack:read slack:write' },
      { scope: { 'jira:read': true } },
    ])
      expect((await ask(await issuer.sign({ ...scopes, groups: ['web'] }))).status).toBe(403);
    const reader = await issuer.sign({ scope: 'jira:read', groups: ['web'], email: 'anna@example.com' });
    expect((await ask(reader)).status).toBe(200);
    for (const meta of [{}, { [metaKeys.preview]: true }]) {
      const refused = await call(reader, 'create_jira_ticket', bug, meta);
      expect([refused.status, refused.headers['www-authenticate']]).toEqual([
        403,
        matching(/error="insufficient_scope".*scope="jira:read jira:write".*resource_metadata=/u),
      ]);
    }
    const writeOnly = await issuer.sign({ scope: 'jira:write', groups: ['web'] });
    expect((await call(writeOnly, 'create_jira_ticket', bug)).status).toBe(403);
    const writer = await issuer.sign({ scp: ['jira:read', 'jira:write'], scope: undefined, groups: ['web'] });
    expect((await call(writer, 'create_jira_ticket', bug)).structured).toMatchObject({ outcome: 'done' });
    const refusals = (await records()).filter(({ phase }) => phase === 'refused');
    expect(refusals).toContainEqual(
      expect.objectContaining({
        tool: 'create_jira_ticket',
        actor: 'anna@example.com',
        subject: `${issuer.url} anna`,
        errorCode: 'forbidden',
      }),
    );
  });

  it('uses the places of the groups alone, and none without a group', async () => {
    const projects = async (groups: unknown): Promise<unknown> => {
      const { structured } = await call(await issuer.sign({ groups }), 'list_jira_projects', {});
      return z
        .array(z.array(z.unknown()))
        .parse(structured['rows'])
        .map(([key]) => key);
    };
    const all = await projects(['platform']);
    expect(all).toContain('OPS');
    expect(await projects(['web'])).toEqual(['ENG']);
    expect(await projects(['web', 'platform'])).toEqual(all);
    for (const groups of [[], ['slack'], ['nobody'], ['__proto__'], 7, { web: true }, undefined])
      expect(await projects(groups)).toEqual([]);
    const stranger = await issuer.sign({ scope: 'jira:read jira:write', groups: ['web'] });
    const refused = await call(stranger, 'create_jira_ticket', { project_key: 'OPS', issue_type: 'Bug', summary: 'x' });
    expect(refused.structured).toMatchObject({ error: { code: 'not_allowed' } });
  });

  it('is told apart from others with the same key, name and claims', async () => {
    const scope = 'jira:read jira:write';
    const [anna, ben] = [
      await issuer.sign({ scope, groups: ['web'] }),
      await issuer.sign({ scope, groups: ['web'], sub: 'ben' }),
    ];
    const bug = { project_key: 'ENG', issue_type: 'Bug', summary: 'Same words' };
    const meta = {
      [metaKeys.idempotencyKey]: 'the-same-key',
      [metaKeys.run]: { session: 's', run: 'r', actor: 'root' },
    };
    const create = async (token: string) => (await call(token, 'create_jira_ticket', bug, meta)).structured;
    const [first, other, again] = [await create(anna), await create(ben), await create(anna)];
    expect([first['outcome'], other['outcome'], again['outcome']]).toEqual(['done', 'done', 'replayed']);
    expect(other['issue_key']).not.toBe(first['issue_key']);
    expect(again['issue_key']).toBe(first['issue_key']);
    const written = (await records()).filter((record) => record['claimedActor'] === 'root');
    expect(new Set(written.map(({ actor }) => actor))).toEqual(new Set(['anna', 'ben']));
    // Limits are each caller's own.
    const comment = async (token: string) =>
      (await call(token, 'add_jira_comment', { issue_key: first['issue_key'], body: 'Hello' })).structured;
    expect((await comment(anna))['outcome']).toBe('done');
    expect(await comment(anna)).toMatchObject({ error: { code: 'quota_exceeded' } });
    expect((await comment(ben))['outcome']).toBe('done');
  });

  it('is counted without being named', async () => {
    await call(await issuer.sign({ groups: ['platform'], sub: 'carla' }), 'list_jira_projects', {});
    await call(await issuer.sign({ groups: ['platform'], sub: 'carla' }), 'carla_s_own_tool', {});
    await ask('x'.repeat(40));
    const text = await (await fetch(server.metrics())).text();
    const value = (series: string): number =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(series))
          ?.split(' ')
          .at(-1),
      );
    expect(value('switchboard_tool_calls_total{tool="list_jira_projects",outcome="ok",code="none"}')).toBeGreaterThan(
      0,
    );
    expect(value('switchboard_tool_calls_total{tool="other",outcome="denied",code="forbidden"}')).toBeGreaterThan(0);
    expect(value('switchboard_upstream_seconds_count{upstream="jira",status="200"}')).toBeGreaterThan(0);
    expect(value('switchboard_auth_refused_total{reason="invalid_token"}')).toBeGreaterThan(0);
    expect(value('switchboard_state_up')).toBe(1);
    expect(text).not.toMatch(/carla|anna|example\.com/u);
  });

  it('may use a token that was handed out, until it is withdrawn', async () => {
    expect((await ask(handedOut)).status).toBe(200);
    expect((await ask(handedOut.slice(1))).status).toBe(401);
    await writeFile(tokensFile, '# nobody\n');
    expect((await ask(handedOut)).status).toBe(401);
  });
});

describe('the catalogue', () => {
  const get = (path: string, headers: Record<string, string> = {}) =>
    send(server.port, { method: 'GET', path, headers });

  it('tells whoever has no token yet what there is, and what to ask for', async () => {
    for (const path of ['/catalogue.json', '/jira/catalogue.json']) {
      const { status, text } = await get(path);
      expect(status).toBe(200);
      const { scopes, tools } = z
        .object({ scopes: z.unknown(), tools: z.array(z.looseObject({ name: z.string() })) })
        .parse(JSON.parse(text));
      expect(scopes).toEqual({ read: 'jira:read', write: 'jira:write' });
      expect(tools.find(({ name }) => name === 'create_jira_ticket')).toMatchObject({
        risk: 'write',
        scopes: ['jira:read', 'jira:write'],
      });
      // Nothing of this server in particular.
      for (const own of [jira.url, jira.email, jira.token, 'ENG]', state]) expect(text).not.toContain(own);
    }
  });

  it('is a page that runs nothing and loads nothing', async () => {
    const { status, headers, text } = await get('/catalogue');
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'/,
    );
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(text).toContain('<h2 id="create_jira_ticket-title">');
    expect(text).not.toMatch(/<script|https?:/);
  });

  it('is under the same rules as everything else', async () => {
    expect((await get('/catalogue', { host: 'evil.example' })).status).toBe(421);
    expect((await get('/catalogue', { origin: 'https://evil.example' })).status).toBe(403);
    expect((await send(server.port, { path: '/catalogue' })).status).toBe(404);
    for (const path of ['/catalogue/', '/catalogue.html', '/other/catalogue', '/jira/catalogue.json/x'])
      expect([path, (await get(path)).status]).toEqual([path, 404]);
  });
});
