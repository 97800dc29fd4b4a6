/** Database objects that do more than they seem to. `$DIR` is a watched folder. */
export const traps = String.raw`
create extension dblink; create extension hstore; create extension file_fdw; create extension pg_visibility;
create extension pg_surgery; create extension pg_prewarm; create extension pg_buffercache; create extension xml2;
create extension tablefunc; create extension pageinspect; create extension pg_walinspect;
create sequence counter;
create table t (id int primary key, a int, b text, email text, total numeric, created_at timestamptz default now(), tags text[], doc jsonb);
insert into t select i, i%7, 'b'||i, 'u'||i||'@x.com', i*1.5, now() - i*interval '1 hour', array['x','y'||i%3], jsonb_build_object('k', i) from generate_series(1,500) i;
create table orders (id int primary key, t_id int references t(id), status text);
insert into orders select i, 1+i%400, (array['new','failed','paid'])[1+i%3] from generate_series(1,1000) i;
create function evil(int) returns int language plpgsql immutable as $$ begin perform pg_notify('canary','evil'||$1); return $1; end $$;
create function evil2(int, int) returns int language plpgsql immutable as $$ begin perform pg_notify('canary','evil2'); return $1+$2; end $$;
create function evil_bool(int, text) returns bool language plpgsql immutable as $$ begin perform pg_notify('canary','evil_bool'); return true; end $$;
create function evil_txt(text,text) returns bool language plpgsql immutable as $$ begin perform pg_notify('canary','evil_txt'); return true; end $$;
create function evil_any(anyelement) returns int language plpgsql immutable as $$ begin perform pg_notify('canary','evil_any'); return 1; end $$;
create operator = (leftarg=int, rightarg=text, function=evil_bool);
create operator >= (leftarg=int, rightarg=text, function=evil_bool);
create operator <= (leftarg=int, rightarg=text, function=evil_bool);
create operator ~~ (leftarg=int, rightarg=text, function=evil_bool);
create operator @@@@ (leftarg=int, rightarg=int, function=evil2);
create function evil_dist(point, text) returns float8 language plpgsql immutable as $$ begin perform pg_notify('canary','dist'); return 1; end $$;
create operator <-> (leftarg=point, rightarg=text, function=evil_dist);
create type pair as (x int, y int);
create function pair_text(pair) returns text language plpgsql immutable as $$ begin perform pg_notify('canary','pair_text'); return 'p'; end $$;
create cast (pair as text) with function pair_text(pair) as implicit;
create function int_pair(int) returns pair language plpgsql immutable as $$ begin perform pg_notify('canary','int_pair'); return row($1,$1)::pair; end $$;
create cast (int as pair) with function int_pair(int);
create function text_date(text) returns date language plpgsql immutable as $$ begin perform pg_notify('canary','text_date'); return '2026-01-01'; end $$;
create cast (text as date) with function text_date(text);
create function pair_json(pair) returns json language plpgsql immutable as $$ begin perform pg_notify('canary','pair_json'); return '{}'; end $$;
create cast (pair as json) with function pair_json(pair);
create table has_pair (id int, p pair); insert into has_pair values (1, row(1,2));
create domain dom as int check (evil(value) > 0);
create domain dom2 as dom;
create type has_dom as (d dom, e int);
create table tab_dom (id int, d dom); insert into tab_dom values (1, 5);
create type dom_range as range (subtype = dom2);
create function takes_dom(d dom) returns int immutable language sql as 'select 1';
create function ret_dom() returns dom immutable language plpgsql as 'begin return 5; end';
create aggregate evil_agg(int) (sfunc=evil2, stype=int, initcond='0');
create aggregate evil_final(int) (sfunc=int4pl, stype=int, initcond='0', finalfunc=evil);
create function h_op() returns int language sql stable as 'select 1 @@@@ 2';
create function h_op_plpgsql() returns int language plpgsql stable as 'begin return 1 @@@@ 2; end';
create function h_cast() returns int language sql stable as $$select '5'::dom::int$$;
create function h_dompl() returns int language plpgsql stable as $$declare d dom := 5; begin return d; end$$;
create view evil_view as select evil(1) as e;
create view evil_cast_view as select id, a::dom as d from t;
create view evil_op_view as select id @@@@ 1 as x from t;
create view notify_view as select pg_notify('canary','v')::text x;
create function h_view() returns int language sql stable as 'select e from evil_view';
create function h_comment() returns text language sql stable as $$select pg_notify/* hi */('canary','x')::text$$;
create function h_comment2() returns text language plpgsql stable as $$begin perform pg_notify -- hi
 ('canary','x'); return 'x'; end$$;
create function h_unicode() returns text language sql stable as $$select U&"pg_n\006ftify"('canary','x')::text$$;
create function h_quoted() returns text language sql stable as $$select pg_catalog."pg_notify"('canary','x')::text$$;
create function h_internal(text,text) returns void language internal stable as 'pg_notify';
create function h_internal_read(text) returns text language internal immutable as 'pg_read_file_all';
create function h_adv(bigint) returns bool language internal immutable as 'pg_try_advisory_lock_int8';
create function h_nextval(regclass) returns bigint language internal stable as 'nextval_oid';
create function pg_catalog.h_catalog() returns int language plpgsql stable as $$ begin perform pg_notify('canary','cat'); return 1; end $$;
create function h_c(text, text) returns text language c stable as '$libdir/dblink', 'dblink_exec';
create function tevil(r t) returns int language plpgsql stable as $$ begin perform pg_notify('canary','row'); return 1; end $$;
create function h_field2() returns int language sql stable as 'select x.tevil from t x limit 1';
create function h_default(int default evil(3)) returns int language sql stable as 'select $1';
create function h_default2(text default pg_notify('canary','default')::text) returns text language sql stable as 'select $1';
create function h_atomic() returns int language sql stable begin atomic select evil(2); end;
create function h_execute() returns int language plpgsql stable as $$ declare r int; begin execute 'select evil(9)' into r; return r; end $$;
create function h_for() returns int language plpgsql stable as $$ declare r record; begin for r in execute 'select evil(9)' loop end loop; return 1; end $$;
create function h_open() returns int language plpgsql stable as $$ declare c refcursor; begin open c for execute 'select evil(9)'; return 1; end $$;
create function h_definer() returns text language sql stable security definer as $$ select dblink_exec('dbname=lab ', 'select 1') $$;
create function h_set() returns int language sql stable set search_path = pg_temp as 'select 1';
create function h_proc() returns int language plpgsql stable as $$ begin call p_evil(); return 1; end $$;
create procedure p_evil() language plpgsql as $$ begin perform pg_notify('canary','p'); end $$;
create function h_variadic(variadic int[]) returns int language plpgsql stable as $$ begin perform pg_notify('canary','variadic'); return 1; end $$;
create function h_srf() returns setof int language plpgsql stable as $$ begin perform pg_notify('canary','srf'); return next 1; end $$;
create function h_q2x() returns xml language sql stable as $$ select query_to_xml('select evil(1)', true,false,'') $$;
create function h_vol() returns int language sql volatile as 'select 1';
create function public.lower(varchar) returns text language plpgsql immutable as $$ begin perform pg_notify('canary','lower'); return 'x'; end $$;
create function public.count(int) returns bigint language plpgsql immutable as $$ begin perform pg_notify('canary','count'); return 1; end $$;
create function public.date_trunc(text, text) returns text language plpgsql immutable as $$ begin perform pg_notify('canary','dt'); return 1; end $$;
create table rls_op (id int, o int); insert into rls_op values (1,1); alter table rls_op enable row level security; create policy p on rls_op for select using ((id @@@@ 1) > 0);
create table rls_fn (id int, o int); insert into rls_fn values (1,1); alter table rls_fn enable row level security; create policy p on rls_fn for select using (evil(id) > 0);
create table rls_view (id int, o int); insert into rls_view values (1,1); alter table rls_view enable row level security; create policy p on rls_view for select using (exists (select from evil_view));
create table rls_cast (id int, o int); insert into rls_cast values (1,1); alter table rls_cast enable row level security; create policy p on rls_cast for select using (id::dom > 0);
create table idx_evil (id int); insert into idx_evil select generate_series(1,100); create index on idx_evil ((id + evil2(1,2)));
create table chk_evil (id int, check (id > evil2(1, -100)));
create table chk_child () inherits (chk_evil); insert into chk_child values (3);
create function pair_cmp(pair,pair) returns int language plpgsql immutable as $$ begin perform pg_notify('canary','cmp'); return 0; end $$;
create function pair_lt(pair,pair) returns bool language plpgsql immutable as $$ begin perform pg_notify('canary','lt'); return false; end $$;
create function pair_eq(pair,pair) returns bool language plpgsql immutable as $$ begin perform pg_notify('canary','eq'); return true; end $$;
create server files foreign data wrapper file_fdw;
create foreign table passwd (line text) server files options (filename '/etc/hostname');
create foreign table prog (line text) server files options (program 'touch $DIR/pwned; echo x');
create view prog_view as select * from prog;
create function h_foreign() returns text language sql stable as 'select line from prog limit 1';
create function h_foreign_pl() returns text language plpgsql stable as 'begin return (select line from public.prog limit 1); end';
create table part (id int, l text) partition by range (id);
create foreign table part1 partition of part for values from (0) to (10) server files options (filename '/etc/hostname');
create view secret_view as select rolname, rolpassword from pg_authid;
create materialized view mv_foreign as select line from passwd;
create materialized view mv_evil as select evil(1) e;

create function evil_diff(int,int) returns float8 language plpgsql immutable as $$ begin perform pg_notify('canary','diff'); return 1; end $$;
create type ren as range (subtype = int4, subtype_diff = evil_diff) ;
create operator <#< (leftarg=pair,rightarg=pair,function=pair_lt);
create operator =#= (leftarg=pair,rightarg=pair,function=pair_eq);
create operator class pair_ops default for type pair using btree as operator 1 <#<, operator 3 =#=, function 1 pair_cmp(pair,pair);
create function sneaky_state(int, text, text) returns int language plpgsql immutable as $$ begin perform pg_notify($2,$3); return 1; end $$;
create aggregate evil_state(text,text) (sfunc=sneaky_state, stype=int);
create aggregate evil_ordered(order by int) (sfunc=evil2, stype=int, initcond='0');
create function h_case() returns int language sql stable as $$select case 1 when 'x'::text then 1 end$$;
create function evil_cmp(int,int) returns int language plpgsql immutable as $$ begin perform pg_notify('canary','cmp'); return $1 - $2; end $$;
create operator class int_evil for type int using btree as operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, function 1 evil_cmp(int,int);
create table indexed_by (a int); create index on indexed_by (a int_evil);
create function evil_hash(int,bigint) returns bigint language plpgsql immutable as $$ begin perform pg_notify('canary','hash'); return $2; end $$;
create operator class int_hash for type int using hash as operator 1 =, function 2 evil_hash(int,bigint);
create table spread (a int) partition by hash (a int_hash); create table spread_1 partition of spread for values with (modulus 1, remainder 0);
`;

