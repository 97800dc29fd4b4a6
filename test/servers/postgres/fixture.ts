import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { Client } from 'pg';

const extensions = `
  create extension dblink; create extension tablefunc; create extension pgcrypto; create extension pg_trgm;
  create extension hstore; create extension citext; create extension "uuid-ossp"; create extension lo;
  create extension file_fdw; create extension pg_stat_statements; create extension cube; create extension earthdistance;
`;

/** Objects that a guard must consider: functions, operators, casts, views and policies that do more than they seem to. */
const traps = `
  create function touch() returns int language sql volatile as 'update customers set country = country; select 1';
  create function touch_row(o orders) returns int language sql volatile as 'select 1';
  create function sneaky_notify() returns int language plpgsql stable as
    $$ begin perform pg_notify('canary', 'x'); return 1; end $$;
  create function sneaky_lock(n int) returns bool language sql stable as 'select pg_try_advisory_lock(n)';
  create function sneaky_text(q text) returns int language plpgsql stable as $$ declare r int; begin execute q into r; return r; end $$;
  create function sneaky_twice() returns int language sql stable as 'select sneaky_notify()';
  create function sneaky_dblink() returns text language sql stable security definer as
    $$ select dblink_exec('dbname=postgres', 'select 1') $$;
  create function sneaky_atomic() returns int language sql stable begin atomic select nextval('counter')::int; end;
  create function sneaky_plus(a int, b int) returns int language plpgsql immutable as
    $$ begin perform pg_notify('canary', 'op'); return a + b; end $$;
  create operator @+ (leftarg = int, rightarg = int, function = sneaky_plus);
  create operator @- (leftarg = int, rightarg = int, function = plain_sum);
  create aggregate sneaky_sum (int) (sfunc = sneaky_plus, stype = int, initcond = '0');
  create aggregate honest_sum (int) (sfunc = plain_sum, stype = int, initcond = '0');
  create domain sneaky_domain as int check (sneaky_plus(value, 1) > 0);
  create type pair as (a int, b int);
  create function pair_of(int) returns pair language plpgsql immutable as
    $$ begin perform pg_notify('canary', 'cast'); return row($1, $1)::pair; end $$;
  create cast (int as pair) with function pair_of(int);
  create view sneaky_view as select pg_notify('canary', 'view')::text as a, 1 as b;
  create view sneaky_view_above as select b from sneaky_view;
  create view sneaky_operator_view as select id @+ 1 as x from employees;
  create view sneaky_sleep_view as select pg_sleep(0)::text as a;
  create table guarded (id int, owner text);
  alter table guarded enable row level security;
  create policy sneaky_policy on guarded for select using (sneaky_notify() = 1);
  create server files foreign data wrapper file_fdw;
  create foreign table passwd (line text) server files options (filename '/etc/hostname');
  create view passwd_view as select line from passwd;
  insert into guarded values (1, 'x');
`;

/** A shop: tables with comments, keys both ways, an enum, a domain, partitions, views, odd names. */
const schema = `
  create type order_status as enum ('new', 'paid', 'failed', 'refunded');
  create domain positive as numeric check (value > 0);
  create table customers (
    id int generated always as identity primary key, email text not null unique, full_name text,
    country char(2) default 'DE', tags text[] default '{}', profile jsonb default '{}', created_at timestamptz default now());
  comment on table customers is 'People who bought something';
  comment on column customers.email is 'Login and contact';
  create table orders (
    id bigint generated always as identity primary key, customer_id int not null references customers (id),
    status order_status not null default 'new', total numeric(12, 2) not null check (total >= 0), error_code text,
    note text, updated_at timestamptz, created_at timestamptz not null default now());
  comment on table orders is 'One row a purchase; failed ones carry error_code';
  create index orders_created_at on orders (created_at);
  create index orders_failed on orders (created_at) where status = 'failed';
  create table payments (
    id uuid primary key default gen_random_uuid(), order_id bigint not null references orders (id),
    amount positive not null, provider text not null, raw json, paid_at timestamp);
  create table events (id bigint, kind text, at timestamptz not null, payload jsonb) partition by range (at);
  create table events_2026_10 partition of events for values from ('2026-10-01') to ('2026-11-01');
  create table events_2026_11 partition of events for values from ('2026-11-01') to ('2026-12-01');
  create table "Order Lines" (id int primary key, "Select" text, "user" text, "insert" int);
  create table employees (id int primary key, name text, manager_id int references employees (id));
  create sequence counter;
  create schema audit;
  create table audit.log (id int, entry text);
  create view failed_orders as select o.id, o.total, c.email from orders o join customers c on c.id = o.customer_id
    where o.status = 'failed';
  create view order_counts as select status, count(*) as orders from orders group by status;
  create materialized view daily as select created_at::date as day, sum(total) as total from orders group by 1;

  create function plain_sum(a int, b int) returns int language sql immutable as 'select a + b';
  create function order_total(o orders) returns numeric language sql stable as 'select o.total';
  create function trigger_fn() returns trigger language plpgsql as $$ begin return new; end $$;

  insert into customers (email, full_name, country, tags, profile)
    select 'c' || i || '@example.com', 'Customer ' || i, (array['DE', 'FR', 'US'])[1 + i % 3], array['t' || i % 4],
      jsonb_build_object('level', i % 5, 'seen', '2026-11-0' || (1 + i % 9)) from generate_series(1, 60) i;
  insert into orders (customer_id, status, total, error_code, note, updated_at, created_at)
    select 1 + i % 60, (array['new', 'paid', 'failed', 'refunded'])[1 + i % 4]::order_status, i * 1.5,
      case when i % 4 = 2 then 'E' || i % 3 end, 'please insert or update; delete nothing -- ' || i,
      timestamptz '2026-11-20 00:00+00' + i * interval '1 minute', timestamptz '2026-11-15 00:00+00' + i * interval '7 minutes'
    from generate_series(1, 1200) i;
  insert into payments (order_id, amount, provider, raw, paid_at)
    select id, total + 1, 'visa', '{"a": 1}', created_at::timestamp from orders where status = 'paid';
  insert into events select i, 'click', timestamptz '2026-10-15 00:00+00' + i * interval '1 hour', '{"n": 1}' from generate_series(1, 700) i;
  insert into "Order Lines" values (1, 'a', 'b', 3);
  insert into employees select i, 'E' || i, nullif(i / 2, 0) from generate_series(1, 15) i;
  select lo_from_bytea(4242, 'canary') where not exists (select from pg_largeobject_metadata where oid = 4242);
  refresh materialized view daily;
  analyze;
`;

