import { setImmediate } from 'node:timers/promises';
import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { connect } from '../fixture.ts';
import { PostgresServer } from '../server.ts';

let database: TestDatabase;
let admin: Client;
const started: PostgresServer[] = [];
const stopped = new Set<number>();

beforeAll(async () => {
  database = await createTestDatabase('empty');
  admin = await connect(database.adminUrl);
});

afterEach(async () => {
  for (const pid of stopped) process.kill(pid, 'SIGCONT');
  stopped.clear();
  await Promise.all(started.splice(0).map((server) => server.close()));
  await until(async () => (await backends()).length === 0);
});

afterAll(async () => {
  await admin?.end();
});

async function start(environment: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const server = await PostgresServer.start({
    DATABASE_URL: database.readerUrl,
    // Enough for an honest query on a slow machine; a stopped backend takes all of it.
    DB_STATEMENT_TIMEOUT_MS: '1000',
    ...environment,
  });
  started.push(server);
  return server;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await setImmediate();
}

async function backends(): Promise<number[]> {
  const { rows } = await admin.query<{ pid: number }>('select pid from pg_stat_activity where usename = $1', [
    database.reader.user,
  ]);
  return rows.map(({ pid }) => pid);
}

/** Once our server has cleaned it; a stopped process stands for a loop that looks for no cancel request. */
async function stopBackend(server: PostgresServer): Promise<number> {
  const pid = Number((await server.query('select pg_backend_pid()')).rows[0]?.[0]);
  const clean = `select 1 from pg_stat_activity where pid = ${pid} and state = 'idle' and query = 'DISCARD ALL'`;
  await until(async () => (await admin.query(clean)).rows.length > 0);
  process.kill(pid, 'SIGSTOP');
  stopped.add(pid);
  return pid;
}

function letGo(pid: number): void {
  stopped.delete(pid);
  process.kill(pid, 'SIGCONT');
}

/** Runs far longer than any limit here. `stopRunning` prevents it from noticing the cancel request. */
const endless = 'select count(*) from generate_series(1, 1000000000000)';

const running = `select pid from pg_stat_activity where usename = $1 and state = 'active' and query like '%generate_series%'`;

/** Stops the backends as soon as they run `endless`. From then on nothing ends them. */
async function stopRunning(count: number): Promise<void> {
  await until(async () => {
    const { rows } = await admin.query<{ pid: number }>(running, [database.reader.user]);
    for (const { pid } of rows) {
      if (stopped.has(pid)) continue;
      process.kill(pid, 'SIGSTOP');
      stopped.add(pid);
    }
    return stopped.size >= count;
  });
}

it('a backend that does not stop keeps its place, and the next query says why it cannot run', async () => {
  const server = await start({ DB_MAX_CONCURRENT: '1' });
  const pid = await stopBackend(server);
  const failure = await server.refusal('select 1');
  expect(failure).toMatchObject({ code: 'timeout' });
  expect(failure.message).toContain('The connection was dropped');
  for (const query of ['select 1', 'select 2']) {
    const next = await server.refusal(query);
    expect(next).toMatchObject({ code: 'unreachable', retryable: true });
    expect(next.message).toContain(`process ${pid} for `);
    expect(next.message).toContain('DB_MAX_CONCURRENT');
  }
  const health = await server.call('get_database_health', {});
  expect(health.structuredContent).toMatchObject({ status: 'attention' });
  expect(health.content[0]?.text).toMatch(
    new RegExp(
      `! process ${pid} was told to stop \\d+ s ago but is still running one of our queries: 0 of 1 connections are left`,
    ),
  );
  letGo(pid);
  await until(async () => !(await backends()).includes(pid));
  expect((await server.query('select 1')).rows).toEqual([[1]]);
  expect((await server.call('get_database_health', {})).content[0]?.text).not.toContain('was told to stop');
});

it('the remaining places serve all other queries', async () => {
  const server = await start({ DB_MAX_CONCURRENT: '2' });
  const pid = await stopBackend(server);
  await server.refusal('select 1');
  const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => server.query(`select ${index}`)));
  expect(answers.map(({ rows }) => rows[0]?.[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  const health = async (): Promise<string> => (await server.call('get_database_health', {})).content[0]?.text ?? '';
  await until(async () => (await health()).includes(`process ${pid} was told to stop`));
});

it('queries waiting for a place get an error when the last one is lost', async () => {
  const server = await start({ DB_MAX_CONCURRENT: '1' });
  await stopBackend(server);
  const failures = await Promise.all(Array.from({ length: 3 }, () => server.refusal('select 1')));
  expect(failures.map(({ code }) => code).sort()).toEqual(['timeout', 'unreachable', 'unreachable']);
});

it('an endless query runs at most once per place', async () => {
  const server = await start({ DB_MAX_CONCURRENT: '2', DB_STATEMENT_TIMEOUT_MS: '500' });
  const all = Promise.all(Array.from({ length: 6 }, () => server.refusal(endless)));
  await stopRunning(2);
  const failures = await all;
  expect(failures.map(({ code }) => code).sort()).toEqual([
    'timeout',
    'timeout',
    ...Array.from({ length: 4 }, () => 'unreachable'),
  ]);
  expect(stopped.size).toBe(2);
  expect((await admin.query(running, [database.reader.user])).rows).toHaveLength(2);
});

it.each(['cancelled', 'cut off for its size'])('a query that was %s immediately frees its place', async (how) => {
  const server = await start({ DB_MAX_CONCURRENT: '1', DB_STATEMENT_TIMEOUT_MS: '30000', DB_MAX_BYTES: '10000' });
  for (let round = 0; round < 5; round += 1) {
    if (how === 'cancelled') {
      const abort = new AbortController();
      const answer = server.call(
        'query_database',
        { query: 'select count(*) from generate_series(1, 1000000000)' },
        { signal: abort.signal },
      );
      const failed = expect(answer).rejects.toThrow(/abort|cancel/i);
      const active = `select 1 from pg_stat_activity where usename = '${database.reader.user}' and state = 'active'`;
      await until(async () => (await admin.query(active)).rows.length > 0);
      abort.abort();
      await failed;
    } else await server.call('query_database', { query: "select repeat('x', 1000000), generate_series(1, 100)" });
    expect((await server.query('select 1')).rows).toEqual([[1]]);
  }
});

it('behind a transaction pooler as well', async () => {
  const server = await start({
    DB_MAX_CONCURRENT: '1',
    DB_POOL_MODE: 'transaction',
    // Long enough for the query to be seen running.
    DB_STATEMENT_TIMEOUT_MS: '1000',
  });
  const pid = Number((await server.query('select pg_backend_pid()')).rows[0]?.[0]);
  const clean = `select 1 from pg_stat_activity where pid = ${pid} and state = 'idle'`;
  await until(async () => (await admin.query(clean)).rows.length > 0);
  const failing = server.refusal(endless);
  await stopRunning(1);
  await failing;
  const next = await server.refusal('select 1');
  expect(next).toMatchObject({ code: 'unreachable' });
});
