import { serviceQueries } from './dba-queries-of-services.ts';
import { published as q, type DbaQuery } from './dba-query.ts';

/** From tools and PostgreSQL's wiki. Those from services and the documentation follow. */
export const dbaQueries: readonly DbaQuery[] = [
  // pg_activity
  q(
    'pg_activity',
    `select pid, application_name, datname, usename, client_addr, extract(epoch from (now() - query_start)) as duration, wait_event, case when pg_blocking_pids(pid) <> '{}' then true else false end as wait, state, regexp_replace(query, E'[\\n\\r]+', ' ', 'g') as query, backend_type from pg_stat_activity where state <> 'idle' and pid <> pg_backend_pid() order by 6 desc nulls last`,
  ),
  q('pg_activity', `select sum(pg_stat_get_db_xact_commit(oid) + pg_stat_get_db_xact_rollback(oid)) from pg_database`),
  q(
    'pg_activity',
    `select pg_is_in_recovery(), pg_postmaster_start_time(), pg_size_pretty(sum(pg_database_size(datname))) from pg_database where datallowconn`,
  ),
  q('pg_activity', `select count(*) as wal_senders from pg_stat_replication`),
  q(
    'pg_activity',
    `select coalesce(sum(size), 0) as temp_size, count(*) as temp_files, max(modification) from pg_tablespace ts, lateral pg_ls_tmpdir(ts.oid) where spcname <> 'pg_global'`,
  ),
  q(
    'pg_activity',
    `select pid, relation::regclass, mode, granted, locktype, age(now(), (select xact_start from pg_stat_activity a where a.pid = l.pid)) from pg_locks l where not granted`,
  ),
  // check_postgres
  q('check_postgres', `select count(*), pg_size_pretty(sum(size)) from pg_ls_waldir()`),
  q('check_postgres', `select count(*) from pg_ls_archive_statusdir() where name like '%.ready'`),
  q(
    'check_postgres',
    `select datname, age(datfrozenxid), round(100 * (age(datfrozenxid) / (select setting::float8 from pg_settings where name = 'autovacuum_freeze_max_age'))) as percent from pg_database order by 2 desc`,
  ),
  q(
    'check_postgres',
    `select datname, numbackends, (select setting::int from pg_settings where name = 'max_connections') as mc from pg_stat_database where datname is not null`,
  ),
  q(
    'check_postgres',
    `select round(100.0 * sd.blks_hit / nullif(sd.blks_read + sd.blks_hit, 0), 2) as ratio, d.datname from pg_stat_database sd join pg_database d on d.oid = sd.datid where sd.blks_read + sd.blks_hit <> 0`,
  ),
  q(
    'check_postgres',
    `select schemaname, relname, greatest(last_vacuum, last_autovacuum), greatest(last_analyze, last_autoanalyze) from pg_stat_user_tables order by 3 nulls first`,
  ),
  q(
    'check_postgres',
    `select s.seqname, s.last_value, round(100.0 * s.last_value / s.max_value, 2) from (select schemaname || '.' || sequencename as seqname, last_value, max_value from pg_sequences) s order by 3 desc nulls last`,
  ),
  q(
    'check_postgres',
    `select slot_name, slot_type, active, pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end, restart_lsn) from pg_replication_slots`,
  ),
  q(
    'check_postgres',
    `select gid, prepared, owner, database, extract(epoch from now() - prepared) from pg_prepared_xacts order by prepared`,
  ),
  q(
    'check_postgres',
    `select name, setting, unit, source, pending_restart from pg_settings where pending_restart or source not in ('default', 'override')`,
  ),
  q(
    'check_postgres',
    `select md5(string_agg(prosrc, '' order by oid)) from pg_proc where pronamespace = 'public'::regnamespace`,
  ),
  q(
    'check_postgres',
    `select c.relname, pg_relation_size(c.oid), c.relkind from pg_class c join pg_namespace n on n.oid = c.relnamespace where relkind in ('r', 'i') and nspname not in ('pg_catalog', 'information_schema') order by 2 desc limit 10`,
  ),
  // pgwatch
  q(
    'pgwatch',
    `select (extract(epoch from now()) * 1e9)::int8 as epoch_ns, archived_count, failed_count, extract(epoch from now() - last_archived_time)::int8 as last_archived_age_s, case when coalesce(last_failed_time, '1970-01-01') > coalesce(last_archived_time, '1970-01-01') then 1 else 0 end as is_failing_int from pg_stat_archiver where current_setting('archive_mode') in ('on', 'always') or true`,
  ),
  q(
    'pgwatch',
    `select checkpoints_timed, checkpoints_req, checkpoint_write_time, buffers_checkpoint, buffers_clean, buffers_backend, buffers_alloc from pg_stat_bgwriter`,
    { until: 16 },
  ),
  q(
    'pgwatch',
    `select num_timed, num_requested, restartpoints_timed, write_time, sync_time, buffers_written, extract(epoch from now() - stats_reset)::int from pg_stat_checkpointer`,
    { since: 17 },
  ),
  q(
    'pgwatch',
    `select backend_type, object, context, reads, writes, extends, hits, evictions, fsyncs from pg_stat_io where reads > 0 or writes > 0`,
    { since: 16 },
  ),
  q('pgwatch', `select wal_records, wal_fpi, wal_bytes, wal_buffers_full, stats_reset from pg_stat_wal`),
  q(
    'pgwatch',
    `select case when pg_is_in_recovery() then pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') else pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') end::int8 as xlog_location_b, extract(epoch from now() - pg_postmaster_start_time())::int8 as postmaster_uptime_s`,
  ),
  q(
    'pgwatch',
    `select count(*) as total, count(*) filter (where state = 'active') as active, count(*) filter (where state = 'idle in transaction') as idleintransaction, count(*) filter (where wait_event_type in ('LWLock', 'Lock', 'BufferPin')) as waiting, max(age(backend_xmin)) as max_xmin_age from pg_stat_activity where datname = current_database()`,
  ),
  q(
    'pgwatch',
    `select queryid::text, round(sum(total_exec_time)::numeric, 3) as total_time, sum(calls)::int8 as calls, max(query::varchar(8000)) as query, sum(shared_blks_hit)::int8 as hits from pg_stat_statements where calls > 0 group by queryid order by 2 desc limit 10`,
  ),
  q('pgwatch', `select name, size, allocated_size from pg_shmem_allocations order by size desc limit 10`),
  q(
    'pgwatch',
    `select name, sum(total_bytes) as total_bytes, sum(used_bytes) as used_bytes from pg_backend_memory_contexts group by name order by 2 desc limit 5`,
  ),
  q(
    'pgwatch',
    `select n.nspname as schema, c.relname as table_name, pg_table_size(c.oid) as table_size_b, pg_total_relation_size(c.oid) as total_relation_size_b, s.seq_scan, s.idx_scan, s.n_tup_ins, s.n_dead_tup, extract(epoch from now() - greatest(last_vacuum, last_autovacuum)) as seconds_since_last_vacuum, case when 'autovacuum_enabled=off' = any (c.reloptions) then 1 else 0 end as no_autovacuum, a.age from pg_stat_user_tables s join pg_class c on c.oid = s.relid join pg_namespace n on n.oid = c.relnamespace cross join lateral (select age(c.relfrozenxid) as age) a`,
  ),
  q(
    'pgwatch',
    `select s.slot_name, s.slot_type, s.spill_txns, s.spill_bytes, s.stream_txns, s.total_txns from (select st.*, r.slot_type from pg_stat_replication_slots st join pg_replication_slots r using (slot_name)) s`,
  ),
  q('pgwatch', `select count(*) from pg_stat_ssl where ssl`),
  q(
    'pgwatch',
    `select subname, pid, received_lsn, latest_end_lsn, extract(epoch from now() - last_msg_receipt_time) from pg_stat_subscription`,
  ),
  q('pgwatch', `select subname, apply_error_count, sync_error_count from pg_stat_subscription_stats`),
  q(
    'pgwatch',
    `select name, setting::text from pg_settings where name in ('shared_buffers', 'work_mem', 'maintenance_work_mem', 'wal_level', 'data_checksums')`,
  ),
  q('pgwatch', `select sum(pg_stat_get_live_tuples(c.oid)) from pg_class c where relkind = 'r'`),
  // ioguix's bloat estimates
  q(
    'ioguix/pgsql-bloat-estimation',
    `select current_database(), schemaname, tblname, bs * tblpages as real_size, (tblpages - est_tblpages) * bs as extra_size, fillfactor, is_na from (select ceil(reltuples / ((bs - page_hdr) / tpl_size)) + ceil(toasttuples / 4) as est_tblpages, tblpages, fillfactor, bs, tblid, schemaname, tblname, is_na from (select (4 + tpl_hdr_size + tpl_data_size + (2 * ma) - case when tpl_hdr_size % ma = 0 then ma else tpl_hdr_size % ma end - case when ceil(tpl_data_size)::int % ma = 0 then ma else ceil(tpl_data_size)::int % ma end) as tpl_size, (heappages + toastpages) as tblpages, reltuples, toasttuples, bs, page_hdr, tblid, schemaname, tblname, fillfactor, is_na from (select tbl.oid as tblid, ns.nspname as schemaname, tbl.relname as tblname, tbl.reltuples, tbl.relpages as heappages, coalesce(toast.relpages, 0) as toastpages, coalesce(toast.reltuples, 0) as toasttuples, coalesce(substring(array_to_string(tbl.reloptions, ' ') from 'fillfactor=([0-9]+)')::smallint, 100) as fillfactor, current_setting('block_size')::numeric as bs, case when version() ~ 'mingw32' or version() ~ '64-bit|x86_64|ppc64|ia64|amd64' then 8 else 4 end as ma, 24 as page_hdr, 23 + case when max(coalesce(s.null_frac, 0)) > 0 then (7 + count(s.attname)) / 8 else 0::int end as tpl_hdr_size, sum((1 - coalesce(s.null_frac, 0)) * coalesce(s.avg_width, 0)) as tpl_data_size, bool_or(att.atttypid = 'pg_catalog.name'::regtype) or sum(case when att.attnum > 0 then 1 else 0 end) <> count(s.attname) as is_na from pg_attribute as att join pg_class as tbl on att.attrelid = tbl.oid join pg_namespace as ns on ns.oid = tbl.relnamespace left join pg_stats as s on s.schemaname = ns.nspname and s.tablename = tbl.relname and s.inherited = false and s.attname = att.attname left join pg_class as toast on tbl.reltoastrelid = toast.oid where not att.attisdropped and tbl.relkind in ('r', 'm') group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 order by 2, 3) as s) as s2) as s3 order by schemaname, tblname limit 20`,
  ),
  q(
    'ioguix/pgsql-bloat-estimation',
    `select nspname, tblname, idxname, bs * relpages::bigint as real_size from (select n.nspname, ct.relname as tblname, ci.relname as idxname, ci.relpages, current_setting('block_size')::numeric as bs, i.indkey::int2[] from pg_index i join pg_class ci on ci.oid = i.indexrelid join pg_class ct on ct.oid = i.indrelid join pg_namespace n on n.oid = ct.relnamespace where ci.relam = (select oid from pg_am where amname = 'btree') and ci.relpages > 0) x order by 4 desc limit 5`,
  ),
  // PostgreSQL wiki
  q(
    'wiki.postgresql.org/Lock_Monitoring',
    `select blocked_locks.pid as blocked_pid, blocked_activity.usename as blocked_user, blocking_locks.pid as blocking_pid, blocked_activity.query as blocked_statement, blocking_activity.query as current_statement_in_blocking_process from pg_catalog.pg_locks blocked_locks join pg_catalog.pg_stat_activity blocked_activity on blocked_activity.pid = blocked_locks.pid join pg_catalog.pg_locks blocking_locks on blocking_locks.locktype = blocked_locks.locktype and blocking_locks.database is not distinct from blocked_locks.database and blocking_locks.relation is not distinct from blocked_locks.relation and blocking_locks.transactionid is not distinct from blocked_locks.transactionid and blocking_locks.pid != blocked_locks.pid join pg_catalog.pg_stat_activity blocking_activity on blocking_activity.pid = blocking_locks.pid where not blocked_locks.granted`,
  ),
  q(
    'wiki.postgresql.org/Disk_Usage',
    `select *, pg_size_pretty(total_bytes) as total, pg_size_pretty(index_bytes) as index, pg_size_pretty(toast_bytes) as toast, pg_size_pretty(table_bytes) as table from (select *, total_bytes - index_bytes - coalesce(toast_bytes, 0) as table_bytes from (select c.oid, nspname as table_schema, relname as table_name, c.reltuples as row_estimate, pg_total_relation_size(c.oid) as total_bytes, pg_indexes_size(c.oid) as index_bytes, pg_total_relation_size(reltoastrelid) as toast_bytes from pg_class c left join pg_namespace n on n.oid = c.relnamespace where relkind = 'r') a) a order by total_bytes desc limit 5`,
  ),
  q(
    'wiki.postgresql.org/Disk_Usage',
    `select d.datname as name, pg_catalog.pg_get_userbyid(d.datdba) as owner, case when pg_catalog.has_database_privilege(d.datname, 'CONNECT') then pg_catalog.pg_size_pretty(pg_catalog.pg_database_size(d.datname)) else 'No Access' end as size from pg_catalog.pg_database d order by 3 desc limit 20`,
  ),
  q(
    'wiki.postgresql.org/Index_Maintenance',
    `select pg_size_pretty(sum(pg_relation_size(idx))::bigint) as size, (array_agg(idx))[1] as idx1, (array_agg(idx))[2] as idx2 from (select indexrelid::regclass as idx, (indrelid::text || e'\\n' || indclass::text || e'\\n' || indkey::text || e'\\n' || coalesce(indexprs::text, '') || e'\\n' || coalesce(indpred::text, '')) as key from pg_index) sub group by key having count(*) > 1 order by sum(pg_relation_size(idx)) desc`,
  ),
  q(
    'wiki.postgresql.org/Index_Maintenance',
    `select t.schemaname, t.relname, c.reltuples::bigint as num_rows, pg_size_pretty(pg_relation_size(c.oid)) as table_size, psai.indexrelname as index_name, pg_size_pretty(pg_relation_size(i.indexrelid)) as index_size, case when i.indisunique then 'Y' else 'N' end as "unique", psai.idx_scan as number_of_scans from pg_stat_user_tables t join pg_class c on c.oid = t.relid left join pg_index i on c.oid = i.indrelid left join pg_stat_user_indexes psai on i.indexrelid = psai.indexrelid order by 1, 2`,
  ),
  q(
    'wiki.postgresql.org/Lock_dependency_information',
    `with recursive l as (select pid, locktype, mode, granted, (locktype, database, relation::regclass::text, page, tuple, virtualxid, transactionid, classid, objid, objsubid)::text as obj from pg_locks), pairs as (select w.pid as waiter, l.pid as locker, l.obj, l.mode from l w join l on l.obj is not distinct from w.obj and l.granted where not w.granted and w.pid <> l.pid) select * from pairs`,
  ),
  q(
    'wiki.postgresql.org/Count_estimate',
    `select reltuples::bigint as estimate from pg_class where oid = 'public.orders'::regclass`,
  ),
  q(
    'wiki.postgresql.org/Retrieve_primary_key_columns',
    `select a.attname, format_type(a.atttypid, a.atttypmod) as data_type from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey) where i.indrelid = 'orders'::regclass and i.indisprimary`,
  ),
  q(
    'wiki.postgresql.org/Fixing_Sequences',
    `select 'select setval(' || quote_literal(quote_ident(s.relname)) || ')' from pg_class as s join pg_depend as d on d.objid = s.oid join pg_class as t on d.refobjid = t.oid where s.relkind = 'S'`,
  ),
  // postgresqltuner
  q(
    'postgresqltuner',
    `select pg_postmaster_start_time(), now() - pg_postmaster_start_time() as uptime, pg_conf_load_time()`,
  ),
  q('postgresqltuner', `select extname, extversion from pg_extension order by 1`),
  q('postgresqltuner', `select usename from pg_catalog.pg_user where usesuper`),
  q('postgresqltuner', `select max(numbackends) from pg_stat_database`),
  q(
    'postgresqltuner',
    `select sum(heap_blks_hit) / nullif(sum(heap_blks_read) + sum(heap_blks_hit), 0)::float as hit_rate from pg_statio_all_tables`,
  ),
  q('postgresqltuner', `select count(*) from pg_index where not indisvalid`),
  q(
    'postgresqltuner',
    `select spcname, pg_tablespace_location(oid), pg_size_pretty(pg_tablespace_size(oid)) from pg_tablespace`,
  ),
  q(
    'postgresqltuner',
    `select proname, procost, provolatile from pg_proc p join pg_language l on l.oid = p.prolang where lanname not in ('sql', 'internal') and procost = 100 limit 5`,
  ),
  // PgHero
  q(
    'ankane/pghero',
    `select schemaname as schema, relname as table, indexrelname as index, pg_relation_size(i.indexrelid) as size_bytes, idx_scan as index_scans from pg_stat_user_indexes ui inner join pg_index i on ui.indexrelid = i.indexrelid where not indisunique and idx_scan <= 50 order by size_bytes desc`,
  ),
  q(
    'ankane/pghero',
    `select 'table hit rate' as name, sum(heap_blks_hit) / nullif(sum(heap_blks_hit) + sum(heap_blks_read), 0) as rate from pg_statio_user_tables union all select 'index hit rate', sum(idx_blks_hit) / nullif(sum(idx_blks_hit) + sum(idx_blks_read), 0) from pg_statio_user_indexes`,
  ),
  q(
    'ankane/pghero',
    `with query_stats as (select left(query, 10000) as query, queryid as query_hash, rolname as user, ((total_plan_time + total_exec_time) / 1000 / 60) as total_minutes, calls from pg_stat_statements inner join pg_database on pg_database.oid = pg_stat_statements.dbid inner join pg_roles on pg_roles.oid = pg_stat_statements.userid where calls > 0 and pg_database.datname = current_database()) select query, total_minutes, calls, total_minutes * 100.0 / (select sum(total_minutes) from query_stats) as total_percent from query_stats order by total_minutes desc limit 10`,
  ),
  q(
    'ankane/pghero',
    `select n.nspname as schema, c.relname as table, (2146483648 - greatest(age(c.relfrozenxid), age(t.relfrozenxid))) as transactions_left from pg_class c inner join pg_catalog.pg_namespace n on n.oid = c.relnamespace left join pg_class t on c.reltoastrelid = t.oid where c.relkind = 'r' order by 3 limit 10`,
  ),
  q(
    'ankane/pghero',
    `select distinct on (schemaname, sequencename) schemaname, sequencename, last_value, max_value from pg_sequences`,
  ),
  q(
    'ankane/pghero',
    `select datname, usename, ssl, client_addr from pg_stat_ssl s join pg_stat_activity a on a.pid = s.pid group by 1, 2, 3, 4`,
  ),
  q('ankane/pghero', `select state, count(*) as connections from pg_stat_activity group by 1 order by 2 desc, 1`),
  q(
    'ankane/pghero',
    `select nspname, conname, pg_get_constraintdef(c.oid), convalidated from pg_constraint c join pg_namespace n on n.oid = c.connamespace where not convalidated`,
  ),
  ...serviceQueries,
];
