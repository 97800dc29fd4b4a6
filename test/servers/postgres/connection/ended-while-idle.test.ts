import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { connect } from '../fixture.ts';
import type { PostgresServer } from '../server.ts';
import { useServers } from './own-cluster.ts';

/**
 * What the way to the database does. `late`: what the database says arrives after the next query was sent. `reset`: the
 * connection is reset by the next query. `reset in the answer`: after the first byte of its answer.
 */
type Way = 'through' | 'late' | 'reset' | 'reset in the answer';

interface Line {
  way: Way;
  readonly sent: string[];
}

let database: TestDatabase;
let admin: Client;
/** In its transaction, statistics of the activity would not change. */
let locker: Client;
let proxy: Server;
let lines: Line[] = [];
let wayOfNew: Way = 'through';
const start = useServers();

beforeAll(async () => {
  database = await createTestDatabase('empty');
  admin = await connect(database.adminUrl);
  locker = await connect(database.adminUrl);
  await admin.query(`create table waiting (id int); grant select on waiting to ${database.reader.user}`);
  proxy = createServer({ allowHalfOpen: true }, join);
  await listen(0);
});

afterAll(async () => {
  proxy?.close();
  await Promise.all([admin?.end(), locker?.end()]);
});

beforeEach(async () => {
  lines = [];
  wayOfNew = 'through';
  await untilCount(0, 'true');
});

async function listen(port: number): Promise<void> {
  proxy.listen(port, '127.0.0.1');
  await once(proxy, 'listening');
}

function join(near: Socket): void {
  const { host, port } = inject('postgres');
  const far = createConnection(port, host);
  const line: Line = { way: wayOfNew, sent: [] };
  lines.push(line);
  const held: Buffer[] = [];
  for (const end of [near, far]) end.on('error', () => undefined);
  const release = (): void => {
    for (const chunk of held.splice(0)) near.write(chunk);
    if (far.readableEnded) near.end();
  };
  near.on('data', (chunk) => {
    const text = String(chunk);
    line.sent.push(text);
    if (line.way === 'reset' && text.includes('BEGIN')) return void near.resetAndDestroy();
    if (far.writable) far.write(chunk);
    if (line.way === 'late') release();
  });
  near.on('end', () => far.end());
  near.on('close', () => far.destroy());
  far.on('data', (chunk) => {
    if (line.way === 'reset in the answer') return void near.write(chunk.subarray(0, 1), () => near.resetAndDestroy());
    held.push(chunk);
    if (line.way !== 'late') release();
  });
  far.on('end', () => {
    if (line.way !== 'late') release();
  });
}

async function startServer(more: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const { user, password } = database.reader;
  return start({
    DB_HOST: '127.0.0.1',
    DB_PORT: String(port()),
    DB_NAME: database.name,
    DB_USER: user,
    DB_PASSWORD: password,
    DB_SSL: 'disable',
    DB_LOCK_TIMEOUT_MS: '60000',
    DB_STATEMENT_TIMEOUT_MS: '60000',
    ...more,
  });
}

function port(): number {
  const { port: own } = proxy.address() as AddressInfo;
  return own;
}

async function untilCount(count: number, condition: string): Promise<void> {
  const asked = `select 1 from pg_stat_activity where usename = $1 and ${condition}`;
  await vi.waitFor(async () => expect((await admin.query(asked, [database.reader.user])).rows).toHaveLength(count), {
    timeout: 60_000,
    interval: 20,
  });
}

/** Until the connections are clean, and have been idle for a moment. */
const untilRested = (count: number) =>
  untilCount(count, `state = 'idle' and state_change < clock_timestamp() - interval '50 ms'`);

async function terminateAll(): Promise<void> {
  await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = $1`, [
    database.reader.user,
  ]);
  await untilCount(0, 'true');
}

function timesSent(text: string): number {
  return lines.flatMap(({ sent }) => sent).filter((part) => part.includes(text)).length;
}

function arm(way: Way): void {
  for (const line of lines) line.way = way;
}

it('many connections that were terminated while idle: each query runs on a new one', async () => {
  const count = 5;
  const server = await startServer({ DB_MAX_CONCURRENT: String(count) });
  await locker.query('begin; lock table waiting in access exclusive mode');
  const opening = Array.from({ length: count }, () => server.query('select * from waiting'));
  await untilCount(count, `wait_event_type = 'Lock'`);
  await locker.query('rollback');
  await Promise.all(opening);
  await untilCount(count, `state = 'idle'`);
  arm('late');
  await terminateAll();
  const texts = Array.from({ length: count }, (_, index) => `select ${index} as again`);
  const answers = await Promise.all(texts.map((text) => server.query(text)));
  expect(answers.map(({ rows }) => rows)).toEqual(texts.map((_, index) => [[index]]));
  expect(lines).toHaveLength(2 * count);
  expect(timesSent('as again')).toBe(2 * count);
});

it('a query that was terminated while it ran is not run again', async () => {
  const server = await startServer();
  await server.query('select 1');
  await untilRested(1);
  await locker.query('begin; lock table waiting in access exclusive mode');
  const failed = server.refusal('select id as once from waiting');
  await untilCount(1, `wait_event_type = 'Lock'`);
  await terminateAll();
  await locker.query('rollback');
  expect(await failed).toMatchObject({ code: 'unreachable', details: { sqlstate: '57P01' } });
  expect(timesSent('as once')).toBe(1);
  expect((await server.query('select 1')).rows).toEqual([[1]]);
});

it('a connection that is reset by the query: it runs again on a new one', async () => {
  const server = await startServer({ DB_MAX_CONCURRENT: '1' });
  await server.query('select 1');
  await untilRested(1);
  arm('reset');
  expect((await server.query('select 7 as again')).rows).toEqual([[7]]);
  expect(timesSent('as again')).toBe(2);
  expect(lines).toHaveLength(2);
});

it('a connection that is reset after the first byte of the answer: not again', async () => {
  const server = await startServer();
  await server.query('select 1');
  await untilRested(1);
  arm('reset in the answer');
  expect(await server.refusal('select 7 as once')).toMatchObject({ code: 'unreachable' });
  expect(timesSent('as once')).toBe(1);
});

it('a new connection that is reset, too: once only', async () => {
  const server = await startServer();
  await server.query('select 1');
  await untilRested(1);
  arm('reset');
  wayOfNew = 'reset';
  expect(await server.refusal('select 7 as again')).toMatchObject({ code: 'unreachable' });
  expect(lines).toHaveLength(2);
});

it('no new connection for the moment: the message says so, and that nothing ran', async () => {
  const server = await startServer();
  await server.query('select 1');
  await untilRested(1);
  arm('reset');
  const before = port();
  proxy.close();
  const failure = await server.refusal('select 2');
  expect(failure).toMatchObject({ code: 'unreachable', retryable: true });
  expect(failure.message).toMatch(
    /^The connection ended while it was idle, so the query did not run, .* nothing is listening there\.$/,
  );
  await listen(before);
  expect((await server.query('select 2')).rows).toEqual([[2]]);
});
