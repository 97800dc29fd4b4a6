/** Statements that change something through what they call or are, one per line. They use the objects of `disguises.ts`. */
export const calls: readonly string[] = String.raw`
select setval('counter', 9)
select setval('counter', 9, false)
select pg_catalog.nextval('counter'::regclass)
select lastval()
select pg_notify('canary','x')
select * from pg_notify('canary','x')
select x from lateral pg_notify('canary','x') x
select 1 where pg_notify('canary','x') is null
select 1 order by pg_notify('canary','x')
select 1 group by pg_notify('canary','x')
select 1 having pg_notify('canary','x') is null
select 1 limit (select 1 from pg_notify('canary','x'))
select count(*) filter (where pg_notify('canary','x') is null)
select sum(1) over (partition by pg_notify('canary','x')::text)
select sum(1) over w from t window w as (order by pg_notify('canary','x')::text)
select array[pg_notify('canary','x')::text]
select row(pg_notify('canary','x'))
select case when true then pg_notify('canary','x') end
select coalesce(null, pg_notify('canary','x'))
select greatest('a', pg_notify('canary','x')::text)
select xmlelement(name a, pg_notify('canary','x')::text)
select json_object('a': pg_notify('canary','x')::text)
select json_array(pg_notify('canary','x')::text)
select json_arrayagg(pg_notify('canary','x')::text)
select * from json_table('[1]'::jsonb, '$[*]' passing pg_notify('canary','x')::text as y columns (a int path '$'))
select * from json_table(pg_notify('canary','x')::text::jsonb, '$[*]' columns (a int path '$'))
select * from json_table('[{}]'::jsonb, '$[*]' columns (a text path '$.a' default pg_notify('canary','x')::text on empty))
select * from xmltable('/a' passing xmlparse(document '<a/>') columns v text path 'b' default pg_notify('canary','x')::text)
select * from t tablesample bernoulli (case when pg_notify('canary','x') is null then 1 else 2 end)
select * from rows from (pg_notify('canary','x'), generate_series(1,2)) r
values (pg_notify('canary','x'))
select (values (pg_notify('canary','x')))
with a as (select pg_notify('canary','x')) select * from a
with recursive a as (select pg_notify('canary','x')::text x union all select x from a where false) select * from a
select exists (select pg_notify('canary','x'))
select 1 in (select pg_try_advisory_lock(4)::int)
select U&"pg_n\006ftify"('canary','x')
select U&"pg_n!006ftify" uescape '!' ('canary','x')
select "pg_notify"('canary','x')
select pg_catalog . /* */ "pg_notify" /* x */ ('canary','x')
select PG_NOTIFY('canary','x')
explain analyze select pg_notify('canary','x')
explain (analyze, format json) select pg_notify('canary','x') from t
explain analyze insert into t(id) values (99999)
explain analyze delete from t
explain (analyze) with x as (delete from t returning 1) select * from x
explain analyze create table evil_t as select 1
explain analyze execute foo
explain analyze declare c cursor for select 1
explain insert into t(id) values (9999)
select pg_advisory_lock(1,2)
select pg_try_advisory_lock_shared(1)
select pg_try_advisory_xact_lock_shared(1,1)
select pg_advisory_unlock(1)
select (7::bigint).pg_try_advisory_lock
select pg_sleep_for('0 s')
select pg_terminate_backend(0)
select pg_cancel_backend(0)
select pg_wal_replay_resume()
select pg_backup_stop()
select pg_create_physical_replication_slot('x')
select pg_create_logical_replication_slot('x','test_decoding')
select pg_copy_physical_replication_slot('a','b')
select pg_copy_logical_replication_slot('a','b')
select pg_replication_slot_advance('x','0/0')
select pg_sync_replication_slots()
select pg_logical_slot_get_changes('x',null,null)
select pg_logical_slot_peek_changes('x',null,null)
select pg_logical_slot_get_binary_changes('x',null,null)
select pg_logical_emit_message(false,'a','b')
select pg_logical_emit_message(true,'a','b'::bytea)
select pg_replication_origin_drop('x')
select pg_replication_origin_session_setup('x')
select pg_replication_origin_xact_setup('0/0',now())
select pg_replication_origin_advance('x','0/0')
select pg_restore_relation_stats('schemaname','public','relname','t','relpages',1)
select pg_clear_relation_stats('public','t')
select pg_restore_attribute_stats('schemaname','public','relname','t','attname','a','inherited',false)
select pg_clear_attribute_stats('public','t','a',false)
select pg_stat_reset_shared('io')
select pg_stat_reset_single_table_counters('t'::regclass)
select pg_stat_reset_slru('x')
select pg_stat_reset_replication_slot('x')
select pg_stat_reset_subscription_stats(1)
select pg_stat_reset_backend_stats(1)
select pg_nextoid('pg_class','oid','pg_class_oid_index')
select pg_extension_config_dump('t','')
select gin_clean_pending_list('t_pkey')
select brin_summarize_new_values('t_pkey')
select brin_desummarize_range('t_pkey',1)
select pg_truncate_visibility_map('t')
select heap_force_kill('t', array['(0,1)'::tid])
select heap_force_freeze('t', array['(0,1)'::tid])
select pg_prewarm('t')
select pg_buffercache_evict(1)
select pg_buffercache_evict_all()
select autoprewarm_dump_now()
select binary_upgrade_set_next_pg_type_oid(1)
select binary_upgrade_set_record_init_privs(true)
select lo_create(1234)
select lo_creat(1)
select lo_from_bytea(1234,'x')
select lo_put(4242,0,'x')
select lo_truncate(0,1)
select lo_import('/etc/hostname')
select lo_import('/etc/hostname', 999)
select lo_export(4242,'/tmp/apg_pwned')
select lowrite(0,'x')
select loread(0,1)
select set_config('a.b','c',false)
select set_config('statement_timeout','0',true)
select set_config('transaction_read_only','off',false)
select set_config('role','victim',false)
set statement_timeout = 0
set local role victim
set session authorization victim
prepare transaction 'x'
commit prepared 'x'
prepare p as select 1
fetch all from c
lock table t
lock table lock_me in access exclusive mode
do $$ begin perform pg_notify('canary','x'); end $$
call p_evil()
copy t to '/tmp/apg_pwned'
copy t to stdout
copy (select pg_notify('canary','x')) to stdout
copy t from stdin
insert into t(id) values (9999)
insert into t(id) values (9999) returning *
update t set a=1
delete from t
truncate t
merge into t using (select 1 as x) s on t.id=s.x when matched then delete
merge into t using (select 1 as x) s on t.id=s.x when matched then update set a=1 returning t.*
with m as (merge into t using (select 1 as x) s on t.id=s.x when matched then delete returning 1) select * from m
with d as (delete from t returning *) select * from d
select * from (with d as (delete from t returning *) select * from d) x
select (with d as (delete from t returning id) select count(*) from d)
with a as (with b as (insert into t(id) values (9999) returning id) select * from b) select * from a
select * from t where id in (with u as (update t set a=1 returning id) select id from u)
select 1 union all (with u as (update t set a=1 returning id) select id from u)
select * from t for update
select * from t for no key update
select * from t for share
select * from t for key share skip locked
select * from (select * from t for update) x
with a as (select * from t for share) select * from a
select exists (select 1 from t for update nowait)
select 1 into evil_tab
create table evil_tab as select 1
create temp table evil_tab (a int)
create view evil_v as select 1
create or replace function evil_f() returns int language sql as 'select 1'
create trigger x before insert on t for each row execute function evil()
create event trigger x on ddl_command_start execute function evil()
create subscription s connection '' publication p
create publication p2 for all tables
create server s2 foreign data wrapper file_fdw
create policy pp on t using (true)
create rule r as on select to t do instead nothing
create operator <<<<< (leftarg=int,rightarg=int,function=evil2)
create cast (text as int) with inout
create type evil_t as enum ('a')
create collation evil_c from "C"
create tablespace evil_ts location '/tmp'
create materialized view evil_m as select 1
refresh materialized view mv_evil
alter table t add column z int
alter role victim superuser
alter system set work_mem='1GB'
alter database lab set work_mem='1GB'
alter sequence counter restart
drop table t
drop owned by victim
reassign owned by victim to postgres
grant select on t to victim
revoke select on t from victim
comment on table t is 'x'
security label on table t is 'x'
vacuum full t
analyze t
cluster t
reindex table t
import foreign schema public from server loop into public
select dblink('dbname=lab','select 1')
select * from dblink('dbname=lab','delete from t') as x(a int)
select dblink_connect('dbname=lab')
select dblink_exec('dbname=lab','delete from t')
select dblink_send_query('a','b')
select query_to_xml('select nextval(''counter'')',true,false,'')
select query_to_xmlschema('select nextval(''counter'')',true,false,'')
select query_to_xml_and_xmlschema('select nextval(''counter'')',true,false,'')
select table_to_xml('t',true,false,'')
select schema_to_xml('public',true,false,'')
select database_to_xml(true,false,'')
select cursor_to_xml('c',1,true,false,'')
select cursor_to_xmlschema('c',true,false,'')
select * from ts_stat('select to_tsvector(pg_notify(''canary'',''x'')::text)')
select * from ts_stat('select to_tsvector(b) from t', 'a')
select ts_rewrite('a'::tsquery, 'select pg_notify(''canary'',''x'')::text::tsquery, ''a''::tsquery')
select * from xpath_table('id','b','t','/a','true') as x(a int, b text)
select * from connectby('t','id','a','1',0) as x(a int, b int, c int)
select pg_read_file('/etc/hostname')
select pg_read_file('postgresql.conf',0,10)
select pg_read_binary_file('/etc/hostname')
select pg_stat_file('/etc/hostname')
select * from pg_hba_file_rules()
select * from pg_show_all_file_settings()
select rolpassword from pg_authid
select * from pg_catalog.pg_shadow
table pg_authid
select get_raw_page('t',0)
select * from pg_get_wal_records_info('0/1','0/2')
select pg_input_is_valid('5', 'd' || 'om')
select 1; drop table t
select 1;;drop table t
/* */ ; insert into t(id) values (9999)
select 1\; insert into t(id) values (9999)
select $a$ $b$ $a$; insert into t(id) values (9999); --$b$
select /* /* */ */ 1; insert into t(id) values (9999)
select '\'; insert into t(id) values (9999); --'
select pg_stat_get_activity(null), pg_terminate_backend(1)
show primary_conninfo; select 1
select currval('counter')
select pg_get_multixact_members('1'), pg_notify('canary','x')
select pg_ls_dir('.') from t limit 1
select inet_client_addr(), pg_read_file('PG_VERSION')
select * from pg_logical_slot_peek_binary_changes('x',null,null)
select plpgsql_validator(1), pg_notify('canary','x')
select pg_get_loaded_modules(), pg_notify('canary','x')
select amvalidate(10), evil(1)
select pg_advisory_lock(x) from generate_series(1,3) x
select seqno, pg_advisory_xact_lock_shared(1) from pg_file_settings
`
  .trim()
  .split('\n');
