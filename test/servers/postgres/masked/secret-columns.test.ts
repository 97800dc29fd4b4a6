import type { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../database.ts';
import { connect } from '../fixture.ts';
import { PostgresServer } from '../server.ts';

let admin: Client;
/** As the owner, who may read all columns. */
let server: PostgresServer;
let reader: PostgresServer;

beforeAll(async () => {
  const database = await createTestDatabase('empty');
  admin = await connect(database.adminUrl);
  await admin.query(`
    create subscription feed connection 'host=127.0.0.1 password=hunter2' publication p with (connect = false, slot_name = none);
    create extension postgres_fdw;
    create server far foreign data wrapper postgres_fdw;
    create user mapping for ${database.reader.user} server far options (user 'me', password 'hunter2');
    create view feeds as select subname, subenabled from pg_subscription;
    create view feeds_all as select * from pg_subscription;
    create view feeds_rows as select s::text as row from pg_subscription s;
    create view feeds_renamed as select x from pg_subscription as t (a, b, c, d, e, f, g, h, i, j, k, l, m, x);
    create function feed_names() returns setof name language sql stable as 'select subname from pg_subscription';
    grant select on all tables in schema public to ${database.reader.user}`);
  server = await PostgresServer.start({ DATABASE_URL: database.adminUrl, DB_ALLOW_SUPERUSER: '1' });
  reader = await PostgresServer.start({ DATABASE_URL: database.readerUrl });
});

afterAll(async () => {
  await server?.close();
  await reader?.close();
  await admin?.query('alter subscription feed disable; drop subscription feed');
  await admin?.end();
});

it.each([
  'select * from pg_subscription',
  'table pg_subscription',
  'select subconninfo from pg_subscription',
  'select s."subconninfo" from pg_catalog.pg_subscription s',
  'select (s).subconninfo from pg_subscription s',
  'select s.* from pg_subscription s',
  'select (s.*)::text from pg_subscription s',
  'select s from pg_subscription s',
  'select pg_subscription from pg_subscription',
  'select pg_catalog.pg_subscription from pg_catalog.pg_subscription',
  'select s::text from pg_subscription s',
  'select row_to_json(s) from pg_subscription s',
  'select to_jsonb(s) from pg_subscription s',
  'select s.row_to_json from pg_subscription s',
  'select s.to_jsonb from pg_subscription s',
  'select (s).to_jsonb from pg_subscription s',
  'select array_agg(s) from pg_subscription s',
  'select json_agg(s) from pg_subscription s',
  "select string_agg(s::text, '') from pg_subscription s",
  'select max(n) from pg_subscription as t (a, b, c, d, e, f, g, h, i, j, k, l, m, n)',
  'select j from (pg_subscription s join pg_database d on true) j',
  'select j.* from (pg_subscription s cross join pg_database d) j',
  'select row_to_json(j) from (pg_subscription s join pg_database d on true) as j',
  'select x from (select * from pg_subscription) x',
  'with x as (select * from pg_subscription) select oid from x',
  'with x as (table pg_subscription) select count(*) from x',
  'select (select s) from pg_subscription s',
  'select x.y from pg_subscription s, lateral (select s as y) x',
  "select 1 from pg_subscription s where s::text like '%hunter%'",
  "select 1 from pg_subscription where subconninfo like '%hunter%'",
  'select 1 from pg_subscription order by subconninfo',
  'select 1 from pg_subscription s group by s',
  'select 1 from pg_subscription natural join (select 1) x (subconninfo)',
  'select 1 from pg_subscription join pg_subscription t using (subconninfo)',
  'select exists (select * from pg_subscription s where s is not null)',
  'explain analyze select * from pg_subscription',
  'select * from feeds_all',
  'select * from feeds_rows',
  'select * from feeds_renamed',
  'select feed_names()',
  'select * from pg_user_mappings',
  'select umoptions from pg_user_mappings',
  'select m from pg_user_mappings m',
  'select m.umoptions[1] from pg_user_mappings m',
  'select (pg_options_to_table(umoptions)).* from pg_user_mappings',
  'select u.srvname, o.* from pg_user_mappings u, pg_options_to_table(u.umoptions) o',
  'select umoptions from pg_user_mapping',
  'select * from pg_user_mapping',
  'select * from information_schema.user_mapping_options',
  'select * from information_schema._pg_user_mappings',
])('is not shown: %s', async (query) => {
  for (const role of [server, reader]) {
    const answer = await role.call('query_database', { query });
    expect(JSON.stringify(answer)).not.toContain('hunter2');
    expect(answer.structuredContent?.['error']).toMatchObject({ code: 'refused_by_guard' });
  }
});

it.each([
  'select oid, subname, subenabled, subslotname from pg_subscription',
  'select count(*) from pg_subscription',
  'select s.subname, d.datname from pg_subscription s join pg_database d on d.oid = s.subdbid order by s.subname',
  'select x.* from (select subname, subenabled from pg_subscription) x',
  'select subname, r.srsubstate, r.srrelid::regclass from pg_subscription s left join pg_subscription_rel r on r.srsubid = s.oid',
  'with s as (select subname from pg_subscription) select * from s',
  'select s.subname, t.* from pg_subscription s left join pg_stat_subscription t on t.subid = s.oid where false',
  'select exists (select 1 from pg_subscription where subenabled)',
  'select array_agg(subname order by subname), bool_or(subenabled) from pg_subscription',
  'select * from feeds',
  'select srvname, usename from pg_user_mappings',
  'select m.srvname, m.usename, m.umid from pg_catalog.pg_user_mappings m where m.usename <> current_user',
  'select srvname, count(*) from pg_user_mappings group by srvname',
  'select * from information_schema.user_mappings',
  'select srvname, srvoptions from pg_foreign_server',
])('the rest is shown: %s', async (query) => {
  for (const role of [server, reader]) await role.query(query);
});
