import { describe, expect, it } from 'vitest';
import { ToolError } from '../../../servers/kit/errors.ts';
import { createBreaker, type Outcome } from '../../../servers/kit/upstream/breaker.ts';

function start() {
  let now = 0;
  const clock = { now: () => now, time: () => new Date(now) };
  const breaker = createBreaker('The database at db:5432', clock);
  let asked = 0;
  const verdict = (outcome: Outcome<string>): 'down' | 'up' | 'unclear' => {
    if (outcome.kind === 'returned') return 'up';
    const { message } = outcome.error instanceof Error ? outcome.error : new Error();
    return message === 'refused' ? 'down' : message === 'cancelled' ? 'unclear' : 'up';
  };
  const call = (answer: string | Promise<string>): Promise<string> =>
    breaker
      .run(async () => {
        asked += 1;
        const said = await answer;
        if (said !== 'fine') throw new Error(said);
        return said;
      }, verdict)
      .catch((error: unknown) => (error instanceof Error ? error.message : ''));
  return { call, asked: () => asked, pass: (ms: number) => (now += ms), breaker };
}

describe('an upstream that cannot be reached', () => {
  it('is not asked after three failures in a row, and the answer says since when and what comes next', async () => {
    const { call, asked, pass, breaker } = start();
    for (let times = 0; times < 3; times += 1) {
      expect(await call('refused')).toBe('refused');
      pass(100);
    }
    expect(await call('fine')).toBe(
      'The database at db:5432 has been unreachable since 1970-01-01T00:00:00.000Z. The first call after 1 s tries again.',
    );
    expect(asked()).toBe(3);
    const refused = breaker.run(
      () => Promise.resolve(''),
      () => 'up',
    );
    await expect(refused).rejects.toMatchObject({ code: 'unreachable', retryable: true });
    await expect(refused).rejects.toBeInstanceOf(ToolError);
  });

  it('is tried again by one call, and less often while it stays away', async () => {
    const { call, asked, pass } = start();
    for (let times = 0; times < 3; times += 1) await call('refused');
    for (const pause of [1000, 2000, 4000, 8000, 15_000, 15_000]) {
      const before = asked();
      pass(pause - 1);
      expect(await call('fine')).toMatch(/tries again/u);
      pass(1);
      let answer: (said: string) => void = () => undefined;
      const probe = call(new Promise((resolve) => (answer = resolve)));
      expect(await call('fine')).toMatch(/being tried again now/u);
      answer('refused');
      expect(await probe).toBe('refused');
      expect(asked()).toBe(before + 1);
    }
    pass(15_000);
    expect(await call('fine')).toBe('fine');
    expect(await call('fine')).toBe('fine');
  });

  it('is up as soon as it says anything, and a caller who gives up proves nothing', async () => {
    const { call, pass } = start();
    for (let times = 0; times < 3; times += 1) await call('refused');
    pass(1000);
    expect(await call('cancelled')).toBe('cancelled');
    expect(await call('a syntax error')).toBe('a syntax error');
    expect(await call('fine')).toBe('fine');
  });
});

it('errors of callers, slow answers and failures between answers do not stop calls', async () => {
  const { call, asked } = start();
  const said = ['a syntax error', 'cancelled', 'refused', 'refused', 'fine', 'refused', 'refused', 'no such table'];
  for (let round = 0; round < 5; round += 1) for (const each of said) expect(await call(each)).toBe(each);
  expect(asked()).toBe(said.length * 5);
});
