import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Client } from 'pg';
import type { Script } from '../stack/claude/conversation.ts';
import { callTo } from '../stack/claude/scripts/script-kit.ts';
import { standInScript } from '../stack/claude/scripts/stand-in.ts';
import { finished, startCli } from '../stack/command-line.ts';
import type { Stack } from '../stack/stack.ts';
import {
  activeBackends,
  descendantsOf,
  eventsOf,
  isAlive,
  optionsFor,
  superuser,
  until,
  startSharedStack,
} from './harness.ts';

let stack: Stack;
let observer: Client;

beforeAll(async () => {
  stack = await startSharedStack({ failed: 12 });
  observer = await superuser(stack);
});

beforeEach(() => {
  stack.claude?.play(standInScript);
});

afterAll(async () => {
  await observer?.end();
  await stack?.stop();
});

/** Runs for minutes unless stopped. */
const heavyQuery: Script = (conversation) => {
  const query = 'SELECT count(*) FROM order_events a, order_events b, order_events c WHERE a.id + b.id + c.id = 0';
  const call = callTo(conversation, 'query_database', { query });
  return call === undefined ? { text: 'No database.' } : { text: 'This takes long.', calls: [call] };
};

test('SIGINT during a query stops the backend, ends every child and exits with 130', async () => {
  stack.claude?.play(heavyQuery);
  const child = startCli(['ask', 'count everything', '--output', 'json'], optionsFor(stack));
  const ended = finished(child);
  await until('the query to run', async () => (await activeBackends(observer, stack))[0]);
  const below = descendantsOf(child.pid ?? 0).map(({ pid }) => pid);
  expect(below.length).toBeGreaterThanOrEqual(3);
  child.kill('SIGINT');
  await until('the backend to stop', async () =>
    (await activeBackends(observer, stack)).length === 0 ? true : undefined,
  );
  await until('every child to end', () => (below.some(isAlive) ? undefined : true));
  const { code, stdout } = await ended;
  expect(code).toBe(130);
  expect(eventsOf(stdout).at(-1)).toMatchObject({ type: 'run-finished', reason: 'cancelled' });
});

test('SIGKILL of the command line leaves no running query and no process', async () => {
  stack.claude?.play(heavyQuery);
  const child = startCli(['ask', 'count everything', '--output', 'json'], optionsFor(stack));
  const ended = finished(child);
  await until('the query to run', async () => (await activeBackends(observer, stack))[0]);
  const below = descendantsOf(child.pid ?? 0).map(({ pid }) => pid);
  child.kill('SIGKILL');
  await ended;
  await until('every child to end', () => (below.some(isAlive) ? undefined : true));
  await until('the backend to stop', async () =>
    (await activeBackends(observer, stack)).length === 0 ? true : undefined,
  );
});

test.each(['json', 'text'])('when its %s is closed, the run is cancelled silently', async (output) => {
  const child = startCli(['run', 'failed-orders', '--accept-grants', '--output', output], optionsFor(stack));
  let complaint = '';
  child.stderr?.on('data', (part: Buffer) => (complaint += part.toString()));
  // Immediately, because a fast run may create its ticket before we see its first line.
  child.stdout?.destroy();
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(code).toBe(130);
  expect(complaint).not.toContain('EPIPE');
  expect(stack.jira.issues()).toEqual([]);
});

test('the run survives the death of the PostgreSQL server process during a query', async () => {
  const holder = await superuser(stack);
  await holder.query('begin; lock table orders in access exclusive mode');
  const before = stack.jira.issues().length;
  const child = startCli(['run', 'failed-orders', '--accept-grants', '--output', 'json'], optionsFor(stack));
  const ended = finished(child);
  const serverPid = (): number | undefined =>
    descendantsOf(child.pid ?? 0).find(({ command }) => command.includes('postgres.cjs'))?.pid;
  await until('the query to wait for the lock', async () =>
    (await activeBackends(observer, stack)).find(({ wait }) => wait === 'Lock'),
  );
  const killed = serverPid() ?? 0;
  process.kill(killed, 'SIGKILL');
  const next = await until('another server process', () => {
    const pid = serverPid();
    return pid === killed ? undefined : pid;
  });
  expect(next).not.toBe(killed);
  await holder.query('rollback');
  await holder.end();
  const { code, stdout } = await ended;
  const events = eventsOf(stdout);
  expect({ code, end: events.at(-1) }).toMatchObject({ code: 0, end: { type: 'run-finished', reason: 'completed' } });
  expect(stack.jira.issues().length - before).toBe(1);
  expect(stack.slack.messages('#operations')).toHaveLength(1);
});
