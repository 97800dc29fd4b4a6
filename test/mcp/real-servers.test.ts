import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Hub } from '../../src/mcp/hub.ts';
import { ownServers, ownServerSpecs } from '../../src/mcp/server-specs.ts';
import { ourServers } from '../servers/our-servers.ts';
import { callOptions, isAlive, never, until } from '../src/mcp/fixtures/servers.ts';
import { distFolder } from '../stack/command-line.ts';

/** Nothing answers at these addresses: the servers start all the same, and say so when they are called. */
let variables: Record<string, string> = {};

beforeEach(() => {
  const stateFolder = mkdtempSync(join(tmpdir(), 'switchboard-real-'));
  variables = {
    PATH: process.env['PATH'] ?? '',
    HOME: stateFolder,
    SWITCHBOARD_STATE_DIR: stateFolder,
    ...Object.fromEntries(
      Object.values(ourServers).flatMap(({ settings, secrets }) =>
        Object.entries(settings).map(([name, value]) => [name, secrets.includes(name) ? `${value}-canary` : value]),
      ),
    ),
    ANTHROPIC_API_KEY: 'sk-ant-canary-anthropic-key',
    GITHUB_TOKEN: 'canary-of-somebody-else',
  };
  return () => rmSync(stateFolder, { recursive: true, force: true });
});

function openHub(): Hub {
  const hub = new Hub({ version: '0.0.0', servers: ownServerSpecs(join(distFolder, 'servers'), variables) });
  onTestFinished(() => hub.dispose());
  return hub;
}

function pidOf(hub: Hub, id: string): number {
  const state = hub.states().find((view) => view.id === id)?.state;
  if (state?.status !== 'ready' || state.pid === undefined)
    throw new Error(`${id} is not ready: ${JSON.stringify(state)}`);
  return state.pid;
}

describe('our servers', () => {
  it('start side by side, with tools in the same order every time', async () => {
    const [first, second] = [openHub(), openHub()];
    const tools = await first.list(never);
    expect([...new Set(tools.map(({ server }) => server))]).toEqual(ownServers);
    expect(await second.list(never)).toEqual(tools);
    for (const tool of tools) {
      expect(tool).toMatchObject({ trusted: true, preview: tool.risk !== 'read', idempotent: tool.risk !== 'read' });
    }
  });

  it.skipIf(process.platform !== 'linux')('hold no secret but their own, and none on the command line', async () => {
    const hub = openHub();
    await hub.list(never);
    for (const id of ownServers) {
      const environment = readFileSync(`/proc/${pidOf(hub, id)}/environ`, 'utf8');
      const canaries = environment.split('\0').filter((line) => line.includes('canary'));
      expect(canaries.map((line) => line.split('=')[0])).toEqual(ourServers[id].secrets);
      expect(readFileSync(`/proc/${pidOf(hub, id)}/cmdline`, 'utf8')).not.toContain('canary');
    }
  });

  it('come back after they were killed, with the same tools', async () => {
    const hub = openHub();
    const before = await hub.list(never);
    const killed = ownServers.map((id) => pidOf(hub, id));
    for (const pid of killed) process.kill(pid, 'SIGKILL');
    const ready = () =>
      hub
        .states()
        .filter(({ state }) => state.status === 'ready' && state.pid !== undefined && !killed.includes(state.pid));
    await until(() => ready().length === ownServers.length);
    expect(await hub.list(never)).toEqual(before);
    expect(killed.some(isAlive)).toBe(false);
  });

  it('tell what is wrong with their settings and leave the others at work', async () => {
    variables = { ...variables, SLACK_BOT_TOKEN: '', JIRA_URL: 'not a url' };
    const wrong: Readonly<Record<string, RegExp>> = {
      jira: /^Jira: JIRA_URL/,
      slack: /^Slack: SLACK_BOT_TOKEN is not set/,
    };
    const hub = openHub();
    const tools = await hub.list(never);
    expect(new Set(tools.map(({ server }) => server))).toEqual(
      new Set(ownServers.filter((id) => wrong[id] === undefined)),
    );
    const reasons = hub
      .states()
      .map(({ state }) => (state.status === 'failed' ? [state.code, state.reason] : state.status));
    expect(reasons).toEqual(
      ownServers.map((id) =>
        wrong[id] === undefined ? 'ready' : ['not_configured', expect.stringMatching(wrong[id]) as unknown],
      ),
    );
  });

  it('say in one failure that their system cannot be reached', async () => {
    const hub = openHub();
    const calls = [
      hub.call('postgres__list_tables', {}, callOptions()),
      hub.call('jira__search_jira_issues', { jql: 'project = ENG' }, callOptions()),
      hub.call('slack__list_slack_channels', {}, callOptions()),
    ];
    for (const outcome of await Promise.all(calls)) {
      expect(outcome).toMatchObject({ kind: 'failure', failure: { code: 'unreachable' } });
      expect(outcome.text).not.toContain('canary');
    }
  });

  it('answer a hundred calls at once, each its own', async () => {
    const hub = openHub();
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        hub.call('postgres__query_database', { query: `SELEC ${index}` }, callOptions()),
      ),
    );
    expect(outcomes.every(({ kind }) => kind === 'failure')).toBe(true);
    expect(hub.states()[0]?.state).toMatchObject({ status: 'ready', restarts: 0 });
  });
});

describe('a host', () => {
  async function startHost(...modes: readonly string[]) {
    const trace = join(variables['SWITCHBOARD_STATE_DIR'] ?? '', 'trace');
    const host = spawn(
      process.execPath,
      [fileURLToPath(new URL('fixtures/host.ts', import.meta.url)), distFolder, ...modes],
      { env: { ...variables, FIXTURE_TRACE: trace }, stdio: ['pipe', 'pipe', 'inherit'] },
    );
    onTestFinished(() => void host.kill('SIGKILL'));
    const [line] = (await once(createInterface({ input: host.stdout }), 'line')) as [string];
    const children = Object.values(JSON.parse(line) as Record<string, number>);
    // Ours, and one that goes on when its host is gone.
    expect(children).toHaveLength(ownServers.length + 1);
    expect(children.every((pid) => isAlive(pid))).toBe(true);
    return { host, children };
  }

  it('that is killed leaves no server behind', async () => {
    const { host, children } = await startHost();
    host.kill('SIGKILL');
    await until(() => !children.some(isAlive));
  });

  it('that ends without a word takes even those along that do not heed the end of their input', async () => {
    const { host, children } = await startHost('ignore-eof');
    host.stdin.write('end\n');
    await until(() => !children.some(isAlive));
  });
});
