/** A realistic database with custom types, domains, operators, aggregates, policies and functions. */
export const analyticsSchema = String.raw`
create extension pgcrypto; create extension pg_trgm; create extension hstore; create extension citext; create extension "uuid-ossp";
create extension cube; create extension earthdistance; create extension unaccent; create extension ltree; create extension fuzzystrmatch;
create extension file_fdw; create extension postgres_fdw; create schema sales; create schema "Weird Schema"; create schema api;
create type sales.status as enum ('new','paid','failed');
create domain email as citext check (value ~ '^[^@]+@[^@]+$');
create function is_iban(text) returns bool language sql immutable as $$ select $1 ~ '^[A-Z]{2}[0-9]{2}' $$;
create domain iban as text check (is_iban(value));
create type money_amount as (amount numeric, currency char(3));
create type floatrange as range (subtype=float8, subtype_diff=float8mi);
create table sales.customers (id int generated always as identity primary key, name text not null, email email, iban iban, country char(2), signup date, tags text[], attrs hstore, path ltree, geo point, manager int, amount money_amount, vr floatrange, mail citext[], system text, nextval int, "random" int);
insert into sales.customers (name,email,iban,country,signup,tags,attrs,path,geo,manager,amount,vr,mail,system,nextval,"random") select 'Name '||i, 'u'||i||'@x.com','DE12'||i, (array['DE','FR','US'])[1+i%3], date '2026-01-01'+i, array['a','b'||i%3], ('k=>'||i)::hstore, ('top.a'||i%4)::ltree, point(i,i), nullif(i/2,0), row(i,'EUR')::money_amount, floatrange(i,i+1), array['A@x']::citext[], 'linux', i, i from generate_series(1,100) i;
create table sales.orders (id bigint primary key, customer_id int references sales.customers(id), status sales.status, total numeric(12,2), created_at timestamptz, updated_at timestamptz, deleted_at timestamptz, "update" text, "delete" int, "insert" text, note text, doc jsonb, tax numeric generated always as (total*0.19) stored);
insert into sales.orders (id,customer_id,status,total,created_at,updated_at,"update","delete","insert",note,doc) select i,1+i%100,(array['new','paid','failed'])[1+i%3]::sales.status,i*1.1,'2026-11-01'::timestamptz+i*interval '1 hour',now(),'u',i,'ins','drop table; '||i,jsonb_build_object('a',i,'items',jsonb_build_array(jsonb_build_object('sku','s'||i%5,'qty',i%3))) from generate_series(1,2000) i;
create table sales.events (id bigint, at timestamptz, kind text) partition by range (at);
create table sales.events_1 partition of sales.events for values from ('2026-01-01') to ('2027-01-01');
insert into sales.events select i,'2026-02-01'::timestamptz+i*interval '1 minute','click' from generate_series(1,500) i;
create table "Weird Schema"."Ünïcode Täble" ("Größe" int, "a""b" text, "space col" int); insert into "Weird Schema"."Ünïcode Täble" values (1,'x',2);
create view sales.paid as select o.*, c.country from sales.orders o join sales.customers c on c.id=o.customer_id where status='paid';
create view sales.recent as select *, now()-created_at as age, random() as r from sales.orders where created_at > now() - interval '100 years';
create materialized view sales.daily as select created_at::date d, count(*) n, sum(total) t, clock_timestamp() as at from sales.orders group by 1;
create server self foreign data wrapper postgres_fdw options (host '127.0.0.1'); create foreign table sales.remote (id int) server self;
create server files foreign data wrapper file_fdw; create foreign table sales.hosts (line text) server files options (filename '/etc/hostname');
create materialized view sales.hosts_cached as select * from sales.hosts;
create function sales.discount(total numeric, pct numeric default 10) returns numeric language plpgsql immutable as $$ declare r numeric; begin if pct > 100 then raise exception 'bad'; end if; r := total * (1 - pct/100); return round(r, 2); end $$;
create function sales.order_age(o sales.orders) returns interval language sql stable as 'select now() - o.created_at';
create function sales.top(n int) returns table (customer_id int, total numeric) language sql stable as 'select o.customer_id, sum(o.total) from sales.orders o group by 1 order by 2 desc limit n';
create function sales.stats(out n bigint, out t numeric) language plpgsql stable as $$ begin select count(*), sum(total) into n, t from sales.orders where status = 'paid' and total::text <> ''; end $$;
create function sales.atomic(a int) returns int language sql immutable begin atomic select a + 1; end;
create function sales.json_total(d jsonb) returns int language sql immutable as $$ select sum((x->>'qty')::int)::int from jsonb_array_elements(d->'items') x $$;
create function sales.loop_sum(n int) returns int language plpgsql immutable as $$ declare s int := 0; begin for i in 1..n loop s := s + i; end loop; return s; end $$;
create function money_add(money_amount, money_amount) returns money_amount language sql immutable as 'select row(($1).amount + ($2).amount, ($1).currency)::money_amount';
create operator + (leftarg=money_amount, rightarg=money_amount, function=money_add);
create aggregate sum (money_amount) (sfunc=money_add, stype=money_amount, initcond='(0,EUR)');
create function money_text(money_amount) returns text language sql immutable as $$ select ($1).amount || ' ' || ($1).currency $$;
create cast (money_amount as text) with function money_text(money_amount) as assignment;
create aggregate sales.product(numeric) (sfunc=numeric_mul, stype=numeric, initcond='1');
create table sales.tenants (id int, tenant text, secret text); insert into sales.tenants values (1,'a','s'),(2,'b','t');
create function api.tenant() returns text language sql stable security definer as $$ select coalesce(current_setting('app.tenant', true), 'a') $$;
create function api.visible(t text) returns bool language plpgsql stable security definer as $$ begin return exists (select 1 from sales.customers where name <> t); end $$;
alter table sales.tenants enable row level security; create policy p on sales.tenants for select using (tenant = api.tenant() or api.visible(tenant));
create view sales.tenant_view with (security_invoker) as select id, tenant from sales.tenants;
create rule no_delete as on delete to sales.tenants do instead nothing;
create rule log_ins as on insert to sales.orders do also select pg_notify('x','y');
create function sales.unlabelled() returns trigger language plpgsql as 'begin return new; end';
create index on sales.orders ((lower(note))); create index on sales.orders (sales.discount(total)); create index on sales.customers using gin (tags); create index on sales.customers using gist (path);
comment on table sales.orders is 'Orders; do not DELETE'; comment on column sales.orders.note is 'free text';
create text search configuration de (copy=german);
create sequence sales.seq;
create statistics sales.st on customer_id, status from sales.orders; analyze;
`;

