import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { connect } from '../fixture.ts';
import { PostgresServer } from '../server.ts';

let database: TestDatabase;
let server: PostgresServer;
let admin: Client;

beforeAll(async () => {
  database = await createTestDatabase('shop');
  server = await PostgresServer.start({ DATABASE_URL: database.readerUrl });
  admin = await connect(database.adminUrl);
});

afterAll(async () => {
  await server?.close();
  await admin?.end();
});

async function text(name: string, input: Record<string, unknown>): Promise<string> {
  const answer = await server.call(name, input);
  expect(answer.isError, answer.content[0]?.text).toBeUndefined();
  return answer.content[0]?.text ?? '';
}

it('offers its tools in less than 6 KB, all of them read-only', async () => {
  const list = await server.client.listTools();
  expect(Buffer.byteLength(JSON.stringify(list))).toBeLessThan(6000);
  expect(list.tools.map((tool) => tool.name)).toEqual([
    'query_database', 'get_table_schema', 'list_tables', 'explain_query', 'get_database_health',
  ]); // prettier-ignore
  for (const tool of list.tools) expect(tool.annotations).toMatchObject({ readOnlyHint: true });
});

describe('list_tables', () => {
  it('shows tables and views with comments and estimates, partitions under their parent', async () => {
    expect(await text('list_tables', {})).toMatchInlineSnapshot(`
      "10 tables
      schema:name	table:name	kind:text	estimated_rows:int8	comment:text
      audit	log	table	0	\\N
      public	Order Lines	table	1	\\N
      public	customers	table	60	People who bought something
      public	daily	materialized view	6	\\N
      public	employees	table	15	\\N
      public	events	partitioned table	700	\\N
      public	failed_orders	view	\\N	\\N
      public	order_counts	view	\\N	\\N
      public	orders	table	1200	One row a purchase; failed ones carry error_code
      public	payments	table	300	\\N"
    `);
  });

  it('searches names, columns and comments', async () => {
    for (const search of ['PAYM', 'provider']) expect(await text('list_tables', { search })).toContain('payments');
    expect(await text('list_tables', { search: 'bought something' })).toContain('customers');
    expect(await text('list_tables', { schema: 'audit' })).toMatch(/^1 table\n/);
    expect(await text('list_tables', { search: "'; drop table orders; --" })).toMatch(/^0 tables/);
  });
});

