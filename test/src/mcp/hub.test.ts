import { describe, expect, it } from 'vitest';
import type { ServerState } from '../../../src/mcp/server-state.ts';
import { callOptions, isAlive, misbehaving, never, openHub, until } from './fixtures/servers.ts';

const timings = { firstDelayMs: 1, longestDelayMs: 2 };

describe('calls', () => {
  it('reach the tool with arguments, run and key, and return text and structure', async () => {
    const hub = openHub([misbehaving().spec]);
    const outcome = await hub.call('bad__echo', { x: 1 }, callOptions({ idempotencyKey: 'key-12345' }));
    expect(outcome).toMatchObject({
      kind: 'result',
      text: '{"x":1}',
      structured: {
        meta: {
          'dev.switchboard/run': { session: 'session-1', run: 'run-1', actor: 'tester' },
          'dev.switchboard/idempotency-key': 'key-12345',
        },
      },
    });
  });

  it('deliver every progress report, even in the same chunk as the result', async () => {
    const hub = openHub([misbehaving().spec]);
    for (let round = 0; round < 10; round += 1) {
      const seen: (number | undefined)[] = [];
      await hub.call('bad__burst', {}, callOptions({ onProgress: ({ done }) => seen.push(done) }));
      expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    }
  });

  it('report an unknown tool, an unknown server, and a disabled tool', async () => {
    const hub = openHub([misbehaving().spec], { disabledTools: ['bad__echo'] });
    const codes = await Promise.all(
      ['bad__nothing', 'elsewhere__echo', 'echo', '', '__proto__', 'bad__echo'].map(async (name) => {
        const outcome = await hub.call(name, {}, callOptions());
        return outcome.kind === 'failure' ? outcome.failure.code : outcome.kind;
      }),
    );
    expect(codes).toEqual(['not_found', 'not_found', 'not_found', 'not_found', 'not_found', 'not_allowed']);
    expect((await hub.list(never)).map(({ name }) => name)).not.toContain('bad__echo');
  });

  it('turn every kind of failure and content into an outcome', async () => {
    const hub = openHub([misbehaving().spec]);
    const call = (tool: string) => hub.call(`bad__${tool}`, {}, callOptions());
    expect(await call('fail')).toMatchObject({ failure: { code: 'upstream_error', message: 'the moon is full' } });
    expect(await call('protocol_error')).toMatchObject({ failure: { code: 'upstream_error' } });
    expect(await call('not_a_result')).toMatchObject({ failure: { code: 'outcome_unknown' } });
    expect(await call('odd_content')).toMatchObject({
      kind: 'result',
      text: [
        'a.txt: file:///a.txt',
        '[image, image/png, 1 KB: not shown]',
        'the text of b',
        "[content of the kind 'hologram': not shown]",
      ].join('\n'),
    });
  });

  it('survive results nested too deep to walk', async () => {
    const hub = openHub([misbehaving([], { trusted: false }).spec]);
    expect(await hub.call('bad__deep', {}, callOptions())).toEqual({
      kind: 'result',
      text: 'look down\n[its structured content is nested deeper than 64 levels: left out]',
      structured: undefined,
    });
  });

  it('run concurrently, a hundred at a time', async () => {
    const hub = openHub([misbehaving().spec]);
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, n) => hub.call('bad__echo', { n }, callOptions())),
    );
    expect(outcomes.map((outcome) => outcome.text)).toEqual(outcomes.map((_, n) => `{"n":${n}}`));
  });

  it('are cancelled upstream, and only those in progress', async () => {
    const { spec, trace } = misbehaving();
    const hub = openHub([spec]);
    const run = new AbortController();
    await hub.call('bad__echo', {}, callOptions({ signal: run.signal }));
    const hanging = hub.call('bad__hang', {}, callOptions({ signal: run.signal }));
    await until(() => trace().includes('hanging'));
    run.abort();
    expect(await hanging).toMatchObject({ failure: { code: 'cancelled' } });
    await until(() => trace().some((line) => line.startsWith('cancelled')));
    await hub.call('bad__echo', {}, callOptions());
    expect(trace().filter((line) => line.startsWith('cancelled'))).toHaveLength(1);
    expect(await hub.call('bad__echo', {}, callOptions({ signal: run.signal }))).toMatchObject({
      failure: { code: 'cancelled' },
    });
  });

  it('time out: a read may be repeated, a write may have been done', async () => {
    const { spec, trace } = misbehaving();
    const hub = openHub([spec], { timings: { ...timings, idleMs: 50 } });
    expect(await hub.call('bad__hang', {}, callOptions())).toMatchObject({
      failure: { code: 'timeout', retryable: true },
    });
    expect(await hub.call('bad__hang_write', {}, callOptions())).toMatchObject({
      failure: { code: 'outcome_unknown', retryable: false },
    });
    await until(() => trace().filter((line) => line.startsWith('cancelled')).length === 2);
  });
});

