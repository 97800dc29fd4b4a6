import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../stack/database/cluster.ts';
import { connect, createReader } from './fixture.ts';
import { PostgresServer } from './server.ts';

// A separate cluster with prepared transactions.
let cluster: Cluster;
let server: PostgresServer;
let admin: Client;
let url: string;

beforeAll(async () => {
  cluster = await startCluster({ settings: { max_prepared_transactions: '5' } });
  await cluster.createDatabase('shop');
  admin = await connect(cluster.url('shop'));
  await admin.query(`
    create schema audit;
    create table policed (id int, o text); insert into policed values (1, 'reader'), (2, 'x');
    alter table policed enable row level security; create policy p on policed using (o = current_user);
    create policy "For Writers" on policed for insert with check (true);
    create table hidden (id int); alter table hidden enable row level security;
    create domain positive as numeric check (value > 0);
    create domain rate as positive not null default 0.5 check (value < 1);
    create type address as (street text, "Zip Code" varchar(10), paid positive);
    create type span as range (subtype = int4);
    create table typed (id int, amount positive, rates rate[], home address, past address[], s span, whole policed);
    create table parent (id int); create table child (extra text) inherits (parent);
    create table parts (id int, d date) partition by range (d);
    create table parts_2026 partition of parts for values from ('2026-01-01') to ('2027-01-01') partition by range (d);
    create table parts_2026_01 partition of parts_2026 for values from ('2026-01-01') to ('2026-02-01');
    create table parts_2026_02 partition of parts_2026 for values from ('2026-02-01') to ('2026-03-01')`);
  const reader = await createReader(cluster.url('shop'), 'reader');
  await admin.query(`
    create table noaccess (id int); create schema closed; create table closed.inside (id int);
    create table half (id int, email text); grant select (id) on half to reader;
    revoke select on parts_2026_01 from reader`);
  url = cluster.url('shop', reader);
  server = await PostgresServer.start({ DATABASE_URL: url });
});

afterAll(async () => {
  await server?.close();
  await admin?.end();
  await cluster?.stop();
});

async function schema(table: string, detail = false): Promise<string> {
  const answer = await server.call('get_table_schema', { table_name: table, detail });
  expect(answer.isError, answer.content[0]?.text).toBeUndefined();
  return answer.content[0]?.text ?? '';
}

describe('row-level security', () => {
  it('that filters is reported in one line, with its policies', async () => {
    expect(await schema('policed')).toContain(
      '\nrow-level security shows this role only some rows, in counts too: policies p\n',
    );
    expect(await schema('policed', true)).toContain('\npolicy p: (o = CURRENT_USER)');
    expect((await server.query('select count(*) from policed')).rows).toEqual([[1]]);
  });

  it('that hides everything is reported as such', async () => {
    expect(await schema('hidden')).toContain('row-level security hides all rows from this role');
  });

  it('that does not apply to the role is reported as such', async () => {
    await admin.query('alter role reader bypassrls');
    const text = await schema('policed');
    await admin.query('alter role reader nobypassrls');
    expect(text).toContain('row-level security is on and does not apply to this role (policies p)');
  });

  it('is not mentioned for a table without it', async () => {
    expect(await schema('typed')).not.toContain('row-level');
  });
});

describe('a table that may not be read', () => {
  it.each([
    ['noaccess', 'GRANT SELECT ON public.noaccess TO reader;'],
    ['closed.inside', 'GRANT USAGE ON SCHEMA closed TO reader; GRANT SELECT ON closed.inside TO reader;'],
    ['parts_2026_01', 'It can be read through its parent.'],
  ])('%s', async (table, help) => {
    const text = await schema(table);
    expect(text).toContain('\n! This role cannot read it.');
    expect(text).toContain(help);
  });

  it('in part', async () => {
    const text = await schema('half');
    expect(text).toContain('! This role can read only these columns of public.half: id.');
    expect(text).toContain('GRANT SELECT (email) ON public.half TO reader;');
    expect(await schema('typed')).not.toContain('!');
  });

  it('is distinguished from a missing table', async () => {
    expect(await server.failure('get_table_schema', { table_name: 'nowhere' })).toMatchObject({
      code: 'not_found',
      message: "Table 'nowhere' does not exist.",
    });
  });
});

describe('the types and relatives of a table', () => {
  it('domains, composite types and ranges, including nested ones', async () => {
    const text = await schema('typed');
    expect(text.match(/^type .*$/gm)).toEqual([
      'type positive: domain of numeric CHECK (VALUE > 0::numeric)',
      'type rate: domain of positive not null default 0.5 CHECK (VALUE::numeric < 1::numeric)',
      'type address: composite (street text, "Zip Code" character varying(10), paid positive)',
      'type span: range of integer',
      'type policed: row of the table of that name',
    ]);
  });

  it('shows no constants in the types of a masked column', async () => {
    const masking = await PostgresServer.start({ DATABASE_URL: url, DB_MASK_COLUMNS: 'typed.amount' });
    const { structuredContent } = await masking.call('get_table_schema', { table_name: 'typed' });
    await masking.close();
    expect(structuredContent?.['columns']).toContainEqual(
      expect.objectContaining({
        name: 'amount',
        masked: true,
        types: ['positive: domain of numeric CHECK (VALUE > [masked]::numeric)'],
      }),
    );
  });

  it('parents and children', async () => {
    expect(await schema('child')).toContain('\ninherits from public.parent\n');
    expect(await schema('parent')).toContain('children: 1 in total');
    expect(await schema('parts_2026')).toContain('\npartition of public.parts\n');
  });

  it('partitions of partitions are counted', async () => {
    expect(await schema('parts')).toContain('partitions: 2 in total');
  });
});

describe('health', () => {
  it('names an open prepared transaction', async () => {
    await admin.query(`begin; insert into parent values (1); prepare transaction 'gid1'`);
    const health = await server.call('get_database_health', {});
    await admin.query(`rollback prepared 'gid1'`);
    expect(health.content[0]?.text).toMatch(
      /prepared transaction 'gid1' of postgres in shop has been open for [\d.]+ s.*ROLLBACK PREPARED 'gid1';/,
    );
    expect(health.structuredContent).toMatchObject({ status: 'ok' });
    const after = await server.call('get_database_health', {});
    expect(after.content[0]?.text).not.toContain('prepared transaction');
  });
});