export async function connect(url: string): Promise<Client> {
  const client = new Client(url);
  client.on('error', () => undefined); // a crash of the server is part of some tests
  await client.connect();
  return client;
}

export async function createShop(url: string, include: { extensions: boolean } = { extensions: true }): Promise<void> {
  const client = await connect(url);
  try {
    if (include.extensions) await client.query(extensions);
    await client.query(schema);
    if (include.extensions) await client.query(traps);
  } finally {
    await client.end();
  }
}

/** A role that may read everything here and do nothing else. */
export async function createReader(url: string, role: string): Promise<{ user: string; password: string }> {
  const client = await connect(url);
  const password = 'reader-password';
  try {
    await client.query(`
      do $$ begin create role ${role} login password '${password}'; exception when duplicate_object then null; end $$;
      grant usage on schema public, audit to ${role};
      grant select on all tables in schema public, audit to ${role};
      grant select on all sequences in schema public to ${role};`);
  } finally {
    await client.end();
  }
  return { user: role, password };
}

const stateQueries = [
  `select string_agg(schemaname || sequencename || coalesce(last_value::text, '-'), '|' order by 1) from pg_sequences`,
  `select md5(string_agg(loid || '/' || pageno || encode(data, 'hex'), '|' order by loid, pageno)) from pg_largeobject`,
  `select count(*) from pg_largeobject_metadata`,
  `select md5(string_agg(a::text, '|' order by oid)) from pg_authid a`,
  `select md5(string_agg(s::text, '|' order by s::text)) from pg_db_role_setting s`,
  `select md5(string_agg(f::text, '|' order by seqno)) from pg_file_settings f`,
  `select count(*) || max(oid::text) from pg_proc`,
  `select count(*) from pg_class`,
  `select string_agg(nspname, '|' order by nspname) from pg_namespace`,
  `select string_agg(datname, '|' order by datname) from pg_database`,
  `select count(*) from pg_replication_slots`,
  `select count(*) from pg_prepared_xacts`,
  `select count(*) from pg_locks where locktype = 'advisory'`,
  `select string_agg(extname, '|' order by extname) from pg_extension`,
  `select string_agg(evtname, '|') from pg_event_trigger`,
  `select pg_is_wal_replay_paused() from (select 1) x where pg_is_in_recovery()`,
  `select string_agg(subname, '|') from pg_subscription`,
  `select string_agg(roname, '|') from pg_replication_origin`,
];

/** A digest of everything a statement could change. `folders` are watched for new files. */
export async function stateHash(client: Client, folders: readonly string[] = []): Promise<string> {
  const hash = createHash('sha256');
  const { rows: tables } = await client.query<{ name: string }>(
    `select oid::regclass::text as name from pg_class where relkind in ('r', 'm')
      and relnamespace in ('public'::regnamespace, 'audit'::regnamespace) order by 1`,
  );
  const digests = tables.map(
    ({ name }) => `select '${name}', md5(string_agg(t::text, '|' order by t::text)) from ${name} t`,
  );
  const { rows: contents } = await client.query(digests.join(' union all '));
  hash.update(JSON.stringify(contents));
  for (const query of stateQueries) {
    const { rows } = await client.query<unknown[]>({ text: query, rowMode: 'array' });
    hash.update(JSON.stringify(rows));
  }
  for (const folder of folders) hash.update(JSON.stringify((await readdir(folder)).sort()));
  return hash.digest('hex');
}