describe('a server that dies during a call', () => {
  it('is restarted, and a read is retried', async () => {
    const hub = openHub([misbehaving().spec], { timings });
    const messages: string[] = [];
    const outcome = await hub.call('bad__crash_once', {}, callOptions({ onProgress: (p) => messages.push(p.message) }));
    expect(outcome).toMatchObject({ kind: 'result', text: 'still here' });
    expect(messages).toEqual(['Bad server ended with exit code 9; sending the call again']);
    expect(hub.states()[0]?.state).toMatchObject({ status: 'ready', restarts: 1 });
  });

  it('fails a read when it dies again', async () => {
    const hub = openHub([misbehaving().spec], { timings });
    expect(await hub.call('bad__crash', {}, callOptions())).toMatchObject({ failure: { code: 'unreachable' } });
    expect((await hub.call('bad__echo', {}, callOptions())).kind).toBe('result');
  });

  it('never gets a write twice, except with a key it knows', async () => {
    const { spec, trace } = misbehaving();
    const hub = openHub([spec], { timings });
    const key = { idempotencyKey: 'key-12345' };
    expect(await hub.call('bad__write_then_crash', {}, callOptions(key))).toMatchObject({
      failure: { code: 'outcome_unknown' },
    });
    expect(trace().filter((line) => line === 'written')).toHaveLength(1);
    expect(await hub.call('bad__keyed_write', {}, callOptions(key))).toMatchObject({ text: 'replayed' });
    expect(trace().filter((line) => line === 'keyed key-12345')).toHaveLength(2);
  });

  it('leaves no doubt about a write that never reached it', async () => {
    const { spec, trace } = misbehaving([], { trusted: false });
    const hub = openHub([spec], { timings: { ...timings, endMs: 50 } });
    await hub.call('bad__close_stdin', {}, callOptions());
    expect(await hub.call('bad__write_then_crash', {}, callOptions())).toMatchObject({
      failure: {
        code: 'unreachable',
        message: 'write_then_crash got no response: Bad server does not accept its input.',
      },
    });
    expect(trace()).not.toContain('written');
  });

  it('from a third party gets nothing twice, whatever its annotations', async () => {
    const hub = openHub([misbehaving([], { trusted: false }).spec], { timings });
    expect(await hub.call('bad__crash_once', {}, callOptions())).toMatchObject({ failure: { code: 'unreachable' } });
    const specs = await hub.list(never);
    expect(specs.every(({ preview, idempotent, trusted }) => !preview && !idempotent && !trusted)).toBe(true);
  });

  it('stays down after a crash loop until the user restarts it', async () => {
    const hub = openHub([misbehaving().spec], { timings: { ...timings, crashLimit: 3 } });
    await hub.call('bad__crash', {}, callOptions());
    await hub.call('bad__crash', {}, callOptions());
    expect(hub.states()[0]?.state).toMatchObject({ status: 'failed', code: 'unreachable' });
    expect(await hub.call('bad__echo', {}, callOptions())).toMatchObject({ failure: { code: 'unreachable' } });
    await hub.restart('bad');
    expect((await hub.call('bad__echo', {}, callOptions())).kind).toBe('result');
  });

  it('because it sent too much is not retried', async () => {
    const hub = openHub([misbehaving([], { trusted: false }).spec], { timings });
    const outcome = await hub.call('bad__huge', {}, callOptions());
    expect(outcome.text).toContain('Bad server sent a message of more than 10485760 bytes');
  });
});

