import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../stack/database/cluster.ts';
import { authorityFile, startProxy, type ProxyStandIn } from '../stack/proxy/start-proxy.ts';
import { startStack, type Stack } from '../stack/stack.ts';
import { finished, startCli } from '../stack/command-line.ts';
import { endOf, eventsOf, runCli } from './harness.ts';

const job = ['run', 'failed-orders', '--accept-grants', '--output', 'json'];
const password = 'p@ss:word-of-the-proxy';

describe('behind a TLS-inspecting proxy', () => {
  let cluster: Cluster;
  let stack: Stack;
  let proxy: ProxyStandIn;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  beforeEach(async () => {
    stack = await startStack({ failed: 12, cluster });
    const { JIRA_URL = '', SLACK_API_URL = '', ANTHROPIC_BASE_URL = '' } = stack.environment;
    proxy = await startProxy({
      user: 'me',
      password,
      hosts: {
        'jira.corp.invalid': JIRA_URL,
        'slack.corp.invalid': SLACK_API_URL,
        'claude.corp.invalid': ANTHROPIC_BASE_URL,
      },
    });
  });
  afterEach(async () => {
    await proxy.stop();
    await stack.stop();
  });
  afterAll(() => cluster.stop());

  /** Names that no resolver knows, so that only the proxy can reach them. */
  function throughProxy(more: Record<string, string | undefined> = {}) {
    return {
      JIRA_URL: 'https://jira.corp.invalid',
      SLACK_API_URL: 'https://slack.corp.invalid/api/',
      ANTHROPIC_BASE_URL: 'https://claude.corp.invalid',
      HTTPS_PROXY: proxy.url,
      NODE_EXTRA_CA_CERTS: authorityFile,
      ...more,
    };
  }

  it.each([
    ['HTTPS_PROXY and NODE_EXTRA_CA_CERTS', {}],
    ['lower case and SSL_CERT_FILE', { lower: true }],
  ])('the whole job is done, with %s', async (_, { lower = false }: { lower?: boolean }) => {
    const change = lower
      ? { HTTPS_PROXY: undefined, https_proxy: proxy.url, NODE_EXTRA_CA_CERTS: undefined, SSL_CERT_FILE: authorityFile }
      : {};
    const run = await runCli(stack, job, throughProxy(change));
    expect(run.code, run.stderr + run.stdout.slice(-3000)).toBe(0);
    expect(stack.jira.issues()).toHaveLength(1);
    expect(stack.slack.messages('#operations')).toHaveLength(1);
    expect(new Set(proxy.connects())).toEqual(
      new Set(['jira.corp.invalid:443', 'slack.corp.invalid:443', 'claude.corp.invalid:443']),
    );
    expect(proxy.inside().some((line) => line.startsWith('POST claude.corp.invalid/v1/messages'))).toBe(true);
    const kept = filesBelow(stack.stateFolder).map((file) => readFileSync(file, 'utf8'));
    for (const text of [run.stdout, run.stderr, ...kept])
      expect([text.includes(password), text.includes(encodeURIComponent(password))]).toEqual([false, false]);
  });

  it('hosts in NO_PROXY are reached directly, and plain HTTP goes through HTTP_PROXY', async () => {
    const { JIRA_URL, SLACK_API_URL, ANTHROPIC_BASE_URL } = stack.environment;
    const direct = { JIRA_URL, SLACK_API_URL, ANTHROPIC_BASE_URL, HTTP_PROXY: proxy.url };
    const asked = await runCli(stack, job, throughProxy({ ...direct, NO_PROXY: '127.0.0.0/8' }));
    expect(asked.code, asked.stderr + asked.stdout.slice(-3000)).toBe(0);
    expect([...proxy.connects(), ...proxy.plain()]).toEqual([]);
    const named = { ...direct, ANTHROPIC_BASE_URL: 'http://claude.corp.invalid', NO_PROXY: '127.0.0.1' };
    const through = await runCli(stack, ['ask', 'Hello?', '--output', 'json'], throughProxy(named));
    expect(endOf(through).reason, through.stdout).toBe('completed');
    expect(proxy.plain()).toContain('http://claude.corp.invalid/v1/messages');
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

describe('with a network problem', () => {
  let folder: string;
  let proxy: ProxyStandIn;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'switchboard-network-'));
    proxy = await startProxy({ user: 'me', password, hosts: { 'claude.corp.invalid': 'http://127.0.0.1:9' } });
  });
  afterAll(async () => {
    await proxy.stop();
    rmSync(folder, { recursive: true });
  });

  it.each([
    [
      'no proxy',
      { HTTPS_PROXY: undefined },
      /host claude\.corp\.invalid does not exist.*HTTPS_PROXY.*(?:ENOTFOUND)|Cannot look up/,
    ],
    [
      'an authority that is not trusted',
      { NODE_EXTRA_CA_CERTS: undefined },
      /authority that this machine does not trust.*NODE_EXTRA_CA_CERTS/,
    ],
    ['wrong credentials', { HTTPS_PROXY: 'http://me:wrong@HOST' }, /asks for a user name and password \(407\)/],
    [
      'a host that the proxy does not know',
      { ANTHROPIC_BASE_URL: 'https://other.corp.invalid' },
      /proxy 127[\d.:]+ refused the connection \(502\)/,
    ],
    ['no address', { ANTHROPIC_BASE_URL: 'claude.corp.invalid' }, /ANTHROPIC_BASE_URL is not a URL/],
    [
      'a proxy that is no address',
      { HTTPS_PROXY: 'ftp://me:secret-word@x' },
      /https?_proxy must be the address of an HTTP proxy/i,
    ],
  ])('%s is reported immediately', async (_, change, message) => {
    const variables = Object.entries<string | undefined>(change).map(
      ([name, value]) => [name, value?.replace('HOST', proxy.host)] as const,
    );
    const environment: Record<string, string | undefined> = {
      ANTHROPIC_API_KEY: 'key-for-tests',
      ANTHROPIC_BASE_URL: 'https://claude.corp.invalid',
      HTTPS_PROXY: proxy.url,
      NODE_EXTRA_CA_CERTS: authorityFile,
      SWITCHBOARD_STATE_DIR: folder,
      ...Object.fromEntries(variables),
    };
    const ended = await finished(startCli(['ask', 'Hello?', '--output', 'json'], { environment, cwd: folder }));
    const run = { ...ended, events: eventsOf(ended.stdout) };
    expect(endOf(run)).toMatchObject({ reason: 'failed' });
    expect(endOf(run).message).toMatch(message);
    expect(run.events.filter(({ type }) => type === 'retry-scheduled').length).toBeLessThan(3);
    expect(run.stdout + run.stderr).not.toContain('secret-word');
  });
});
