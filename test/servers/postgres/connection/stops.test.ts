import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { toToolError } from '../../../../servers/postgres/connection/to-tool-error.ts';
import { clusterUrl, createTestDatabase, type TestDatabase } from '../database.ts';
import { connect } from '../fixture.ts';
import type { PostgresServer } from '../server.ts';
import { useServers } from './own-cluster.ts';

let database: TestDatabase;
let admin: Client;
const startServer = useServers();

beforeAll(async () => {
  database = await createTestDatabase('empty');
  admin = await connect(database.adminUrl);
  await admin.query(`create table waiting (id int); grant select on waiting to ${database.reader.user}`);
});

afterAll(async () => {
  await admin?.end();
});

const start = (environment: Readonly<Record<string, string>> = {}): Promise<PostgresServer> =>
  startServer({ DATABASE_URL: database.readerUrl, ...environment });

const endless = 'select count(*) from generate_series(1, 1e12::int8)';

/** Waits until the query runs, then does something to its backend. */
async function toTheBackend(what: string): Promise<void> {
  const running = `select pid from pg_stat_activity where datname = $1 and state = 'active' and query like 'select count(*) from generate%'`;
  for (;;) {
    const { rows } = await admin.query<{ pid: number }>(running, [database.name]);
    if (rows[0] === undefined) continue;
    await admin.query(`select ${what}($1)`, [rows[0].pid]);
    return;
  }
}

describe('distinguishes who or what stopped a query', () => {
  it('a cancel from outside', async () => {
    const server = await start();
    const failed = server.refusal(endless);
    await toTheBackend('pg_cancel_backend');
    expect(await failed).toMatchObject({
      code: 'cancelled',
      message: expect.stringMatching(/cancelled at the database after [\d.]+ s: from outside/) as string,
      retryable: false,
      details: { sqlstate: '57014' },
    });
    expect((await server.query('select 1')).rows).toEqual([[1]]);
  });

  it('a cancel from outside while a query is explained', async () => {
    const server = await start();
    const failed = server.failure('explain_query', { query: endless, analyze: true });
    const running = `select pid from pg_stat_activity where datname = $1 and state = 'active' and query like 'EXPLAIN%'`;
    let pid: number | undefined;
    while (pid === undefined) pid = (await admin.query<{ pid: number }>(running, [database.name])).rows[0]?.pid;
    await admin.query('select pg_cancel_backend($1)', [pid]);
    expect((await failed).code).toBe('cancelled');
  });

  it('our own time limit', async () => {
    const server = await start({ DB_STATEMENT_TIMEOUT_MS: '300' });
    expect(await server.refusal(endless)).toMatchObject({
      code: 'timeout',
      message: 'The query ran longer than 0.3 s and was stopped.',
    });
  });

  it('a lock', async () => {
    const server = await start({ DB_LOCK_TIMEOUT_MS: '50' });
    await admin.query('begin; lock table waiting in access exclusive mode');
    const failure = await server.refusal('select * from waiting');
    await admin.query('rollback');
    expect(failure).toMatchObject({ code: 'timeout', details: { sqlstate: '55P03' } });
    expect(failure.hint).toContain('lock');
  });

  it('an administrator who terminates the connection', async () => {
    const server = await start();
    const failed = server.refusal(endless);
    await toTheBackend('pg_terminate_backend');
    expect(await failed).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('by an administrator') as string,
      details: { sqlstate: '57P01' },
    });
    expect((await server.query('select 1')).rows).toEqual([[1]]);
  });

  it("the role's transaction_timeout", async () => {
    const user = `limited_${randomBytes(6).toString('hex')}`;
    await admin.query(`create role ${user} login password 'x'; alter role ${user} set transaction_timeout = '300ms'`);
    const server = await start({ DATABASE_URL: clusterUrl(database.name, { user, password: 'x' }) });
    expect(await server.refusal(endless)).toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('transaction_timeout') as string,
      details: { sqlstate: '25P04' },
    });
    expect((await server.query('select 1')).rows).toEqual([[1]]);
  });

  it("the role's idle_session_timeout, which no call notices", async () => {
    const user = `limited_${randomBytes(6).toString('hex')}`;
    // Longer than a slow machine pauses between two statements of one call.
    await admin.query(`create role ${user} login password 'x'; alter role ${user} set idle_session_timeout = '3s'`);
    const server = await start({ DATABASE_URL: clusterUrl(database.name, { user, password: 'x' }) });
    const connected = async (): Promise<number> =>
      (await admin.query('select 1 from pg_stat_activity where usename = $1', [user])).rows.length;
    await server.query('select 1');
    await vi.waitFor(async () => expect(await connected()).toBe(0), { timeout: 60_000, interval: 100 });
    expect((await server.query('select 1')).rows).toEqual([[1]]);
  });
});

describe('in words', () => {
  const timing = { limitMs: 30_000, elapsedMs: 700 };
  const failure = (code: string, message: string, routine = 'ProcessInterrupts') =>
    Object.assign(new Error(message), { code, severity: 'ERROR', routine });

  it.each([
    ['57014', 'canceling statement due to user request', timing, 'cancelled', /0\.7 s: from outside/],
    ['57014', 'canceling statement due to user request', { limitMs: 1000, elapsedMs: 5000 }, 'cancelled', /outside/],
    ['57014', 'canceling statement due to statement timeout', timing, 'timeout', /at the database.*after 0\.7 s/],
    // With localized messages, only the elapsed time distinguishes them.
    ['57014', 'storniere Anfrage wegen Benutzeraufforderung', timing, 'cancelled', /from outside/],
    ['57014', 'storniere Anfrage', { limitMs: 1000, elapsedMs: 1001 }, 'timeout', /longer than 1 s/],
    ['40001', 'canceling statement due to conflict with recovery', timing, 'conflict', /This replica/],
    ['57P01', 'terminating connection due to administrator command', timing, 'unreachable', /administrator/],
    ['57P02', 'terminating connection because of crash', timing, 'unreachable', /crashed/],
    ['57P04', 'terminating connection due to conflict with recovery', timing, 'not_found', /dropped/],
    ['57P05', 'terminating connection due to idle-session timeout', timing, 'timeout', /idle_session_timeout/],
    ['25P03', 'terminating connection due to idle-in-transaction timeout', timing, 'timeout', /idle_in_transaction/],
    ['25P04', 'terminating connection due to transaction timeout', timing, 'timeout', /transaction_timeout/],
  ])('%s %s', (code, message, time, expected, words) => {
    const told = toToolError(failure(code, message), 'here', 'select 1', time);
    expect(told.code).toBe(expected);
    expect(told.message).toMatch(words);
    expect(told.hint).toBeTruthy();
    expect(told.details).toEqual({ sqlstate: code });
  });

  it('a serialization failure is not reported as a conflict with a replica', () => {
    const told = toToolError(
      failure('40001', 'could not serialize access', 'OnConflict_CheckForSerializationFailure'),
      'here',
    );
    expect(told.message).not.toContain('replica');
  });
});