describe('get_table_schema', () => {
  it('shows what is needed to write SQL', async () => {
    expect(await text('get_table_schema', { table_name: 'orders' })).toMatchInlineSnapshot(`
      "table public.orders, about 1200 rows -- One row a purchase; failed ones carry error_code
        id bigint not null generated as identity
        customer_id integer not null
        status order_status not null default 'new'::order_status values: "new", "paid", "failed", "refunded"
        total numeric(12,2) not null
        error_code text values: "E0", "E1", "E2"
        note text
        updated_at timestamp with time zone
        created_at timestamp with time zone not null default now()
      primary key (id)
      foreign key (customer_id) REFERENCES customers(id)
      referenced by payments: FOREIGN KEY (order_id) REFERENCES orders(id)
      index orders_created_at: btree (created_at)
      index orders_failed: btree (created_at) WHERE (status = 'failed'::order_status)"
    `);
  });

  it('shows more on request', async () => {
    const detailed = await text('get_table_schema', { table_name: 'orders', detail: true });
    expect(detailed).toContain('CHECK (total >= 0::numeric)');
    expect(await text('get_table_schema', { table_name: 'failed_orders', detail: true })).toContain('defined as:');
    expect(await text('get_table_schema', { table_name: 'failed_orders' })).not.toContain('defined as:');
    const partitioned = await text('get_table_schema', { table_name: 'events', detail: true });
    expect(partitioned).toContain('partitioned by RANGE (at)');
    expect(partitioned).toContain("events_2026_11 FOR VALUES FROM ('2026-11-01 00:00:00+00')");
    expect(await text('get_table_schema', { table_name: 'events' })).toContain('partitions: 2 in total');
  });

  it('shows the values of columns with few of them, from statistics', async () => {
    expect(await text('get_table_schema', { table_name: 'customers' })).toMatch(
      /country character\(2\).*values: "(DE|FR|US)"/,
    );
    expect(await text('get_table_schema', { table_name: 'orders' })).toContain(
      'values: "new", "paid", "failed", "refunded"',
    );
  });

  it.each([
    ['ORDERS', 'public.orders'], ['public.orders', 'public.orders'], ['"orders"', 'public.orders'], ['log', 'audit.log'],
    ['Order Lines', 'public.Order Lines'], ['"Order Lines"', 'public.Order Lines'], ['order lines', 'public.Order Lines'],
    ['pg_class', 'pg_catalog.pg_class'],
  ])('finds %s', async (name, found) => {
    expect(await text('get_table_schema', { table_name: name })).toContain(found);
  }); // prettier-ignore

  it('suggests the intended table, or the schema to name', async () => {
    expect(await server.failure('get_table_schema', { table_name: 'cutsomers' })).toMatchObject({
      code: 'not_found',
      hint: 'Did you mean public.customers?',
    });
    expect(await server.failure('get_table_schema', { table_name: 'a.b.c.d' })).toMatchObject({
      code: 'invalid_arguments',
    });
    await admin.query('create schema s1; create schema s2; create table s1.twin (); create table s2.twin ()');
    await admin.query(`grant usage on schema s1, s2 to ${database.reader.user}`);
    const failure = await server.failure('get_table_schema', { table_name: 'twin' });
    expect(failure.hint).toBe('Choose one: s1.twin, s2.twin.');
    await admin.query('drop schema s1, s2 cascade');
  });
});

describe('explain_query', () => {
  it('shows where time and rows go, and the missing index', async () => {
    await admin.query(
      'create table scans as select i as id, i % 1000 as bucket from generate_series(1, 50000) i; analyze scans',
    );
    await admin.query(`grant select on scans to ${database.reader.user}`);
    const answer = await server.call('explain_query', { query: 'select * from scans where bucket = 7', analyze: true });
    expect(answer.structuredContent).toMatchObject({ actual_rows: 50 });
    expect(answer.content[0]?.text).toContain(
      'hint: scans is read in full and 49950 rows are discarded: an index on (bucket) could help',
    );
    expect(await text('explain_query', { query: 'select * from orders where id = $1', params: [1] })).toContain(
      'Index Scan using orders_pkey',
    );
  });

  it('names what an index would need, ready to paste', async () => {
    await admin.query(
      'create table "Big Scan" as select i as id, i % 1000 as "Bucket No" from generate_series(1, 50000) i; analyze "Big Scan"',
    );
    await admin.query(`grant select on "Big Scan" to ${database.reader.user}`);
    const plan = await text('explain_query', {
      query: 'select * from "Big Scan" where "Bucket No" = 7',
      analyze: true,
    });
    expect(plan).toContain('"Big Scan" is read in full and 49950 rows are discarded: an index on ("Bucket No")');
    await admin.query('drop table "Big Scan"');
  });

  it('reports wrong planner estimates', async () => {
    await admin.query(
      'create table stale as select 1 as id; analyze stale; insert into stale select generate_series(1, 5000)',
    );
    await admin.query(`grant select on stale to ${database.reader.user}`);
    const plan = await text('explain_query', {
      query: 'select * from stale join (values (1)) v (x) on id <> x',
      analyze: true,
    });
    expect(plan).toMatch(/was expected to return \d+ rows but returned \d+/);
  });

  it('explains only SELECT', async () => {
    expect((await server.failure('explain_query', { query: 'delete from orders' })).code).toBe('refused_by_guard');
    expect((await server.failure('explain_query', { query: 'explain select 1' })).code).toBe('invalid_arguments');
    expect((await server.failure('explain_query', { query: 'select pg_sleep(1)', analyze: true })).code).toBe(
      'refused_by_guard',
    );
    expect((await server.failure('explain_query', { query: 'select 1; delete from orders' })).code).toBe(
      'refused_by_guard',
    );
  });
});

