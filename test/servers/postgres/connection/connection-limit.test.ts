import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterUrl, createTestDatabase, type TestDatabase } from '../database.ts';
import { connect } from '../fixture.ts';
import { useServers } from './own-cluster.ts';

let database: TestDatabase;
let second: TestDatabase;
let admin: Client;
const start = useServers();
const roles: string[] = [];
const ordered = 'select id from orders order by id';

beforeAll(async () => {
  database = await createTestDatabase('shop');
  second = await createTestDatabase('empty');
  admin = await connect(database.adminUrl);
});

afterAll(async () => {
  await admin?.end();
});

/** A role with a connection limit. */
async function limitedRole(limit: number): Promise<{ user: string; password: string }> {
  const user = `limited_${randomBytes(6).toString('hex')}`;
  roles.push(user);
  await admin.query(
    `create role ${user} login password 'x' connection limit ${limit}; grant select on orders to ${user}`,
  );
  return { user, password: 'x' };
}

describe('when no further connection is available', () => {
  it('a held result makes room for the next query, and a request for it says so', async () => {
    const server = await start({ DATABASE_URL: clusterUrl(database.name, await limitedRole(1)) });
    const { next_cursor: cursor } = await server.query(ordered, { limit: 5 });
    expect((await server.query('select 1')).rows).toEqual([[1]]);
    const failure = await server.failure('query_database', { query: ordered, cursor });
    expect(failure).toMatchObject({ code: 'not_found', message: expect.stringContaining('was closed') as string });
  });

  it('a held result stays open while no one needs its connection', async () => {
    const server = await start({ DATABASE_URL: clusterUrl(database.name, await limitedRole(1)) });
    const { next_cursor: cursor } = await server.query(ordered, { limit: 5 });
    expect((await server.query(ordered, { limit: 5, cursor })).rows[0]).toEqual([6]);
  });

  it('concurrent queries take turns', async () => {
    const server = await start({ DATABASE_URL: clusterUrl(database.name, await limitedRole(2)) });
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        index % 3 === 0 ? server.query(ordered, { limit: 1 }) : server.query('select $1::int', { params: [index] }),
      ),
    );
    expect(answers.map(({ rows }) => rows[0]?.[0])).toEqual(
      Array.from({ length: 12 }, (_, index) => (index % 3 === 0 ? 1 : index)),
    );
  });

  it('a connection dropped in the middle of a result frees its place', async () => {
    const server = await start({
      DATABASE_URL: clusterUrl(database.name, await limitedRole(1)),
      DB_MAX_BYTES: '10000',
    });
    for (let pass = 0; pass < 3; pass += 1) {
      expect(
        (await server.refusal("select string_agg(repeat('x', 1000), '') from generate_series(1, 20000)")).code,
      ).toBe('too_large');
      expect((await server.query('select 1')).rows).toEqual([[1]]);
    }
  });

  it('every other tool works, too', async () => {
    const server = await start({ DATABASE_URL: clusterUrl(database.name, await limitedRole(1)) });
    for (const [tool, input] of [
      ['list_tables', {}],
      ['get_table_schema', { table_name: 'orders' }],
      ['explain_query', { query: ordered }],
      ['get_database_health', {}],
    ] as const) {
      await server.query(ordered, { limit: 1 });
      expect((await server.call(tool, input)).isError, tool).toBeUndefined();
    }
  });

  it('another database closes its held and idle connections', async () => {
    const role = await limitedRole(1);
    const server = await start({
      DATABASES: `one=${clusterUrl(database.name, role)}, two=${clusterUrl(second.name, role)}`,
    });
    await server.query(ordered, { limit: 5 });
    expect((await server.query('select 2', { database: 'two' })).rows).toEqual([[2]]);
    expect((await server.query('select 1')).rows).toEqual([[1]]);
  });

  it('and none of ours can be closed, the error says whose limit it is', async () => {
    const role = await limitedRole(1);
    const other = await connect(clusterUrl(database.name, role));
    const server = await start({ DATABASE_URL: clusterUrl(database.name, role) });
    const failure = await server.refusal('select 1');
    await other.end();
    expect(failure).toMatchObject({ code: 'unreachable', retryable: true, details: { sqlstate: '53300' } });
    expect(failure.message).toContain(role.user);
    expect(failure.hint).toContain('connection');
  });
});
