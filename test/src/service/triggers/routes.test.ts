import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startListener, type Listener } from '../../../../src/service/http/start-listener.ts';
import { commandRoute } from '../../../../src/service/triggers/command-route.ts';
import { hookRoutes } from '../../../../src/service/triggers/hook-routes.ts';
import type { RunToStart, Started } from '../../../../src/service/triggers/start-run.ts';
import { parseTriggers } from '../../../../src/service/triggers/triggers-file.ts';

const secret = 'a-secret-of-the-sender';
let stored = 'a-secret-of-yesterday';
let listener: Listener;
let result: Started;
const started: RunToStart[] = [];
const logged: string[] = [];

beforeAll(async () => {
  const read = parseTriggers(
    `{"triggers": {"alerts": {"from": "hmac", "secret": "env:A", "runs": [
       {"runbook": "one", "when": {"kind": "down"}, "parameters": {"who": "{{who}}"}, "accept_grants": true},
       {"runbook": "two", "when": {"kind": ["down", "slow"]}}]}},
      "slack": {"team": "T0TEAM001", "commands": {"check": {"runbook": "one", "people": ["U0JANE001"], "allow": ["n"],
        "parameters": {"m": 1}}}}}`,
    'triggers.json',
  );
  if (read.kind === 'invalid') throw new Error(read.message);
  const { triggers, slack } = read.triggers;
  let current = stored;
  const secrets = {
    current: () => [current],
    renew: () => {
      const isOther = current !== stored;
      current = stored;
      return Promise.resolve(isOther);
    },
  };
  const ports = {
    startRun: (run: RunToStart) => {
      started.push(run);
      return Promise.resolve(result);
    },
    now: () => new Date(),
    log: (...words: unknown[]) => void logged.push(JSON.stringify(words)),
  };
  const hooks = Object.entries(triggers).map(([name, trigger]) => ({ name, trigger, secrets }));
  if (slack === undefined) throw new Error('no commands');
  listener = await startListener(
    { host: '127.0.0.1', port: 0 },
    [hookRoutes(hooks, ports), commandRoute({ ...ports, slack, signingSecrets: [secret] })],
    { log: ports.log, mayBeBalanced: false },
  );
});
beforeEach(() => {
  started.length = 0;
  stored = secret;
  result = { kind: 'queued', id: 'id', state: 'queued' };
});
afterAll(() => listener.drain());

function hook(body: string | object, key = secret, name = 'alerts'): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const at = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', key).update(`${at}.${text}`).digest('hex');
  return fetch(`${listener.origin}/hooks/${name}`, {
    method: 'POST',
    headers: { 'x-switchboard-timestamp': String(at), 'x-switchboard-signature': `sha256=${signature}` },
    body: text,
  });
}

describe('a webhook', () => {
  it('starts every run that is for it', async () => {
    const response = await hook({ incident: 'i1', kind: 'down', who: 'shop' });
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({
      runs: ['one', 'two'].map((runbook) => ({ runbook, kind: 'queued', id: 'id', state: 'queued' })),
    });
    expect(started).toEqual([
      {
        runbook: 'one',
        parameters: { who: 'shop' },
        fromOthers: ['who'],
        occasion: 'alerts/one/i1',
        source: 'hmac (alerts)',
        acceptGrants: true,
      },
      {
        runbook: 'two',
        parameters: {},
        fromOthers: [],
        occasion: 'alerts/two/i1',
        source: 'hmac (alerts)',
        acceptGrants: false,
      },
    ]);
  });

  it('that is not signed starts nothing, and its sender is not told why', async () => {
    const response = await hook({ incident: 'i1', kind: 'down', who: 'shop' }, 'another-secret-of-someone');
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain('signature');
    expect(logged.at(-1)).toContain('wrong signature');
    expect((await fetch(`${listener.origin}/hooks/alerts`, { method: 'POST', body: '{}' })).status).toBe(401);
    expect(started).toEqual([]);
  });

  it('is accepted with a secret that was rotated since it was read', async () => {
    stored = 'the-secret-of-tomorrow';
    expect((await hook({ incident: 'i1', kind: 'slow' }, stored)).status).toBe(202);
    stored = secret;
    expect((await hook({ incident: 'i1', kind: 'slow' })).status).toBe(202);
  });

  it('that is for no run is accepted', async () => {
    const response = await hook({ incident: 'i1', kind: 'fine' });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ runs: [] });
  });

  it.each([
    ['no JSON', 'not json', 422],
    ['a field that is missing', { incident: 'i1', kind: 'down' }, 422],
    ['no incident', { kind: 'down' }, 422],
    ['deep nesting', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, 422],
  ])('with %s is refused for good', async (_, body, status) => {
    expect((await hook(body)).status).toBe(status);
  });

  it('says what is wrong with a runbook, and that a limit was reached', async () => {
    result = { kind: 'invalid', message: "There is no runbook 'two'." };
    expect(await (await hook({ incident: 'i', kind: 'slow' })).json()).toEqual({
      error: "two: There is no runbook 'two'.",
    });
    result = { kind: 'limited' };
    const limited = await hook({ incident: 'i', kind: 'slow' });
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '300']);
  });

  it('for a trigger that does not exist is not there', async () => {
    expect((await hook({}, secret, 'other')).status).toBe(404);
    expect((await hook({}, secret, '__proto__')).status).toBe(404);
  });
});

async function command(text: string, more: Record<string, string> = {}, key = secret): Promise<{ text: string }> {
  const form = {
    team_id: 'T0TEAM001',
    user_id: 'U0JANE001',
    trigger_id: '1.2',
    response_url: 'https://x',
    text,
    ...more,
  };
  const body = new URLSearchParams(form).toString();
  const at = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', key).update(`v0:${at}:${body}`).digest('hex');
  const response = await fetch(`${listener.origin}/slack/commands`, {
    method: 'POST',
    headers: { 'x-slack-request-timestamp': at, 'x-slack-signature': `v0=${signature}` },
    body,
  });
  return response.ok ? ((await response.json()) as { text: string }) : { text: `status ${response.status}` };
}

describe('a command in Slack', () => {
  it('starts its runbook with the parameters that may be given', async () => {
    expect((await command('check n=7')).text).toContain('was started');
    await command('check n=7');
    expect(started[0]).toMatchObject({
      runbook: 'one',
      parameters: { m: 1, n: '7' },
      fromOthers: [],
      source: 'U0JANE001 in Slack',
      acceptGrants: false,
      reply: 'https://x',
    });
    expect(started[1]?.occasion).toBe(started[0]?.occasion);
    await command('check n=7', { trigger_id: '1.3' });
    expect(started[2]?.occasion).not.toBe(started[0]?.occasion);
  });

  it.each([
    ['check m=2', {}, 'It takes no `m`'],
    ['check seven', {}, 'name=value'],
    ['check', { user_id: 'U0MALLORY' }, 'You may not start'],
    ['check', { team_id: 'T0OTHER01' }, 'This workspace may not'],
    ['', {}, 'You can start:\n• `check n=…`'],
    ['constructor', {}, 'You can start:'],
    ['help', { user_id: 'U0MALLORY' }, 'There is nothing'],
    ['check <!channel>=1', {}, '&lt;!channel&gt;'],
  ])('%j of %j starts nothing', async (text, more, answer) => {
    expect((await command(text, more)).text).toContain(answer);
    expect(started).toEqual([]);
  });

  it('that Slack has not signed is refused', async () => {
    expect((await command('check', {}, 'another-secret-of-someone')).text).toBe('status 401');
    expect(started).toEqual([]);
  });
});