describe('starting', () => {
  it('says which setting is missing and does not try again', async () => {
    const { spec } = misbehaving(['exit-78']);
    const states: ServerState['status'][] = [];
    const hub = openHub([spec]);
    hub.onState(({ state }) => states.push(state.status));
    expect(await hub.list(never)).toEqual([]);
    expect(hub.states()[0]?.state).toEqual({
      status: 'failed',
      code: 'not_configured',
      reason: 'Bad server: FIXTURE_TOKEN is not set',
    });
    expect(await hub.call('bad__echo', {}, callOptions())).toMatchObject({
      failure: { code: 'not_configured', message: 'Bad server: FIXTURE_TOKEN is not set' },
    });
    expect(states).toEqual(['starting', 'failed']);
  });

  it('gives up on a server that cannot stay up, and on one that cannot be found', async () => {
    const missing = { ...misbehaving().spec, id: 'missing', command: '/nowhere/at/all' };
    const hub = openHub([misbehaving(['exit-at-start']).spec, missing, { ...misbehaving().spec, id: 'good' }], {
      timings,
    });
    const tools = await hub.list(never);
    expect(new Set(tools.map(({ server }) => server))).toEqual(new Set(['good']));
    expect(hub.states().map(({ state }) => state)).toMatchObject([
      {
        status: 'failed',
        reason: 'Bad server ended with exit code 3; last output: cannot open the flux store',
      },
      { status: 'failed', reason: "Bad server cannot be started: '/nowhere/at/all' was not found" },
      { status: 'ready' },
    ]);
  });

  it('ends a silent server', async () => {
    const hub = openHub([misbehaving(['silent']).spec], { timings: { startMs: 300, endMs: 50 } });
    expect(await hub.list(never)).toEqual([]);
    expect(hub.states()[0]?.state).toMatchObject({ reason: 'Bad server did not respond within 0.3 s of starting' });
  });

  it('survives chatter on stdout and stderr', async () => {
    const hub = openHub([misbehaving(['garbage', 'noisy']).spec], {
      redact: (line) => line.replaceAll('chatter', 'X'),
    });
    expect((await hub.call('bad__echo', {}, callOptions())).kind).toBe('result');
    expect(hub.log('bad').length).toBeLessThanOrEqual(500);
    expect(hub.log('bad').join('\n')).not.toContain('chatter');
  });

  it('shares one start among many callers, even if one gives up', async () => {
    const { spec } = misbehaving();
    const hub = openHub([spec]);
    const given = new AbortController();
    const givenUp = hub.call('bad__echo', {}, callOptions({ signal: given.signal }));
    const others = Array.from({ length: 5 }, () => hub.call('bad__echo', {}, callOptions()));
    given.abort();
    expect(await givenUp).toMatchObject({ failure: { code: 'cancelled' } });
    expect((await Promise.all(others)).map(({ kind }) => kind)).toEqual(Array.from({ length: 5 }, () => 'result'));
    expect(hub.states()[0]?.state).toMatchObject({ status: 'ready', restarts: 0 });
  });
});

