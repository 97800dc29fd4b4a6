import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { connect } from '../fixture.ts';
import type { PostgresServer } from '../server.ts';
import { useServers } from './own-cluster.ts';

let database: TestDatabase;
let admin: Client;
const startServer = useServers();

beforeAll(async () => {
  database = await createTestDatabase('empty');
  admin = await connect(database.adminUrl);
  await admin.query(`
    create table big as select i as id, 'customer ' || i as name, now() as at, i * 1.5 as total from generate_series(1, 2000000) i;
    grant select on big to ${database.reader.user}`);
});

afterAll(async () => {
  await admin?.end();
});

const start = (environment: Readonly<Record<string, string>> = {}): Promise<PostgresServer> =>
  startServer({ DATABASE_URL: database.readerUrl, ...environment });

const endless = 'select count(*) from big a, big b where a.id + b.id = 0';

async function activeBackends(): Promise<number> {
  const { rows } = await admin.query<{ n: string }>(
    `select count(*) as n from pg_stat_activity where usename = $1 and state = 'active' and query like 'select count(*) from big a%'`,
    [database.reader.user],
  );
  return Number(rows[0]?.n);
}

/** Polls until the test's own time limit. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await setImmediate();
}

/** Peak or current memory of a process in MB. */
async function memory(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
}

describe('a query is stopped in the backend', () => {
  it('when the client cancels', async () => {
    const server = await start();
    const abort = new AbortController();
    const answer = server.call('query_database', { query: endless }, { signal: abort.signal });
    const failed = expect(answer).rejects.toThrow(/abort|cancel/i);
    await until(async () => (await activeBackends()) === 1);
    abort.abort();
    await failed;
    await until(async () => (await activeBackends()) === 0);
    expect((await server.query('select 1')).rows).toEqual([[1]]);
  });

  it('when the client disconnects', async () => {
    const server = await start();
    const answer = server.call('query_database', { query: endless }).catch(() => undefined);
    await until(async () => (await activeBackends()) === 1);
    await server.close();
    await until(async () => (await activeBackends()) === 0);
    await answer;
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('when the server gets %s', async (signal) => {
    const server = await start();
    const answer = server.call('query_database', { query: endless }).catch(() => undefined);
    await until(async () => (await activeBackends()) === 1);
    process.kill(server.pid, signal);
    await until(async () => (await activeBackends()) === 0);
    await answer;
  });

  it('when its time limit is reached', async () => {
    const server = await start({ DB_STATEMENT_TIMEOUT_MS: '200' });
    const failure = await server.refusal(endless);
    expect(failure).toMatchObject({ code: 'timeout', retryable: false });
    expect(failure.message).toContain('0.2 s');
    expect((await server.query('select 1')).rows).toEqual([[1]]);
  });

  it('when it waits too long for a lock', async () => {
    const server = await start({ DB_LOCK_TIMEOUT_MS: '50' });
    await admin.query('begin; lock table big in access exclusive mode');
    try {
      expect(await server.refusal('select count(*) from big')).toMatchObject({
        code: 'timeout',
        details: { sqlstate: '55P03' },
      });
    } finally {
      await admin.query('rollback');
    }
  });
});

describe('many concurrent queries', () => {
  it('queue and report it', async () => {
    const server = await start({ DB_MAX_CONCURRENT: '1', DB_CURSOR_SECONDS: '0' });
    const abort = new AbortController();
    const first = server.call('query_database', { query: endless }, { signal: abort.signal }).catch(() => undefined);
    await until(async () => (await activeBackends()) === 1);
    const messages: (string | undefined)[] = [];
    const second = server.call(
      'query_database',
      { query: 'select 1' },
      { onprogress: ({ message }) => messages.push(message) },
    );
    await until(async () => messages.length > 0);
    expect(messages[0]).toContain('1 in line');
    abort.abort();
    await first;
    expect((await second).isError).toBeUndefined();
  });

  it('leave the queue when they are cancelled', async () => {
    const server = await start({ DB_MAX_CONCURRENT: '1', DB_CURSOR_SECONDS: '0' });
    const stop = new AbortController();
    const running = server.call('query_database', { query: endless }, { signal: stop.signal }).catch(() => undefined);
    await until(async () => (await activeBackends()) === 1);
    const abort = new AbortController();
    const waiting = server.call('query_database', { query: endless }, { signal: abort.signal }).catch(() => 'left');
    abort.abort();
    expect(await waiting).toBe('left');
    stop.abort();
    await running;
    await until(async () => (await activeBackends()) === 0);
    expect((await server.query('select 1')).rows).toEqual([[1]]);
  });

  it('do not count results that wait for their next page', async () => {
    const server = await start({ DB_MAX_CONCURRENT: '1' });
    const query = 'select id from big order by id';
    const first = await server.query(query, { limit: 1 });
    const second = await server.query(query, { limit: 1 });
    expect((await server.query('select 1')).rows).toEqual([[1]]);
    expect((await server.query(query, { limit: 1, cursor: first.next_cursor })).rows).toEqual([[2]]);
    expect((await server.query(query, { limit: 1, cursor: second.next_cursor })).rows).toEqual([[2]]);
    expect(await Promise.all(Array.from({ length: 10 }, () => server.query('select 1')))).toHaveLength(10);
  });

  it('all get their own result', async () => {
    const server = await start();
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) => server.query('select $1::int', { params: [index] })),
    );
    expect(answers.map((answer) => answer.rows[0]?.[0])).toEqual(Array.from({ length: 60 }, (_, index) => index));
  });
});