/** Queries against it, one per line, with `search_path` sales, public, api. All must run. */
export const analytics: readonly string[] = String.raw`
select * from orders limit 5
select count(*) from sales.orders
select status, count(*), sum(total), avg(total)::numeric(10,2) from orders group by status order by 2 desc;
select date_trunc('day', created_at at time zone 'Europe/Berlin') as day, count(*) filter (where status='failed') failed, round(100.0*count(*) filter (where status='failed')/count(*),2) pct from orders group by 1 order by 1 desc limit 7
with daily as (select created_at::date d, sum(total) t from orders group by 1) select d, t, avg(t) over (order by d rows between 6 preceding and current row) ma7, t - lag(t) over (order by d) delta from daily order by d limit 5
select customer_id, total, rank() over w, dense_rank() over w, percent_rank() over w, first_value(total) over w, nth_value(total,2) over w from orders window w as (partition by customer_id order by total desc) limit 5
select country, status, sum(total) from orders join customers on customers.id=customer_id group by grouping sets ((country,status),(country),()) order by 1 nulls last,2 nulls last
select coalesce(country,'ALL'), count(*) from customers group by rollup(country)
select grouping(country, status), country, status, count(*) from paid group by cube(country,status)
select c.name, o.* from customers c cross join lateral (select id,total from orders where customer_id=c.id order by total desc limit 2) o limit 4
with recursive chain as (select id, manager, 0 lvl, array[id] way from customers where manager is null union all select c.id, c.manager, lvl+1, way||c.id from customers c join chain on c.manager=chain.id where not c.id = any(way)) select max(lvl), count(*) from chain
select percentile_cont(array[.5,.9,.99]) within group (order by total), mode() within group (order by status) from orders
select width_bucket(total,0,2200,10) b, count(*), min(total), max(total) from orders group by 1 order by 1
select string_agg(distinct status::text, ', ' order by status::text) from orders
select (array_agg(id order by id))[1:3] from orders
select (array_agg(total order by total desc))[1] from orders
select jsonb_path_query_array(doc, '$.items[*].sku') from orders limit 2
select doc->'items'->0->>'sku' sku, sum((doc->'items'->0->>'qty')::int) from orders group by 1
select i->>'sku', count(*) from orders, jsonb_array_elements(doc->'items') i group by 1
select * from orders, jsonb_to_recordset(doc->'items') as x(sku text, qty int) limit 2
select jt.* from orders, json_table(doc, '$.items[*]' columns (n for ordinality, sku text path '$.sku', qty int path '$.qty' default 0 on empty)) jt limit 3
select jsonb_pretty(doc), jsonb_typeof(doc), jsonb_object_keys(doc) from orders limit 2
select json_value(doc, '$.a' returning int), json_query(doc,'$.items' with wrapper), json_exists(doc,'$.a') from orders limit 1
select id from orders where doc @> '{"a": 5}' or doc ? 'zzz' or doc @@ '$.a == 7'
select jsonb_agg(to_jsonb(o) - 'doc') from (select * from orders limit 2) o
select to_char(total,'FM999G990D00'), to_char(created_at,'YYYY-MM-DD"T"HH24:MI:SSOF'), to_number('1,2','9,9') from orders limit 1
select format('%s: %I %L %10s|%-10s|', name, 'col', name, 'a', 'b') from customers limit 1
select encode(digest(name,'sha256'),'hex'), encode(hmac(name,'k','sha1'),'base64'), md5(name), sha256(name::bytea) from customers limit 1
select gen_random_uuid(), uuidv7(), uuidv4(), uuid_extract_timestamp(uuidv7()), uuid_generate_v1()
select now(), clock_timestamp(), statement_timestamp(), transaction_timestamp(), timeofday(), random(), random(1,10), random_normal()
select extract(isodow from created_at), extract(epoch from age(created_at)), date_part('week',created_at) from orders limit 1
select created_at at time zone 'UTC' at time zone 'America/New_York', timezone('Asia/Tokyo', created_at) from orders limit 1
select date_bin('15 min', created_at, '2026-01-01') b, count(*) from orders group by b order by b limit 3
select d::date, coalesce(n,0) from generate_series('2026-11-01'::timestamptz,'2026-11-10','1 day') d left join (select created_at::date x, count(*) n from orders group by 1) q on q.x=d::date
select * from generate_series(1,10,3) with ordinality
select n, n*n from generate_series(1,5) as g(n) where n between 2 and 4
select * from orders tablesample bernoulli(5) limit 1
select name, similarity(name,'Name 5') s from customers where name % 'Name 5' order by name <-> 'Name 5' limit 3
select levenshtein('a','b'), soundex('x'), metaphone('Thomas',4), dmetaphone('x')
select unaccent('Größe'), unaccent('unaccent','é')
select path, nlevel(path), subpath(path,0,1) from customers where path <@ 'top' limit 2
select attrs->'k', akeys(attrs), hstore_to_json(attrs), attrs ? 'k', attrs @> 'k=>1' from customers limit 1
select each(attrs) from customers limit 1
select email, lower(email), email = 'U1@X.COM' from customers limit 1
select 'a@b.c'::email, 'DE12x'::iban, cast('x@y.z' as email)
select count(*) from customers where iban = 'DE121' or iban in ('DE122','DE123')
select amount, (amount).amount, (amount).currency, amount::text from customers limit 1
select sum(amount) from customers
select amount + amount from customers limit 1
select row(5,'EUR')::money_amount, '(1,USD)'::money_amount
select vr, lower(vr), vr @> 5.5::float8, floatrange(1,2) && vr, '[1,3)'::floatrange from customers limit 1
select mail, mail[1], 'a@x' = any(mail), '{a,b}'::citext[] from customers limit 1
select system, nextval, random, customers.system, customers.nextval, customers.random from customers limit 1
select c.system, c.nextval from customers c limit 1
select "update","delete","insert" from orders limit 1
select o."update", o."delete" as "truncate", updated_at, deleted_at from orders o where deleted_at is null limit 1
select * from "Weird Schema"."Ünïcode Täble" where "Größe" = 1
select "a""b", "space col", U&"Gr\00F6\00DFe" from "Weird Schema"."Ünïcode Täble"
select discount(total), sales.discount(total, 20), sales.discount(total => 5, pct => 1) from orders limit 1
select order_age(o), o.order_age from orders o limit 1
select * from sales.top(3)
select (sales.stats()).*
select n from sales.stats()
select sales.atomic(1), sales.json_total(doc), sales.loop_sum(10) from orders limit 1
select sales.product(total) from (select total from orders limit 3) x
select * from paid limit 1
select count(*) from recent
select * from daily order by d limit 2
select * from hosts_cached
select * from events where at >= '2026-02-01' limit 1
select * from events_1 limit 1
select tableoid::regclass, ctid, xmin from events limit 1
select * from tenants
select * from tenant_view
select has_table_privilege(current_user,'sales.orders','select'), row_security_active('sales.tenants')
select 1; -- done
/* monthly report: please do not delete */ select 1
select 'it''s; drop table x' as t, E'a\'b\\n', $$ ; delete $$, $q$ $$ $q$
select 1 as "select"
(select 1 union select 2) except select 3 order by 1
table orders limit 1
values (1,'a'),(2,'b')
select * from (values (1,'a'),(2,'b')) v(id,n) join customers using (id)
select * from orders natural join (select id from orders limit 1) x
select * from orders o full join customers c on c.id=o.customer_id where c.id is null or o.id is null limit 1
select id from orders where (customer_id,status) in (select customer_id, max(status) from orders group by 1) limit 2
select id from orders where exists (select from customers c where c.id=customer_id and country='DE') limit 1
select case status when 'paid' then 'ok' when 'failed' then 'ko' else 'x' end, case when total>5 then 1 end from orders limit 1
select total between 1 and 5, total not between symmetric 9 and 1, note like 'drop%', note ilike '%DELETE%' escape '\', note similar to 'd%', note ~* 'DROP', note !~ 'x' from orders limit 1
select nullif(total,0), coalesce(deleted_at, now()), greatest(1,2,null), least(total,5) from orders limit 1
select total is distinct from 5, deleted_at is not null, (total>5) is not unknown from orders limit 1
select regexp_replace(note,'\d+','N','g'), regexp_count(note,'o'), regexp_substr(note,'\d+'), regexp_instr(note,'t'), regexp_like(note,'^d') from orders limit 1
select (regexp_matches(note,'(\w+) (\w+)'))[1], regexp_split_to_table('a,b',',') from orders limit 2
select split_part(email::text,'@',2) dom, count(*) from customers group by dom
select substring(name from 1 for 3), substring(name from '\d+'), overlay(name placing 'x' from 1 for 2), position('a' in name), trim(leading 'N' from name), left(name,2), right(name,2), reverse(name), initcap(name), ascii(name), chr(65), lpad(name,20,'.'), rpad(name,20), repeat('-',10), translate(name,'a','b'), strpos(name,'a'), starts_with(name,'N'), concat_ws(',',name,country), quote_literal(name), quote_nullable(null) from customers limit 1
select to_tsvector('english',note) @@ websearch_to_tsquery('drop -x'), ts_rank_cd(to_tsvector(note),'drop'), ts_headline('english',note,to_tsquery('drop')) from orders limit 1
select to_tsvector('de','Häuser'), plainto_tsquery('de','haus'), phraseto_tsquery('a b'), setweight(to_tsvector('a'),'A'), strip(to_tsvector('a b')), numnode('a&b'::tsquery), querytree('a'::tsquery), tsvector_to_array(to_tsvector('a b'))
select * from ts_debug('english','a cat'), ts_parse('default','a b') limit 3
select * from ts_token_type('default') limit 1
select name collate "C" < 'x' from customers limit 1
select int4range(1,5) * int4range(3,9), range_merge(int4range(1,2), int4range(5,6)), int4multirange(int4range(1,2),int4range(4,5)), range_agg(int4range(id::int,id::int+1)), unnest('{[1,2),[4,5)}'::int4multirange) from orders where id<3
select tstzrange(created_at, updated_at) && tstzrange('2026-01-01','2027-01-01'), isempty('empty'::int4range), lower_inc(int4range(1,2)) from orders limit 1
select daterange(signup, signup+30) -|- daterange(signup+30, signup+60), signup + interval '1 month', signup - 7, signup - date '2026-01-01', age(signup), justify_interval('400 days'), make_date(2026,1,1), make_timestamptz(2026,1,1,0,0,0), isfinite(signup), to_timestamp(0) from customers limit 1
select tags && array['a'], tags @> '{a}', array_length(tags,1), array_position(tags,'a'), array_remove(tags,'a'), array_to_string(tags,','), unnest(tags), array_append(tags,'z'), array_cat(tags,tags), cardinality(tags), array_dims(tags), array_shuffle(tags), array_sample(tags,1), trim_array(tags,1), array_sort(tags), array_reverse(tags) from customers limit 1
select earth_distance(ll_to_earth(1,1), ll_to_earth(2,2)), cube(1,2), geo <-> point(0,0), geo[0], circle(geo,1), box(geo,geo), '(1,2)'::point <@ '((0,0),(5,5))'::box from customers limit 1
select inet '10.0.0.1/8', host('10.0.0.1'), masklen('10.0.0.0/8'), '10.1.1.1'::inet << '10.0.0.0/8', cidr '10/8', macaddr '08:00:2b:01:02:03', abbrev(cidr '10.0.0.0/8'), inet_same_family('1.1.1.1','::1')
select corr(id,total), covar_samp(id,total), regr_r2(id,total), stddev_pop(total), var_samp(total), bool_or(total>5), bit_or(id), every(true), count(distinct customer_id), any_value(status) from orders
select sqrt(2), cbrt(8), power(2,10), exp(1), ln(2), log(2,8), mod(7,3), div(7,3), gcd(4,6), lcm(4,6), sign(-1), trunc(1.5), round(2.567,2), ceil(1.1), degrees(pi()), sin(1), atan2(1,1), factorial(5), scale(1.20), trim_scale(1.20), min_scale(1.2), erf(1), gamma(5)
select 5/2, 5.0/2, 5%2, 2^3, |/4, ||/8, @ -5, 5 & 3, 5 | 2, 5 # 1, ~1, 1<<4, -7 >> 1
select crosstab.* from (select customer_id, count(*) filter (where status='paid') paid, count(*) filter (where status='failed') failed from orders group by 1) crosstab limit 2
select hashtext('a'), hashtextextended('a',0), crc32('a'), crc32c('a'), get_bit('\x01'::bytea,0), bit_count('\xff'::bytea), bit_length('a'), octet_length('ä'), char_length('ä')
select pg_typeof(total), pg_column_size(doc), pg_column_compression(doc) from orders limit 1
select num_nulls(deleted_at, note), num_nonnulls(1,null) from orders limit 1
select xmlelement(name foo, xmlattributes('a' as b), 'c'), xmlagg(xmlelement(name x, id)) from orders where id<3
select xpath('//a/text()', '<a>1</a>'::xml), xmlserialize(content xmlparse(content '<a/>') as text), xml_is_well_formed('<a/>'), xmlconcat('<a/>','<b/>'), xmlpi(name php), xmlroot(xml '<a/>', version '1.0')
select * from xmltable('/r/i' passing ('<r><i a="1"/></r>'::xml) columns a int path '@a', n for ordinality)
select any_value(o order by id) from (select * from orders limit 3) o
select max(o.total) filter (where o.status='paid') over (partition by o.customer_id) from orders o limit 1
select sum(total) over (order by created_at range between interval '1 day' preceding and current row) from orders limit 1
select sum(total) over (order by id groups between 1 preceding and 1 following exclude current row) from orders limit 1
select lag(total,1,0) over (order by id) from orders limit 1
select row_to_json(t) from (select id,total from orders limit 2) t
select json_agg(json_build_object('id',id,'t',total)) from (select * from orders limit 2) x
select json_object_agg(id,total), jsonb_object_agg_unique(id,total) from (select * from orders limit 2) x
select json_array(1,2,null null on null), json_object('a':1, 'b': null absent on null), json_scalar(1), json('{"a":1}'), json_serialize('{}')
select '{"a":1}' is json object, '[1]' is json array with unique keys
select merge_action from (select 1 merge_action) x
select * from (select id, row_number() over (partition by customer_id order by created_at desc) rn from orders) x where rn = 1 limit 3
select distinct on (customer_id) customer_id, id, total from orders order by customer_id, created_at desc limit 3
select count(*) from orders where created_at >= now() - interval '24 hours' and status = 'failed'
select count(*) > 5 as alert from orders where status='failed' and created_at >= timestamptz '2026-11-20' - interval '1 day'
select * from orders order by created_at desc nulls last offset 5 rows fetch next 3 rows only
select * from orders order by status using >, id limit 1
select * from orders where id = any('{1,2,3}'::bigint[])
select * from orders where id = all(array[1])
select array(select id from orders order by id limit 3), (select max(id) from orders), row(1,'a'), (1,2) < (1,3), array[[1,2],[3,4]]
select x.* from unnest(array[1,2], array['a','b']) as x(a,b)
select * from rows from (generate_series(1,3), generate_series(1,2)) as t(a,b)
select string_to_table('a b',' '), generate_subscripts(array[1,2],1)
explain select * from orders where customer_id=5
explain analyze select count(*) from orders
explain (analyze, buffers, format json) select * from orders limit 1
explain (verbose, costs off, settings, generic_plan) select * from orders where id = $1
explain (analyze, memory, serialize text, wal, timing off, summary off) select 1
show all
show server_version
show timezone
show transaction_read_only
show work_mem
select current_setting('work_mem'), current_setting('app.nothing', true), current_schemas(true), current_schema, current_catalog, version(), pg_backend_pid(), inet_server_port()
select * from pg_stat_activity where state='active'
select pid, now()-query_start d, left(query,50) from pg_stat_activity where state <> 'idle' order by 2 desc nulls last
select * from pg_stat_user_tables
select * from pg_stat_user_indexes where idx_scan = 0
select relname, heap_blks_hit, heap_blks_read from pg_statio_user_tables
select * from pg_stat_database where datname = current_database()
select * from pg_stat_bgwriter
select * from pg_stat_checkpointer
select * from pg_stat_wal
select * from pg_stat_io limit 1
select * from pg_stat_replication
select * from pg_replication_slots
select * from pg_stat_progress_vacuum
select * from pg_locks l join pg_stat_activity a using (pid) limit 1
select blocked.pid, pg_blocking_pids(blocked.pid) from pg_stat_activity blocked where cardinality(pg_blocking_pids(blocked.pid)) > 0
select relname, pg_size_pretty(pg_total_relation_size(oid)), pg_size_pretty(pg_indexes_size(oid)), pg_size_pretty(pg_table_size(oid)) from pg_class where relkind='r' order by pg_total_relation_size(oid) desc limit 3
select datname, pg_size_pretty(pg_database_size(datname)) from pg_database where datallowconn and has_database_privilege(datname,'connect')
select spcname, pg_tablespace_size(oid) from pg_tablespace where spcname='pg_default'
select * from pg_indexes where schemaname='sales'
select * from pg_tables limit 1
select * from pg_views where schemaname='sales'
select * from pg_matviews
select * from pg_policies
select * from pg_sequences
select * from pg_settings where name like '%mem%'
select * from pg_roles
select * from pg_user limit 1
select * from pg_group limit 1
select * from pg_extension
select * from pg_available_extensions limit 1
select * from pg_timezone_names limit 1
select * from pg_stats where tablename='orders'
select * from pg_stats_ext
select * from pg_prepared_statements
select * from pg_cursors
select * from pg_rules where schemaname='sales'
select * from pg_publication
select * from pg_aios limit 1
select * from pg_wait_events limit 1
select * from pg_shmem_allocations limit 1
select * from pg_backend_memory_contexts limit 1
select * from pg_control_checkpoint()
select n.nspname, c.relname, a.attname, format_type(a.atttypid,a.atttypmod), col_description(c.oid,a.attnum), pg_get_expr(d.adbin,d.adrelid) from pg_class c join pg_namespace n on n.oid=c.relnamespace join pg_attribute a on a.attrelid=c.oid left join pg_attrdef d on d.adrelid=c.oid and d.adnum=a.attnum where n.nspname='sales' and a.attnum>0 limit 3
select conname, pg_get_constraintdef(oid), conrelid::regclass, confrelid::regclass from pg_constraint where contype='f'
select pg_get_viewdef('sales.paid'::regclass,true), pg_get_functiondef('sales.top'::regproc), pg_get_indexdef(indexrelid), pg_get_ruledef(r.oid) from pg_index, pg_rewrite r limit 1
select proname, prosrc from pg_proc where pronamespace='sales'::regnamespace
select enumlabel from pg_enum where enumtypid='sales.status'::regtype order by enumsortorder
select enum_range(null::sales.status), enum_first(null::status), 'paid'::status < 'failed'
select * from information_schema.columns where table_schema='sales'
select * from information_schema.table_constraints
select tc.table_name, kcu.column_name, ccu.table_name from information_schema.table_constraints tc join information_schema.key_column_usage kcu using (constraint_name) join information_schema.constraint_column_usage ccu using (constraint_name) where constraint_type='FOREIGN KEY'
select * from information_schema.routines where routine_schema='sales'
select * from information_schema.views where table_schema='sales'
select * from information_schema.role_table_grants limit 1
select * from information_schema.schemata
select * from information_schema.sequences
select obj_description('sales.orders'::regclass,'pg_class'), to_regclass('sales.nope'), 'sales.orders'::regclass::oid, to_regtype('int4')
select last_value, is_called from sales.seq
select pg_sequence_last_value('sales.seq'), pg_get_serial_sequence('sales.customers','id')
select * from pg_partition_tree('sales.events')
select pg_is_in_recovery(), pg_current_wal_lsn(), pg_postmaster_start_time(), pg_conf_load_time(), pg_wal_lsn_diff(pg_current_wal_lsn(),'0/0')
select txid_current_if_assigned(), pg_current_snapshot(), pg_snapshot_xmin(pg_current_snapshot()), age(xmin) from orders limit 1
select age(datfrozenxid), datname from pg_database order by 1 desc
select count(*) filter (where not pg_input_is_valid(note,'integer')) from orders
select * from pg_input_error_info('abc','numeric(10,2)')
select * from json_populate_record(null::orders, '{"id":5,"note":"x"}')
select * from jsonb_populate_recordset(null::sales.customers, '[{"id":5,"name":"x"}]')
select (jsonb_populate_record(o, '{"note":"z"}')).note from orders o limit 1
select * from json_to_record('{"a":1,"b":[1,2]}') as x(a int, b int[])
select grp, count(*) from (select ntile(4) over (order by total) grp from orders) x group by grp
with a as (select 1 n), b as materialized (select n+1 m from a) select * from a,b
with recursive f(a,b) as (values (0,1) union all select b, a+b from f where b < 100) select a from f
with recursive g as (select id, manager from customers where id=50 union select c.id,c.manager from customers c, g where c.id=g.manager) cycle id set is_cycle using p select * from g
select sum(case when status='paid' then total else 0 end)/nullif(sum(total),0) from orders
select status, json_agg(distinct customer_id) filter (where total > 2000) from orders group by status having count(*) > 10
select current_date - interval '1 day', current_time, localtimestamp(0), date 'today', 'tomorrow'::date, timestamp 'epoch', 'infinity'::timestamptz
select interval '1 year 2 mons' , interval 'P1Y', make_interval(hours=>2), extract(days from interval '3 days')
select session_user, user, current_role, system_user
select x'ff'::int, b'101', 1e3, .5, 1_000_000, 0x1F, 0o17, 0b11
select cast('5' as int), '5'::int4, int '5', '12.5'::money, 'on'::bool, 't'::boolean, '{1,2}'::int[], numeric 'NaN', 'Infinity'::float8
select lower(name), upper(name) from customers where lower(name) like lower('NAME%') limit 1
select id, note from orders where to_tsvector('simple', note) @@ to_tsquery('simple','drop:*') limit 1
select dblink from (select 'x' as dblink) t
select copy, notify, listen from (select 1 as copy, 2 as notify, 3 as listen) t
select load, lock, vacuum from (select 1 as load, 2 as lock, 3 as vacuum) x
select 'x' as set, 'y' as "grant"
select count(*) as "commit" from orders
select pg_sleep from (select 1 as pg_sleep) s
select t.nextval, t.set_config from (select 1 as nextval, 2 as set_config) t
select bt_index_check from (select 1 as bt_index_check) z
select repeat('█', (n*2)::int) from generate_series(1,3) n
select rpad('',length(name),'*'), lpad(id::text,8,'0') from customers limit 1
select array_fill(0,array[3,3]), array_to_json(array[[1,2]])
select length(repeat('ab',1000))
select max(at) over () - at from (select created_at at from orders limit 3) s
select ' ' || E'\t' || U&'\00e4' || 'é😀'
select count(*) from orders o where not exists (select 1 from orders p where p.customer_id=o.customer_id and p.created_at > o.created_at)
select sum(n) from (select count(*) n from orders union all select count(*) from customers) q
select a.status, b.status from (select distinct status from orders) a cross join (select distinct status from orders) b
select ceil(extract(epoch from max(updated_at)-min(created_at))/3600) from orders
select tax, total*0.19 = tax from orders limit 1
`
  .trim()
  .split('\n');
