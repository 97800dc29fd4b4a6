import { describe, expect, it } from 'vitest';
import { createLimiter, createToolLimits, parseRate } from '../../../servers/kit/rate-limit.ts';

const waiter = { signal: new AbortController().signal, progress: () => undefined };
const post = { name: 'post_slack_message', risk: 'write', limit: '2/10m' };
const read = { name: 'read_slack_channel', risk: 'read', limit: '1/1h' };

describe('rate limits', () => {
  it('parses rates', () => {
    expect(parseRate('10/10m')).toEqual({ points: 10, durationMs: 600_000 });
    expect(parseRate('1/s')).toEqual({ points: 1, durationMs: 1000 });
    for (const wrong of ['', '10', '0/1m', '10/0m', '1/2w', '-1/1m', '1/30d', '1e3/1m', '10/10m extra'])
      expect(() => parseRate(wrong), wrong).toThrow('is not a limit such as 10/10m');
  });

  it('stops a runaway agent and says how long to wait', async () => {
    const limits = createToolLimits([post, read], undefined);
    await limits.take(post, waiter);
    await limits.take(post, waiter);
    await expect(limits.take(post, waiter)).rejects.toMatchObject({
      code: 'quota_exceeded',
      message: 'post_slack_message has reached its limit of 2 calls in 10m.',
      retryable: false,
    });
    const error: unknown = await limits.take(post, waiter).catch((reason: unknown) => reason);
    expect(error).toHaveProperty('retryAfterMs');
    expect((error as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(590_000);
    await limits.take(read, waiter);
    await expect(limits.take(read, waiter)).rejects.toMatchObject({ code: 'rate_limited' });
  });

  it('can be set with SWITCHBOARD_RATE_LIMITS', async () => {
    const raised = createToolLimits([post], ' post_slack_message=3/1h , create_jira_ticket=1/1m');
    for (let call = 0; call < 3; call += 1) await raised.take(post, waiter);
    await expect(raised.take(post, waiter)).rejects.toMatchObject({ code: 'quota_exceeded' });
    for (const off of ['off', 'post_slack_message=off']) {
      const limits = createToolLimits([post], off);
      for (let call = 0; call < 50; call += 1) await limits.take(post, waiter);
    }
    expect(() => createToolLimits([post], 'post_slack_message')).toThrow(
      "SWITCHBOARD_RATE_LIMITS: 'post_slack_message' is not tool=limit, such as create_jira_ticket=10/10m",
    );
    expect(() => createToolLimits([post], 'post_slack_message=many')).toThrow(
      "SWITCHBOARD_RATE_LIMITS: in 'post_slack_message=many', 'many' is not a limit such as 10/10m (ten in ten minutes; s, m, h or d)",
    );
  });

  it('rejects a name that is not a tool of any server', () => {
    expect(() => createToolLimits([post], 'create_jira_tickets=1/10m')).toThrow(
      "SWITCHBOARD_RATE_LIMITS: there is no tool 'create_jira_tickets'; did you mean create_jira_ticket?",
    );
    expect(() => createToolLimits([post], 'post_slack_mesage=off')).toThrow('did you mean post_slack_message?');
    expect(() => createToolLimits([post], 'everything=1/m')).toThrow(
      /no tool 'everything'; the tools are query_database, /,
    );
  });

  it('waits briefly, reports it, and can be cancelled meanwhile', async () => {
    const limiter = createLimiter({ points: 1, durationMs: 1000 });
    const said: string[] = [];
    const listening = { ...waiter, progress: (message: string) => said.push(message) };
    expect(await limiter.take('a', listening, 5000)).toBeUndefined();
    expect(await limiter.take('b', listening, 5000)).toBeUndefined();
    expect(said).toEqual([]);
    expect(await limiter.take('a', listening, 5000)).toBeUndefined();
    expect(said).toEqual(['Waiting 1 s for the rate limit']);
    const leaving = new AbortController();
    const waiting = limiter.take('a', { ...waiter, signal: leaving.signal }, 5000);
    leaving.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    expect(await limiter.take('a', waiter, 0)).toBeGreaterThan(0);
  });
});