describe('get_database_health', () => {
  it('finds who blocks whom', async () => {
    const blocked = await connect(database.adminUrl);
    await admin.query('begin; lock table payments in access exclusive mode');
    const waiting = blocked.query('select count(*) from payments');
    const pid = async (): Promise<number> => {
      const watcher = await connect(database.adminUrl);
      const { rows } = await watcher.query<{ pid: number }>(
        `select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = $1`,
        [database.name],
      );
      await watcher.end();
      return rows[0]?.pid ?? 0;
    };
    while ((await pid()) === 0);
    const health = await server.call('get_database_health', {});
    await admin.query('rollback');
    await waiting;
    await blocked.end();
    expect(health.structuredContent).toMatchObject({ status: 'attention' });
    expect(health.content[0]?.text).toMatch(
      /process \d+ has waited [\d.]+ s for a lock \(payments relation AccessShareLock\) held by process \d+/,
    );
  });

  it('reports what the role may do besides reading', async () => {
    const strong = await PostgresServer.start({ DATABASE_URL: database.adminUrl, DB_ALLOW_SUPERUSER: '1' });
    const health = await strong.call('get_database_health', {});
    await strong.close();
    const standing: unknown = expect.stringMatching(/^this connection's role \w+ is a superuser/);
    expect(health.structuredContent).toMatchObject({ findings: expect.arrayContaining([standing]) as unknown });
    // This lasts until the role is changed, so it is not a current problem.
    expect(health.content[0]?.text).toMatch(/^- this connection's role \w+ is a superuser/m);
    expect(strong.stderr).toContain('can write to');
  });
});

describe('resources, prompts, completions', () => {
  it('offers schemas as resources', async () => {
    const { resources } = await server.client.listResources();
    const orders = resources.find((resource) => resource.name === 'public.orders');
    expect(orders?.uri).toBe(`postgres://${database.name}/public/orders`);
    const { contents } = await server.client.readResource({ uri: orders?.uri ?? '' });
    expect(contents[0]).toMatchObject({ text: expect.stringContaining('customer_id integer not null') as string });
    const odd = resources.find((resource) => resource.name === 'public.Order Lines');
    expect((await server.client.readResource({ uri: odd?.uri ?? '' })).contents).toHaveLength(1);
    await expect(server.client.readResource({ uri: `postgres://${database.name}/public/nope` })).rejects.toThrow(
      /Table '.*' does not exist/,
    );
    const elsewhere = server.client.readResource({ uri: 'file:///etc/passwd' });
    await expect(elsewhere).rejects.toThrow(/postgres:\/\/database/);
    await expect(elsewhere).rejects.toMatchObject({ data: { uri: 'file:///etc/passwd' } });
  });

  it('completes table names', async () => {
    const { completion } = await server.client.complete({
      ref: { type: 'ref/prompt', name: 'write_query' },
      argument: { name: 'table', value: 'ord' },
    });
    expect(completion.values).toEqual(['public.Order Lines', 'public.order_counts', 'public.orders']);
    const within = await server.client.complete({
      ref: { type: 'ref/resource', uri: 'postgres://{database}/{schema}/{table}' },
      argument: { name: 'table', value: 'l' },
      context: { arguments: { database: database.name, schema: 'audit' } },
    });
    expect(within.completion.values).toEqual(['log']);
  });

  it('offers prompts that include the schema', async () => {
    const prompt = await server.client.getPrompt({
      name: 'write_query',
      arguments: { question: 'How many failed?', table: 'orders' },
    });
    expect(JSON.stringify(prompt.messages)).toContain('How many failed?');
    expect(JSON.stringify(prompt.messages)).toContain('error_code text');
    await expect(server.client.getPrompt({ name: 'write_query', arguments: {} })).rejects.toThrow(
      /'question' is required/,
    );
    await expect(server.client.getPrompt({ name: 'nope' })).rejects.toThrow(/no prompt 'nope'/);
  });
});