/** Statements that run them without naming what they do, one per line. */
export const disguises: Readonly<Record<string, readonly string[]>> = {
  'functions that hide what they do': lines(String.raw`
    select h_foreign()
    select h_foreign_pl()
    select evil(1)
    select evil2(1,2)
    select evil_any(1)
    select evil_any(t) from t
    select t.evil_any from t
    select (t).tevil from t limit 1
    select t.tevil from t limit 1
    select public.t.tevil from public.t limit 1
    select tevil(t) from t limit 1
    select (select x from t x limit 1).tevil
    select (row(1,2)::pair).evil_any
    select (5).evil
    select h_op()
    select h_op_plpgsql()
    select h_cast()
    select h_dompl()
    select h_view()
    select h_comment()
    select h_comment2()
    select h_unicode()
    select h_quoted()
    select h_internal('canary','x')
    select h_internal_read('/etc/hostname')
    select h_adv(5)
    select h_nextval('counter')
    select h_catalog()
    select pg_catalog.h_catalog()
    select h_c('dbname=lab host=127.0.0.1','select 1')
    select h_field2()
    select h_default()
    select h_default2()
    select h_atomic()
    select h_execute()
    select h_for()
    select h_open()
    select h_definer()
    select h_proc()
    select h_variadic(1,2,3)
    select h_variadic(variadic array[1])
    select * from h_srf()
    select h_q2x()
    select h_vol()
    select h_case()
  `),
  'operators nobody wrote': lines(String.raw`
    select 1 @@@@ 2
    select 1 operator(public.@@@@) 2
    select 1 @@@@ any (array[1])
    select 1 @@@@ all (select 1)
    select (1,2) @@@@ (3,4)
    select * from t order by a using @@@@
    select 1 = 'x'::text
    select case 1 when 'x'::text then 1 end
    select 1 in ('x'::text)
    select 1 not in (select 'x'::text)
    select 1 in (select 'x'::text)
    select nullif(1, 'x'::text)
    select 1 is distinct from 'x'::text
    select 1 between 'a'::text and 'b'::text
    select 1 between symmetric 'a'::text and 'b'::text
    select 1 like 'x'::text
    select (1, 2) = ('x'::text, 2)
    select (1, 2) in (('x'::text, 2))
    select point(1,2) <-> 'x'::text
    select lower('X'::varchar)
    select date_trunc('a'::text, 'b'::text)
  `),
  'domains and rows': lines(String.raw`
    create domain evil_d as int
    select '5'::dom
    select 5::dom
    select dom '5'
    select cast(5 as public.dom)
    select '5'::dom2
    select '{5}'::dom[]
    select '{5}'::_dom
    select array[5]::dom[]
    select '(5,1)'::has_dom
    select row(5,1)::has_dom
    select '(1,5)'::tab_dom
    select '[1,5]'::dom_range
    select '{[1,5]}'::dom_multirange
    select dom_range(1,5)
    select null::dom
    select takes_dom(5)
    select ret_dom()
    select json_populate_record(null::has_dom, '{"d":5}')
    select jsonb_populate_record(null::tab_dom, '{"d":5}')
    select jsonb_populate_record(td, '{"d":5}') from tab_dom td
    select * from jsonb_populate_recordset(null::has_dom, '[{"d":5}]')
    select * from json_to_record('{"d":5}') as x(d dom)
    select * from jsonb_to_recordset('[{"d":{"d":5}}]') as x(d has_dom)
    select * from json_table('[{"d":5}]'::jsonb, '$[*]' columns (d dom path '$.d'))
    select json_value('{"d":5}'::jsonb, '$.d' returning dom)
    select json_query('{"d":5}'::jsonb, '$.d' returning has_dom)
    select json_object('a': 1 returning text) , json_value('5'::jsonb, '$' returning dom2)
    select * from xmltable('/a' passing xmlparse(document '<a>5</a>') columns v dom path '.')
    select populate_record(null::has_dom, 'd=>5'::hstore)
    select td #= 'd=>5'::hstore from tab_dom td
    select pg_input_is_valid('5','dom')
    select pg_input_is_valid('(5,1)','has_dom')
    select * from pg_input_error_info('5','public.dom')
    select record_in('(5,1)','has_dom'::regtype,-1)
    select array_in('{5}','dom'::regtype,-1)
    select dom_range('[1,2]')
    select '[1,5]'::ren
  `),
  'casts and comparisons of types of users': lines(String.raw`
    select p::text from has_pair
    select upper(p) from has_pair
    select length(row(1,2)::pair)
    select row(1,2)::pair::text
    select cast(p as json) from has_pair
    select 5::pair
    select cast(5 as pair)
    select pair(5)
    select '2026-01-01'::text::date
    select b::date from t limit 1
    select cast(b as date) from t limit 1
    select concat(p) from has_pair
    select to_json(p) from has_pair
    select row_to_json(h) from has_pair h
    select to_jsonb(h) from has_pair h
    select array_to_json(array_agg(p)) from has_pair
    select json_agg(h) from has_pair h
    select string_agg(p, ',') from has_pair
    select * from has_pair order by p
    select distinct p from has_pair
    select p from has_pair group by p
    select p from has_pair union select p from has_pair
    select count(distinct p) from has_pair
    select row_number() over (order by p) from has_pair
    select max(h) from (select row(p) from has_pair) x(h)
    select array[p] = array[p] from has_pair
    select greatest(p, p) from has_pair
  `),
  'aggregates of users': lines(String.raw`
    select * into temp evil_tab from t
    select * into unlogged evil_tab from t
    create statistics evil_s on id, a from t
    select evil_agg(id) from t
    select evil_agg(id) over () from t
    select evil_final(id) from t
    select evil_state('canary','x')
    select evil_ordered() within group (order by id) from t
  `),
  'views, policies, indexes': lines(String.raw`
    select a from indexed_by
    select a from spread
    copy t to program 'touch /tmp/apg_pwned'
    copy t from program 'echo 1'
    select passwd from "pg_shadow"
    select * from secret_view
    select * from passwd
    table passwd
    select * from prog
    select * from prog_view
    select * from part
    select * from only part1
    select * from evil_view
    select d from evil_cast_view
    select * from evil_op_view
    select * from notify_view
    select x from (select * from notify_view) q
    select * from rls_op
    select * from rls_fn
    select * from rls_view
    select * from rls_cast
    select * from idx_evil where id + evil2(1,2) = 5
    select * from idx_evil where id = 5
    select * from chk_evil where id > 5
  `),
  memory: lines(String.raw`
    select repeat('x', 1000000000)
    select repeat('x', 100000*10000)
    select repeat('x', 10^9::int)
    select repeat('x', (10^9)::int)
    select repeat('x', 1<<30)
    select repeat(repeat('x', 30000), 30000)
    select repeat(repeat(repeat('x', 1000), 1000), 1000)
    select length(lpad('x', 1000000000))
    select rpad('x', 1000000*1000)
    select array_fill(0, array[20000,20000])
    select format('%1000000000s', 'x')
    select format('%*s', 1000000000, 'x')
    select lpad(lpad(lpad(lpad('x',30000),30000000),3),900000000)
  `),
};

function lines(text: string): string[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim());
}
