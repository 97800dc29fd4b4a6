/** Tables whose masked values contain `canary` or start with 770012, and every object derived from them. */
export const setup = `
  create table cust (
    id int primary key, email text unique, name text, note json, email_lc text generated always as (lower(email)) stored,
    tsv tsvector generated always as (to_tsvector('simple', coalesce(email, ''))) stored);
  insert into cust (id, email, name) values (1, 'Canary1@corp.com', 'Ann'), (2, 'Canary2@corp.com', 'Bob'), (3, null, 'Cy');
  alter table cust add column added text default 'canary-added';
  create table cust_ref (id int primary key, e text unique references cust (email), qty int default 1);
  create table cust_ref_below (id int, e2 text references cust_ref (e));
  insert into cust_ref values (1, 'Canary1@corp.com', 5);
  insert into cust_ref_below values (1, 'Canary1@corp.com');
  create domain cust_domain as cust;
  create type wrapped as (w cust, n int);
  create type wrapped_twice as (inside wrapped[], n int);
  create table cust_history (hid int primary key, old_row cust, all_rows cust[], at date default '2026-01-01');
  insert into cust_history select c.id, c, array[c] from cust c;
  create table cust_kept (id int, d cust_domain, ds cust_domain[], w wrapped, w2 wrapped_twice);
  insert into cust_kept select c.id, c, array[c::cust_domain], row(c, 1)::wrapped, row(array[row(c, 1)::wrapped], 2)::wrapped_twice from cust c;

  create table patients (id int, region text, diagnosis text, weight int) partition by list (region);
  create table patients_eu partition of patients for values in ('eu');
  create table patients_us partition of patients for values in ('us') partition by list (id);
  create table patients_us_1 partition of patients_us for values in (1, 2, 3);
  insert into patients select 1 + i % 3, (array['eu', 'us'])[1 + i % 2], 'canary-diagnosis-' || i % 4, 60 + i % 30 from generate_series(1, 200) i;
  create table blood (id int, kind text, label text);
  create table blood_child (extra int) inherits (blood);
  create table blood_grandchild () inherits (blood_child);
  insert into blood select i, 'canary-blood-' || i % 3, 'x' from generate_series(1, 60) i;
  insert into blood_child select i, 'canary-blood-' || i % 3, 'x', 1 from generate_series(1, 60) i;
  insert into blood_grandchild select i, 'canary-blood-' || i % 3, 'x', 1 from generate_series(1, 60) i;
  create table stock (id int, label text);
  create table stock_secret () inherits (stock);
  insert into stock values (1, 'open'); insert into stock_secret select 2, 'canary-stock' from generate_series(1, 20);

  create function reveal_all() returns setof text language sql stable as 'select email from public.cust';
  create view v_cust as select id, email from cust;
  create view v_above as select id from v_cust;
  create view v_where as select id from cust where email like 'Canary1%';
  create view v_row as select row_to_json(c) as whole from cust c;
  create view v_generated as select id, email_lc from cust;
  create view v_history as select (old_row).email as mail from cust_history;
  create view v_open as select id, name from cust;
  create view v_counts as select count(*) as customers from cust;
  create view v_named as select id, email as mail, name from cust;
  create view v_sizes as select tablename, attname, null_frac, avg_width from pg_stats where schemaname = 'public';
  create view v_stats as select attname, most_common_vals::text as most from pg_stats;
  create view v_defaults as select adrelid, pg_get_expr(adbin, adrelid) as value from pg_attrdef;
  create view v_attributes as select a.attname, a.attmissingval::text as missing from pg_attribute a;
  create view v_attribute_rows as select row_to_json(a) as whole from pg_attribute a;
  create view v_columns as select table_name, column_default from information_schema.columns;
  create materialized view mpat as select id, diagnosis from patients;
  create materialized view mpat_above as select * from mpat;
  create materialized view m_by_function as select * from reveal_all() as r(said);
  create materialized view m_open as select region, count(*) as n, avg(weight) as weight from patients group by region;

  create table withdef (
    id int, token text default 'canary-default', chk text check (chk <> 'canary-check'),
    open text default 'a' check (open in ('open-a', 'open-b')), amount int default 770012001 check (amount > 770012000),
    constraint both_set check (chk is null or open <> 'canary-both'));
  create domain secret_text as text default 'canary-domain-default' check (value <> 'canary-domain-check');
  create table with_domain (id int, s secret_text);
  create table people (id int primary key, name text, ssn text, born date);
  create index people_part on people (name) where ssn = 'canary-900';
  create index people_expr on people ((ssn || 'canary-expr'));
  create index people_open on people (born) where name <> 'nobody';
  create statistics people_mcv (mcv) on name, ssn from people;
  create statistics people_expressions on (ssn || 'canary-stat'), (name || 'x') from people;
  insert into people select i, 'N' || i % 3, 'canary-ssn-' || i % 4, '1990-01-01' from generate_series(1, 200) i;
  create function noop() returns trigger language plpgsql as $$ begin return new; end $$;
  create trigger people_trigger before insert on people for each row when (new.ssn = 'canary-trigger') execute function noop();
  create rule people_rule as on update to people where new.ssn = 'canary-rule' do instead nothing;
  create publication people_published for table people where (ssn <> 'canary-published');
  create table p_parent (id int, secret text) partition by list (secret);
  create table p_a partition of p_parent for values in ('canary-bound');
  create table p_number (n int, x int) partition by range (n);
  create table p_number_1 partition of p_number for values from (770012340) to (770012399);
  insert into p_parent values (1, 'canary-bound'); insert into p_number values (770012350, 1);

  create table guarded (id int, owner_mail text);
  insert into guarded values (1, 'canary-owner');
  alter table guarded enable row level security;
  create policy see on guarded for select using (owner_mail <> 'canary-policy');
  create table fragile (id int, code text);
  insert into fragile values (1, 'canary-cast');
  alter table fragile enable row level security;
  create policy see on fragile for select using (code::int > 0);
  create function complain(text) returns boolean language plpgsql stable as
    $$ begin raise exception 'no access with %', $1 using detail = $1, hint = $1; end $$;
  create table loud (id int, code text);
  insert into loud values (1, 'canary-raised');
  alter table loud enable row level security;
  create policy see on loud for select using (complain(code));

  create table account (no serial, label text);
  select setval('account_no_seq', 770012345); insert into account (label) values ('a');
  create table account_identity (no int generated always as identity (start 770012400), label text);
  insert into account_identity (label) values ('b');
  create sequence numbers start 770012500;
  create table account_shared (no int default nextval('numbers'), label text);
  insert into account_shared (label) values ('c');
  create sequence visits; select setval('visits', 42);
  create table doc (id int, body oid);
  insert into doc select 1, lo_from_bytea(0, 'canary-object');
  create schema "sch.ema";
  create table "sch.ema"."ta.ble" ("co.l" text, "other" text, "a,b" text);
  insert into "sch.ema"."ta.ble" values ('canary-dots', 'open', 'canary-comma');
  create table "Mixed Case" (id int primary key, "Se cret" text, "select" text);
  insert into "Mixed Case" values (1, 'canary-mixed', 'open');
  create table orders (id int primary key, cust_id int references cust (id), total numeric, placed date default '2026-01-01');
  insert into orders select i, 1 + i % 3, i * 10 from generate_series(1, 30) i;
  create table waiting (id int);
`;

/** For PostgreSQL 18 only. */
export const setup18 = `
  create table virtual_cust (id int, email text, email_lc text generated always as (lower(email)) virtual);
  insert into virtual_cust (id, email) values (1, 'Canary-virtual@corp.com');
`;

export const masks = [
  'cust.email', 'cust.added', 'patients.diagnosis', 'public.blood.kind', 'stock_secret.label', 'v_named.mail', 'withdef.token',
  'withdef.chk', 'withdef.amount', 'with_domain.s', 'people.ssn', 'p_parent.secret', 'p_number.n', 'guarded.owner_mail', 'fragile.code',
  'loud.code', 'account.no', 'account_identity.no', 'account_shared.no', 'doc.body', '"sch.ema"."ta.ble"."co.l"',
  '"sch.ema"."ta.ble"."a,b"', '"Mixed Case"."Se cret"',
]; // prettier-ignore