describe.runIf(process.platform === 'linux')('memory', () => {
  it('stays small for a table of 2,000,000 rows', async () => {
    const server = await start();
    await server.query('select 1');
    const before = await memory(server.pid, 'VmRSS');
    const page = await server.query('select * from big');
    expect(page).toMatchObject({ row_count: 100, truncated: true });
    await server.query('select * from big order by name');
    expect((await memory(server.pid, 'VmHWM')) - before).toBeLessThan(60);
  });

  it('stays small for a cell of 200 MB, and the error says what to do', async () => {
    const server = await start();
    await server.query('select 1');
    const before = await memory(server.pid, 'VmRSS');
    const failure = await server.refusal("select string_agg(repeat('x', 1000), '') from generate_series(1, 200000)");
    expect(failure).toMatchObject({ code: 'too_large', hint: expect.stringContaining('left(column') as string });
    expect((await memory(server.pid, 'VmHWM')) - before).toBeLessThan(60);
    expect((await server.query('select 1')).rows).toEqual([[1]]);
  });

  it('keeps the rows before one that is too large', async () => {
    const server = await start({ DB_MAX_BYTES: '1000000' });
    const page = await server.query("select i, repeat('x', i * 100000) as x from generate_series(1, 20) i");
    expect(page.truncated).toBe(true);
    expect(page.rows[0]?.[0]).toBe(1);
    expect(page.notes?.join()).toContain('DB_MAX_BYTES');
    expect(page.next_cursor).toBeUndefined();
    expect((await server.query('select 1')).rows).toEqual([[1]]);
  });
});

describe('a limit on cost', () => {
  it("rejects what the planner estimates as too expensive, with the planner's estimate", async () => {
    const server = await start({ DB_MAX_COST: '100000' });
    const failure = await server.refusal(endless);
    expect(failure).toMatchObject({ code: 'refused_by_guard', details: { rule: 'cost' } });
    expect(failure.message).toMatch(/cost \d+; at most 100000/);
    expect((await server.query('select * from big where id = $1 limit 1', { params: [5] })).row_count).toBe(1);
  });
});

it('closes a held result when its time is up', async () => {
  const server = await start({ DB_CURSOR_SECONDS: '1' });
  const query = 'select id from big';
  const { next_cursor: cursor } = await server.query(query);
  const held = async (): Promise<number> => {
    const { rows } = await admin.query(
      `select 1 from pg_stat_activity where usename = $1 and state = 'idle in transaction'`,
      [database.reader.user],
    );
    return rows.length;
  };
  expect(await held()).toBe(1);
  await until(async () => (await held()) === 0);
  expect((await server.failure('query_database', { query, cursor })).code).toBe('not_found');
});
