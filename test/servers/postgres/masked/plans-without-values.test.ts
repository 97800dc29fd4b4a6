import { existsSync } from 'node:fs';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../../stack/database/cluster.ts';
import { createTestDatabase } from '../database.ts';
import { connect } from '../fixture.ts';
import { PostgresServer } from '../server.ts';

const tables = `
  create table orders (id int primary key, customer_id int, status text, created_at timestamptz default now());
  insert into orders select i, i % 100, 'paid' from generate_series(1, 1000) i; analyze orders;`;

let admin: Client;
let server: PostgresServer;

beforeAll(async () => {
  const database = await createTestDatabase('empty');
  admin = await connect(database.adminUrl);
  await admin.query(`${tables} grant select on orders to ${database.reader.user}`);
  server = await PostgresServer.start({ DATABASE_URL: database.readerUrl });
});

afterAll(async () => {
  await server?.close();
  await admin?.end();
});

const explained = async (query: string, more: Record<string, unknown> = {}): Promise<string> =>
  (await server.call('explain_query', { query, ...more })).content[0]?.text ?? '';

describe('statements from pg_stat_statements', () => {
  it.each([
    'select * from orders where customer_id = $1',
    'select * from orders where id = $1 and status = $2 limit $3',
    'SELECT count(*) FROM orders WHERE created_at > now() - interval $1 AND status IN ($2, $3)',
    'select date_trunc($1, created_at), count(*) from orders where created_at >= date $2 group by 1 order by 1 limit $3',
    'select extract($1 from created_at), sum(customer_id + $2) from orders group by 1',
    'select * from orders where created_at between timestamp with time zone $1 and timestamptz $2',
    'select * from orders where customer_id in ($1 /*, ... */)',
    'select * from orders where customer_id = any ($1::int[]);',
    'with x as (select * from orders where status like $1 offset $2) select case when id = $3 then $4 else $5 end from x',
  ])('get a plan for any values: %s', async (query) => {
    const text = await explained(query);
    expect(text).toMatch(/^cost \d+/);
    expect(text).toContain('orders');
  });

  it('also with their own EXPLAIN (GENERIC_PLAN)', async () => {
    const { rows } = await server.query('explain (generic_plan) select * from orders where id = $1');
    expect(rows.flat().join('\n')).toContain('Index Cond: (id = $1)');
    expect((await server.query('select 1')).rows).toEqual([[1]]);
  });

  it('use given values', async () => {
    expect(await explained('select * from orders where id = $1', { params: [5] })).toContain('id = 5');
    expect(await explained('select * from orders where id = $1', { params: [5], analyze: true })).toContain('ran');
  });

  it('are checked like any other', async () => {
    const failure = await server.failure('explain_query', { query: 'select pg_sleep($1)' });
    expect(failure).toMatchObject({ code: 'refused_by_guard', details: { rule: 'function-policy' } });
    expect((await server.failure('explain_query', { query: 'delete from orders where id = $1' })).code).toBe(
      'refused_by_guard',
    );
  });

  it.each([
    'select $1::int; delete from orders',
    "select ';', $1::int",
    'select $1::int /* ; */',
    'select $1::int as ";"',
  ])('cannot end one statement and start another: %s', async (query) => {
    const failure = await server.failure('explain_query', { query });
    expect(failure).toMatchObject({ code: 'refused_by_guard', details: { rule: 'one-statement' } });
  });

  it('that cannot be planned without values say why', async () => {
    const query = 'select date_trunc($1, created_at), count(*) from orders group by date_trunc($2, created_at)';
    const failure = await server.failure('explain_query', { query });
    expect(failure).toMatchObject({ code: 'invalid_arguments', details: { sqlstate: '42803' } });
    expect(failure.hint).toContain('one number for a value that occurs twice');
    expect(await explained(query.replace('$2', '$1'))).toContain('cost');
  });

  it('cannot be run without values', async () => {
    const failure = await server.failure('explain_query', { query: 'select $1::int', analyze: true });
    expect(failure).toMatchObject({ code: 'invalid_arguments' });
    expect(failure.message).toContain('needs values');
  });

  it('with syntax errors are quoted as written', async () => {
    const failure = await server.failure('explain_query', { query: 'select * frm orders where at > interval $1' });
    expect(failure.message).toContain('syntax error at or near "frm"');
  });
});

describe('an empty plan', () => {
  it('caused by a NULL is explained in explain_query', async () => {
    const text = await explained('select * from orders where customer_id = $1', { params: [null] });
    expect(text).toContain('nothing equals NULL');
  });

  it.each(['text', 'json', 'yaml', 'xml'])('caused by a NULL is explained in EXPLAIN (FORMAT %s)', async (format) => {
    const query = `explain (format ${format}) select * from orders where customer_id = $1`;
    expect((await server.query(query, { params: [null] })).notes?.join()).toContain('nothing equals NULL');
    expect((await server.query(query, { params: [1] })).notes).toBeUndefined();
  });

  it('that the query itself asks for is not explained', async () => {
    expect(await explained('select * from orders where false')).not.toContain('NULL');
  });
});

const debian = '/usr/lib/postgresql/15/bin';

describe.runIf(existsSync(debian))('before PostgreSQL 16', () => {
  let cluster: Cluster;
  let old: PostgresServer;

  beforeAll(async () => {
    cluster = await startCluster({ binaries: debian });
    const url = await cluster.createDatabase('shop');
    const client = await connect(url);
    await client.query(tables);
    await client.end();
    old = await PostgresServer.start({ DATABASE_URL: url, DB_ALLOW_SUPERUSER: '1' });
  });

  afterAll(async () => {
    await old?.close();
    await cluster?.stop();
  });

  it('values are required, with the reason', async () => {
    for (const [tool, query] of [
      ['explain_query', 'select * from orders where customer_id = $1'],
      ['query_database', 'explain (generic_plan) select * from orders where customer_id = $1'],
    ] as const) {
      const failure = await old.failure(tool, { query });
      expect(failure.code).toBe('invalid_arguments');
      expect(failure.message).toContain('PostgreSQL 15 cannot plan a query without values');
    }
    const answer = await old.call('explain_query', {
      query: 'select * from orders where customer_id = $1',
      params: [1],
    });
    expect(answer.isError).toBeUndefined();
  });
});