describe('the list of tools', () => {
  it('is the same however the server pages it', async () => {
    const whole = await openHub([misbehaving().spec]).list(never);
    const paged = await openHub([misbehaving(['pages']).spec]).list(never);
    const flawed = await openHub([misbehaving(['bad-tools']).spec]).list(never);
    expect(paged).toEqual(whole);
    expect(flawed).toEqual(whole);
    expect(await openHub([misbehaving(['endless-list']).spec]).list(never)).toEqual([]);
    expect(await openHub([misbehaving(['many-tools']).spec]).list(never)).toHaveLength(300);
  });

  it('omits tools that the model’s API would reject, and names them', async () => {
    const hub = openHub([misbehaving(['bad-tools']).spec]);
    expect((await hub.list(never)).map(({ name }) => name).filter((name) => name.includes('flawed'))).toEqual([]);
    const lines = hub.log('bad').filter((line) => line.includes('not offered: '));
    expect(lines).toHaveLength(8);
    expect(lines.at(-1)).toMatch(/'flawed_5': its input schema has \d+ characters/);
    const { state } = hub.states()[0] ?? {};
    if (state?.status !== 'ready') throw new Error('it is not ready');
    expect(lines.map((line) => line.replace('[protocol] not offered: ', ''))).toEqual(state.leftOut);
  });

  it('has names that are valid for the model and map back to the tool', async () => {
    const hub = openHub([misbehaving().spec]);
    const odd = (await hub.list(never)).find(({ title }) => title === 'odd.name/with spaces');
    expect(odd?.name).toMatch(/^bad__odd_name_with_spaces_[0-9a-f]{8}$/);
    expect(await hub.call(odd?.name ?? '', {}, callOptions())).toMatchObject({ text: 'odd but fine' });
  });

  it('grows at the end when the server reports a change', async () => {
    const hub = openHub([misbehaving().spec]);
    const before = (await hub.list(never)).map(({ name }) => name);
    const grown = new Promise((resolve) => {
      hub.onState(({ state }) => {
        if (state.status === 'ready' && state.tools > before.length) resolve(undefined);
      });
    });
    await hub.call('bad__add_tool', {}, callOptions());
    await grown;
    expect((await hub.list(never)).map(({ name }) => name)).toEqual([...before, 'bad__added']);
  });

  it('treats a tool without annotations as destructive', async () => {
    const risks = Object.fromEntries(
      (await openHub([misbehaving().spec]).list(never)).map(({ plainName, risk }) => [plainName, risk]),
    );
    expect(risks).toMatchObject({ echo: 'read', keyed_write: 'write', hang_write: 'destructive' });
  });
});

describe('ending', () => {
  it.each([[['ignore-eof']], [['ignore-eof', 'ignore-sigterm']], [['grandchild']], [['grandchild', 'ignore-eof']]])(
    'leaves no process of a server with %s',
    async (modes) => {
      const { spec, trace } = misbehaving(modes);
      const hub = openHub([spec], { timings: { endMs: 300 } });
      await hub.list(never);
      const state = hub.states()[0]?.state;
      const grandchild = trace().find((line) => line.startsWith('grandchild'));
      const pids = [state?.status === 'ready' ? (state.pid ?? 0) : 0, Number(grandchild?.split(' ')[1] ?? 0)].filter(
        Boolean,
      );
      expect(pids.map(isAlive)).not.toContain(false);
      await hub.dispose();
      await until(() => !pids.some(isAlive));
      expect(trace()).toContain('stdin ended');
      expect(await hub.call('bad__echo', {}, callOptions())).toMatchObject({ kind: 'failure' });
    },
    15_000,
  );

  it('is noticed even if a grandchild keeps the pipes open, and ends the grandchild, too', async () => {
    const { spec, trace } = misbehaving(['grandchild']);
    const hub = openHub([spec], { timings });
    expect(await hub.call('bad__crash', {}, callOptions())).toMatchObject({ failure: { code: 'unreachable' } });
    const first = Number(trace()[0]?.split(' ')[1]);
    await until(() => !isAlive(first));
  });

  it('answers calls in progress', async () => {
    const { spec, trace } = misbehaving();
    const hub = openHub([spec]);
    const hanging = hub.call('bad__hang', {}, callOptions());
    await until(() => trace().includes('hanging'));
    await hub.dispose();
    expect(await hanging).toMatchObject({ kind: 'failure' });
  });

  it('reports the latency of health checks, and restarts an unresponsive server', async () => {
    const deaf = { ...misbehaving(['deaf-to-ping']).spec, id: 'deaf' };
    const hub = openHub([misbehaving().spec, deaf], { timings: { ...timings, healthMs: 10, pingMs: 500 } });
    const healthy = new Promise<number>((resolve) => {
      hub.onState(({ id, state }) => {
        if (id === 'bad' && state.status === 'ready' && state.latencyMs !== undefined) resolve(state.latencyMs);
      });
    });
    const restarted = new Promise<number>((resolve) => {
      hub.onState(({ id, state }) => {
        if (id === 'deaf' && state.status === 'ready' && state.restarts > 0) resolve(state.restarts);
      });
    });
    await hub.list(never);
    expect(await healthy).toBeGreaterThan(0);
    expect(await restarted).toBe(1);
  });
});
