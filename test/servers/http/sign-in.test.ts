import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';
import { createServer } from 'node:http';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { startIdentityProvider, type IdentityProvider } from '../../stack/identity-provider.ts';
import { startJira, type JiraStandIn } from '../../stack/jira/index.ts';
import { listen } from '../../stack/listen.ts';
import { startSlack, type SlackStandIn } from '../../stack/slack/slack.ts';
import { containing } from '../jira/harness.ts';
import { callTool } from './calls.ts';
import { message, send, startHttp, stateFolder, type HttpServer } from './harness.ts';

let jira: JiraStandIn;
let slack: SlackStandIn;
let identity: IdentityProvider;
let servers: Record<'jira' | 'slack', HttpServer>;

beforeAll(async () => {
  const people = {
    anna: { email: 'anna@example.com', groups: ['web'] },
    ben: { email: 'ben@example.com', groups: [] },
  };
  const scopes = ['jira:read', 'jira:write', 'slack:read', 'slack:write'];
  [jira, slack, identity] = await Promise.all([startJira(), startSlack(), startIdentityProvider(people, scopes)]);
  const shared = async () => ({ SWITCHBOARD_STATE_DIR: await stateFolder(), SWITCHBOARD_HTTP_ISSUER: identity.url });
  const [forJira, forSlack] = await Promise.all([
    startHttp('jira', { ...(await shared()), JIRA_URL: jira.url, JIRA_EMAIL: jira.email, JIRA_TOKEN: jira.token }),
    startHttp('slack', { ...(await shared()), SLACK_BOT_TOKEN: slack.token, SLACK_API_URL: slack.apiUrl }),
  ]);
  identity.addResource(forJira.url.href, 'jira:read jira:write');
  identity.addResource(forSlack.url.href, 'slack:read slack:write');
  servers = { jira: forJira, slack: forSlack };
});
afterAll(() => Promise.all([identity.stop(), jira.stop(), slack.stop()]));

interface Browser {
  readonly provider: OAuthClientProvider;
  /** The pages that were opened. */
  readonly pages: readonly URL[];
  /** What the redirect to the client brought. */
  readonly code: () => Promise<string>;
  readonly token: () => string;
}

/** What a client keeps, and a page on this machine that the browser comes back to. */
async function openBrowser(login: string, firstScope?: string): Promise<Browser> {
  let client: OAuthClientInformationMixed | undefined;
  let tokens: OAuthTokens | undefined;
  let verifier = '';
  const pages: URL[] = [];
  let back: (code: string) => void = () => undefined;
  let code = Promise.resolve('');
  const page = createServer((request, response) => {
    back(new URL(request.url ?? '/', 'http://127.0.0.1').searchParams.get('code') ?? '');
    response.end('Signed in.');
  });
  const redirectUrl = `http://127.0.0.1:${await listen(page)}/callback`;
  afterPages.push(() => page.close());
  const provider: OAuthClientProvider = {
    redirectUrl,
    clientMetadata: {
      client_name: 'A client',
      redirect_uris: [redirectUrl],
      // With a refresh token, the SDK would refresh when it is told to ask for more, and get no more.
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'none',
    },
    clientInformation: () => client,
    saveClientInformation: (information) => void (client = information),
    tokens: () => tokens,
    saveTokens: (saved) => void (tokens = saved),
    redirectToAuthorization: async (url) => {
      // Like a client that asks for less than it is offered.
      if (firstScope !== undefined && pages.length === 0) url.searchParams.set('scope', firstScope);
      pages.push(url);
      code = new Promise((resolve) => {
        back = resolve;
      });
      await identity.approve(url, login);
    },
    saveCodeVerifier: (saved) => void (verifier = saved),
    codeVerifier: () => verifier,
  };
  return { provider, pages, code: () => code, token: () => tokens?.access_token ?? '' };
}
const afterPages: (() => unknown)[] = [];
afterAll(() => afterPages.forEach((close) => close()));

const challengeSchema = z.object({ message: z.string() });

/** Connects as the SDK does: a first attempt finds the authorization server, the second has a token. */
async function signIn(server: HttpServer, browser: Browser): Promise<Client> {
  const first = new StreamableHTTPClientTransport(server.url, { authProvider: browser.provider });
  await expect(new Client({ name: 'test', version: '1' }).connect(first)).rejects.toThrow(/unauthorized/iu);
  await first.finishAuth(await browser.code());
  return connect(server, browser);
}

