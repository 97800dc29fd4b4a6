import { existsSync } from 'node:fs';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../../stack/database/cluster.ts';
import { dbaQueries } from './dba-queries.ts';
import { createStub } from './extensions.ts';
import { connect } from '../fixture.ts';
import { PostgresServer } from '../server.ts';

const debian = '/usr/lib/postgresql/15/bin';
const versions = [
  { version: 18, binaries: undefined, there: true },
  { version: 15, binaries: debian, there: existsSync(debian) },
] as const;

/** Functions marked volatile as in the extensions, over their views. What they would measure does not matter here. */
const stubs: Readonly<Record<string, readonly string[]>> = {
  pg_wait_sampling: ['pg_wait_sampling_get_profile()', 'pg_wait_sampling_get_current(int)', 'pg_wait_sampling_get_history()'],
  pg_stat_kcache: ['pg_stat_kcache()'],
  pg_qualstats: ['pg_qualstats()', 'pg_qualstats_names()', 'pg_qualstats_example_query(int8)'],
  hypopg: ['hypopg()', 'hypopg_list_indexes()', 'hypopg_relation_size(oid)', 'hypopg_get_indexdef(oid)'],
  pg_proctab: ['pg_loadavg()', 'pg_memusage()', 'pg_cputime()'],
  timescaledb: ['hypertable_size(regclass)', 'hypertable_index_size(regclass)', 'hypertable_approximate_size(regclass)', 'hypertable_approximate_detailed_size(regclass)', 'hypertable_detailed_size(regclass)', 'chunks_detailed_size(regclass)', 'approximate_row_count(regclass)'],
  citus: ['citus_total_relation_size(regclass, bool)', 'citus_table_size(regclass)', 'citus_relation_size(regclass)', 'citus_shard_sizes()'],
}; // prettier-ignore

describe.each(versions)(
  "operators' queries on PostgreSQL $version, with pg_monitor",
  ({ version, binaries, there }) => {
    let cluster: Cluster;
    let admin: Client;
    let server: PostgresServer;

    beforeAll(async () => {
      if (!there) return;
      cluster = await startCluster({
        ...(binaries !== undefined && { binaries }),
        settings: { shared_preload_libraries: 'pg_stat_statements', max_prepared_transactions: '2' },
      });
      const url = await cluster.createDatabase('shop');
      admin = await connect(url);
      await admin.query(`
      create table orders (id int primary key, total numeric); insert into orders select i, i from generate_series(1, 500) i;
      create sequence numbers; analyze;
      create extension pg_stat_statements; create extension pg_buffercache; create extension pgstattuple;
      create extension pg_freespacemap; create extension pg_visibility; create extension postgres_fdw;
      create role mon login password 'mon'; grant pg_monitor to mon; grant pg_stat_scan_tables to mon;
      grant select on all tables in schema public to mon`);
      for (const [extension, functions] of Object.entries(stubs))
        await createStub(
          admin,
          extension,
          Object.fromEntries(
            functions.map((signature) => [
              `function ${signature}`,
              `create function ${signature} returns int8 language sql volatile as 'select 1::int8'`,
            ]),
          ),
        );
      await createStub(admin, 'pg_partman', {
        'function check_epoch_type(text)': `create function check_epoch_type(p text) returns bool language plpgsql immutable
        security definer set search_path = pg_catalog as $$ begin return p in ('none', 'seconds'); end $$`,
        'table part_config': `create table part_config (parent_table text, retention text, epoch text default 'none'
        constraint part_config_epoch check (check_epoch_type(epoch)))`,
      });
      await admin.query(`
      create view citus_tables as select relname, citus_total_relation_size(oid, false) as size from pg_class where relkind = 'r';
      create view pg_wait_sampling_profile as select 'Lock'::text as event_type, 'x'::text as event, pg_wait_sampling_get_profile() as count;
      insert into part_config values ('public.orders', '30 days');
      grant select on all tables in schema public to mon`);
      server = await PostgresServer.start({ DATABASE_URL: cluster.url('shop', { user: 'mon', password: 'mon' }) });
    });

    afterAll(async () => {
      await server?.close();
      await admin?.end();
      await cluster?.stop();
    });

    it.runIf(there)('is answered', async () => {
      const refused: string[] = [];
      for (const { from, sql, since = 0, until = Infinity } of dbaQueries) {
        if (version < since || version > until) continue;
        const answer = await server.call('query_database', { query: sql });
        if (answer.isError === true) refused.push(`${from}: ${sql}\n${answer.content[0]?.text}`);
      }
      expect(refused).toEqual([]);
    });

    it.runIf(there)('about monitoring extensions, partitions and shards run', async () => {
      for (const query of [
        ...Object.values(stubs)
          .flat()
          .map(
            (signature) =>
              `select ${signature
                .replace('regclass', "'orders'::regclass")
                .replace(/\b(?:oid|int8?)\b/, '1')
                .replace('bool', 'false')}`,
          ),
        'select event_type, event, sum(count) from pg_wait_sampling_profile group by 1, 2',
        "select hypertable_index_size('orders_pkey'), hypertable_approximate_size('orders')",
        'select * from citus_tables',
        'select parent_table, retention from part_config',
      ])
        await server.query(query);
    });

    it.runIf(there)('do not open what the server reserves for superusers', async () => {
      for (const query of [
        'select * from pg_hba_file_rules',
        'select * from pg_file_settings',
        'select rolpassword from pg_authid',
        "select pg_read_file('postgresql.conf')",
        "select pg_ls_dir('.')",
        'select pg_stat_statements_reset()',
        'select pg_log_backend_memory_contexts(1)',
      ])
        expect(await server.refusal(query)).toMatchObject({ code: 'refused_by_guard' });
    });

    it.runIf(there)('leave no seed behind', async () => {
      const query = 'select random() from generate_series(1, 3)';
      await server.query('select setseed(0.5)');
      const first = (await server.query(query)).rows;
      await server.query('select setseed(0.5)');
      expect((await server.query(query)).rows).not.toEqual(first);
      const seeded = 'select random() from (select setseed(0.25)) s, generate_series(1, 3)';
      expect((await server.query(seeded)).rows).toEqual((await server.query(seeded)).rows);
    });
  },
);

it('number a hundred, from many sources', () => {
  expect(new Set(dbaQueries.map(({ sql }) => sql)).size).toBeGreaterThanOrEqual(100);
  expect(new Set(dbaQueries.map(({ from }) => from)).size).toBeGreaterThanOrEqual(20);
});