async function connect(server: HttpServer, browser: Browser): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(server.url, { authProvider: browser.provider }));
  return client;
}

const bug = { project_key: 'ENG', issue_type: 'Bug', summary: 'Checkout fails' };
const create = { name: 'create_jira_ticket', arguments: bug };

it('a client finds the authorization server, registers, signs in, and calls as the person', async () => {
  const browser = await openBrowser('anna');
  const client = await signIn(servers.jira, browser);
  const [page] = browser.pages;
  expect(page?.origin).toBe(identity.url);
  expect(page?.searchParams.get('resource')).toBe(servers.jira.url.href);
  expect(page?.searchParams.get('code_challenge_method')).toBe('S256');
  const claims = decodeJwt(browser.token());
  expect(claims).toMatchObject({
    iss: identity.url,
    sub: 'anna',
    aud: servers.jira.url.href,
    groups: ['web'],
    scope: 'jira:read jira:write',
  });
  expect((await client.listTools()).tools.length).toBeGreaterThan(5);
  expect(await client.callTool(create)).toMatchObject({ structuredContent: { outcome: 'done' } });
  expect(JSON.stringify(jira.issues().at(-1))).toContain('Filed by Switchboard for anna@example.com');
  // The token of one server is none for another.
  const token = browser.token();
  const elsewhere = await callTool(servers.slack.port, 'list_slack_channels', {}, { token });
  expect([elsewhere.status, elsewhere.headers['www-authenticate']]).toEqual([401, containing('error="invalid_token"')]);
  await expect
    .poll(servers.slack.stderr, { timeout: 60_000 })
    .toMatch(/refused a request.*"why":"ERR_JWT_CLAIM_VALIDATION_FAILED"/u);
  expect(servers.slack.stderr() + servers.jira.stderr()).not.toContain(token);
  await client.close();
});

it('a client that asked for little is told what a write needs, and signs in again for it', async () => {
  const browser = await openBrowser('ben', 'jira:read');
  const client = await signIn(servers.jira, browser);
  expect(decodeJwt(browser.token())['scope']).toBe('jira:read');
  expect(await client.callTool({ name: 'list_jira_projects', arguments: {} })).not.toHaveProperty('isError');
  const before = jira.issues().length;
  const refused = await callTool(servers.jira.port, create.name, bug, { token: browser.token() });
  expect([refused.status, refused.headers['www-authenticate']]).toEqual([
    403,
    containing('error="insufficient_scope", scope="jira:read jira:write"'),
  ]);
  // The SDK opens the page by itself, with the scopes of the answer.
  await expect(client.callTool(create)).rejects.toThrow();
  expect(browser.pages.at(-1)?.searchParams.get('scope')).toBe('jira:read jira:write');
  expect(jira.issues()).toHaveLength(before);
  const again = new StreamableHTTPClientTransport(servers.jira.url, { authProvider: browser.provider });
  await again.finishAuth(await browser.code());
  const stepped = await connect(servers.jira, browser);
  expect(decodeJwt(browser.token())['scope']).toBe('jira:read jira:write');
  expect(await stepped.callTool(create)).toMatchObject({ structuredContent: { outcome: 'done' } });
  expect(JSON.stringify(jira.issues().at(-1))).toContain('Filed by Switchboard for ben@example.com');
  expect(jira.issues()).toHaveLength(before + 1);
  await Promise.all([client.close(), stepped.close()]);
});

it('nobody gets a token for a server that the authorization server does not know', async () => {
  const { port, url } = await startHttp('jira', {
    SWITCHBOARD_STATE_DIR: await stateFolder(),
    SWITCHBOARD_HTTP_ISSUER: identity.url,
    JIRA_URL: jira.url,
    JIRA_EMAIL: jira.email,
    JIRA_TOKEN: jira.token,
  });
  const browser = await openBrowser('anna');
  const transport = new StreamableHTTPClientTransport(url, { authProvider: browser.provider });
  await expect(new Client({ name: 'test', version: '1' }).connect(transport)).rejects.toThrow();
  expect(await browser.code().catch(() => '')).toBe('');
  const answer = await send(port, { body: message('tools/list') });
  expect([
    answer.status,
    challengeSchema.parse(z.object({ error: z.unknown() }).parse(JSON.parse(answer.text)).error),
  ]).toEqual([401, { message: 'A valid access token is needed.' }]);
});
