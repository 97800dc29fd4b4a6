import { published as q, type DbaQuery } from './dba-query.ts';

export const serviceQueries: readonly DbaQuery[] = [
  // Datadog
  q(
    'DataDog/integrations-core',
    `select datname, deadlocks, temp_bytes, temp_files, xact_commit, blk_read_time, session_time, active_time, sessions_killed from pg_stat_database where datname not ilike 'template%'`,
  ),
  q(
    'DataDog/integrations-core',
    `select abs(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())), case when not pg_is_in_recovery() or pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0 else greatest(0, extract(epoch from now() - pg_last_xact_replay_timestamp())) end`,
  ),
  q(
    'DataDog/integrations-core',
    `select count(*) as wal_count, sum(size) as wal_size, extract(epoch from now() - min(modification)) as age from pg_ls_waldir()`,
  ),
  q(
    'DataDog/integrations-core',
    `select c.relname, l.mode, l.locktype, n.nspname, count(*) from pg_locks l join pg_database d on l.database = d.oid join pg_class c on l.relation = c.oid join pg_namespace n on c.relnamespace = n.oid where l.mode is not null group by 1, 2, 3, 4`,
  ),
  q('DataDog/integrations-core', `select name, blks_zeroed, blks_hit, blks_read, flushes, truncates from pg_stat_slru`),
  q(
    'DataDog/integrations-core',
    `select nspname, relname, pg_stat_get_numscans(c.oid), pg_relation_filenode(c.oid), pg_relation_filepath(c.oid) from pg_class c join pg_namespace n on n.oid = relnamespace where relkind = 'r' limit 3`,
  ),
  q(
    'DataDog/integrations-core',
    `select pid, phase, heap_blks_total, heap_blks_scanned, relid::regclass from pg_stat_progress_vacuum`,
  ),
  q(
    'DataDog/integrations-core',
    `select pid, command, phase, blocks_total, blocks_done, tuples_done from pg_stat_progress_create_index`,
  ),
  q(
    'DataDog/integrations-core',
    `select backend_type, count(*), max(age(backend_xid)), max(age(backend_xmin)) from pg_stat_activity group by 1`,
  ),
  // Percona, pgCenter, AWS, Google, Azure
  q(
    'Percona blog',
    `select pid, usename, state, wait_event_type, wait_event, now() - xact_start as xact_age, left(query, 60) from pg_stat_activity where state = 'idle in transaction' and now() - xact_start > interval '5 minutes'`,
  ),
  q(
    'Percona blog',
    `select relname, n_tup_upd, n_tup_hot_upd, round(100.0 * n_tup_hot_upd / nullif(n_tup_upd, 0), 1) as hot_percent from pg_stat_user_tables order by n_tup_upd desc`,
  ),
  q(
    'Percona blog',
    `select pg_walfile_name(pg_current_wal_lsn()), pg_current_wal_insert_lsn(), pg_current_wal_flush_lsn()`,
  ),
  q(
    'lesovsky/pgcenter',
    `select pid, client_addr as client, usename as user, application_name as name, state, sync_state as mode, (pg_wal_lsn_diff(pg_current_wal_lsn(), sent_lsn) / 1024)::bigint as pending, date_trunc('seconds', write_lag) as write, date_trunc('seconds', replay_lag) as replay from pg_stat_replication order by pid desc`,
  ),
  q(
    'lesovsky/pgcenter',
    `select funcid, schemaname || '.' || funcname as function, calls, total_time, self_time from pg_stat_user_functions order by 1`,
  ),
  q(
    'lesovsky/pgcenter',
    `select s.schemaname || '.' || s.relname as relation, pg_total_relation_size(c.oid) / 1024, pg_relation_size(c.oid) / 1024 from pg_stat_user_tables s, pg_class c where s.relid = c.oid and not exists (select 1 from pg_locks where relation = s.relid and mode = 'AccessExclusiveLock' and granted)`,
  ),
  q(
    'AWS RDS documentation',
    `select slot_name, slot_type, database, xmin, active_pid, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) as retained_wal from pg_replication_slots order by age(xmin) desc nulls last`,
  ),
  q(
    'AWS RDS documentation',
    `with vbt as (select setting as v from pg_settings where name = 'autovacuum_vacuum_threshold'), vsf as (select setting as v from pg_settings where name = 'autovacuum_vacuum_scale_factor'), fma as (select setting as v from pg_settings where name = 'autovacuum_freeze_max_age') select '"' || ns.nspname || '"."' || c.relname || '"' as relation, pg_size_pretty(pg_table_size(c.oid)) as table_size, age(relfrozenxid) as xid_age, vbt.v::float + vsf.v::float * c.reltuples as autovacuum_vacuum_tuples, n_dead_tup as dead_tuples from pg_class c join pg_namespace ns on ns.oid = c.relnamespace join pg_stat_all_tables stat on stat.relid = c.oid join vbt on true join vsf on true join fma on true where c.relkind = 'r' and (age(relfrozenxid) >= fma.v::float or vbt.v::float + vsf.v::float * c.reltuples <= n_dead_tup or true) order by age(relfrozenxid) desc limit 5`,
  ),
  q(
    'AWS RDS documentation',
    `select name, setting from pg_settings where name like '%autovacuum%' or name in ('rds.logical_replication', 'log_min_duration_statement')`,
  ),
  q(
    'AWS RDS documentation',
    `select max(age(backend_xmin)) as oldest, 'activity' as what from pg_stat_activity union all select max(age(transaction)), 'prepared' from pg_prepared_xacts union all select max(age(catalog_xmin)), 'slots' from pg_replication_slots`,
  ),
  q(
    'Google Cloud SQL documentation',
    `select datname, 100 * age(datfrozenxid) / 2147483647.0 as percent_towards_wraparound from pg_database order by 2 desc`,
  ),
  q(
    'Azure Database documentation',
    `select schemaname, relname, n_dead_tup, n_live_tup, round(n_dead_tup::numeric / nullif(n_live_tup + n_dead_tup, 0), 2) as dead_ratio, autovacuum_count, autoanalyze_count from pg_stat_all_tables where n_live_tup > 0 order by 5 desc limit 5`,
  ),
  // Supabase, Heroku, GitLab, Crunchy
  q(
    'heroku/heroku-pg-extras',
    `select c.relname as name, pg_size_pretty(sum(c.relpages::bigint * 8192)::bigint) as size from pg_class c left join pg_namespace n on n.oid = c.relnamespace where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_toast' and c.relkind = 'i' group by c.relname order by sum(c.relpages) desc`,
  ),
  q(
    'heroku/heroku-pg-extras',
    `select relname, case idx_scan when 0 then 'Insufficient data' else (100 * idx_scan / (seq_scan + idx_scan))::text end percent_of_times_index_used, n_live_tup rows_in_table from pg_stat_user_tables order by n_live_tup desc`,
  ),
  q(
    'heroku/heroku-pg-extras',
    `select pg_stat_activity.pid, pg_class.relname, pg_locks.transactionid, pg_locks.granted, substr(pg_stat_activity.query, 1, 30) as query_snippet, age(now(), pg_stat_activity.query_start) as age from pg_stat_activity, pg_locks left outer join pg_class on (pg_locks.relation = pg_class.oid) where pg_stat_activity.query <> '<insufficient privilege>' and pg_locks.pid = pg_stat_activity.pid and pg_locks.mode = 'ExclusiveLock' and pg_stat_activity.pid <> pg_backend_pid() order by query_start`,
  ),
  q(
    'heroku/heroku-pg-extras',
    `select relname as name, seq_scan as count from pg_stat_user_tables order by seq_scan desc`,
  ),
  q(
    'supabase/cli inspect',
    `select r.rolname as role_name, count(*) filter (where a.state is not null) as active_connections, r.rolconnlimit from pg_roles r left join pg_stat_activity a on a.usename = r.rolname group by 1, 3 order by 2 desc`,
  ),
  q(
    'supabase/cli inspect',
    `select stat.relname, pg_size_pretty(pg_table_size(stat.relid)), stat.last_autovacuum from pg_stat_user_tables stat inner join pg_class on stat.relid = pg_class.oid`,
  ),
  q(
    'GitLab postgres-checkup',
    `select s.relname, i.indexrelid::regclass, pg_get_indexdef(i.indexrelid) from pg_stat_user_tables s join pg_index i on i.indrelid = s.relid where array_to_string(i.indkey, ' ') = '0' or true`,
  ),
  q(
    'GitLab postgres-checkup',
    `select conrelid::regclass, conname, pg_get_constraintdef(oid) from pg_constraint c where contype = 'f' and not exists (select from pg_index i where i.indrelid = c.conrelid and (i.indkey::int2[])[0:cardinality(conkey) - 1] @> conkey)`,
  ),
  q(
    'CrunchyData/pgmonitor',
    `select current_setting('server_version_num')::int as server_version, case when pg_is_in_recovery() then 1 else 2 end as status`,
  ),
  q(
    'CrunchyData/pgmonitor',
    `select extract(epoch from (clock_timestamp() - last_archived_time)) as seconds_since_last_archive from pg_stat_archiver`,
  ),
  q(
    'CrunchyData/pgmonitor',
    `select checksum_failures, datname, checksum_last_failure from pg_stat_database where checksum_failures > 0`,
  ),
  q(
    'prometheus-community/postgres_exporter',
    `select slot_name, slot_type, active, safe_wal_size, wal_status from pg_replication_slots`,
  ),
  q(
    'prometheus-community/postgres_exporter',
    `select pg_database.datname, tmp.state, coalesce(count, 0) as count from (values ('active'), ('idle'), ('idle in transaction'), ('disabled')) as tmp (state) cross join pg_database left join (select datname, state, count(*) as count from pg_stat_activity group by datname, state) as tmp2 on tmp.state = tmp2.state and pg_database.datname = tmp2.datname`,
  ),
  // PoWA, extensions, psql
  q(
    'powa-team/powa',
    `select queryid, dbid, userid, calls, rows, shared_blks_read, wal_records, wal_fpi, wal_bytes from pg_stat_statements limit 5`,
  ),
  q('powa-team/powa', `select dealloc, stats_reset from pg_stat_statements_info`),
  q(
    'pg_buffercache documentation',
    `select n.nspname, c.relname, count(*) as buffers from pg_buffercache b join pg_class c on b.relfilenode = pg_relation_filenode(c.oid) and b.reldatabase in (0, (select oid from pg_database where datname = current_database())) join pg_namespace n on n.oid = c.relnamespace group by 1, 2 order by 3 desc limit 10`,
  ),
  q('pg_buffercache documentation', `select * from pg_buffercache_summary()`, { since: 16 }),
  q(
    'pgstattuple documentation',
    `select table_len, tuple_count, dead_tuple_percent, free_percent from pgstattuple('public.orders')`,
  ),
  q(
    'pgstattuple documentation',
    `select index_size, avg_leaf_density, leaf_fragmentation from pgstatindex('public.orders_pkey')`,
  ),
  q('pg_freespacemap documentation', `select * from pg_freespace('orders') limit 3`),
  q('pg_visibility documentation', `select * from pg_visibility_map_summary('orders')`),
  q(
    'psql \\dRs',
    `select subname as "Name", pg_catalog.pg_get_userbyid(subowner) as "Owner", subenabled as "Enabled", subpublications as "Publication" from pg_catalog.pg_subscription where subdbid = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()) order by 1`,
  ),
  q(
    'psql \\deu',
    `select um.srvname as "Server", um.usename as "User name" from pg_catalog.pg_user_mappings um order by 1, 2`,
  ),
  q(
    'psql \\d',
    `select n.nspname as "Schema", c.relname as "Name", case c.relkind when 'r' then 'table' when 'v' then 'view' when 'i' then 'index' end as "Type", pg_catalog.pg_get_userbyid(c.relowner) as "Owner" from pg_catalog.pg_class c left join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f', '') and n.nspname !~ '^pg_toast' and pg_catalog.pg_table_is_visible(c.oid) order by 1, 2`,
  ),
  q(
    'psql \\du',
    `select r.rolname, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolconnlimit, r.rolvaliduntil from pg_catalog.pg_roles r where r.rolname !~ '^pg_' order by 1`,
  ),
  q('PostgreSQL documentation', `select pg_current_logfile(), pg_current_logfile('stderr')`, { since: 16 }),
  q(
    'PostgreSQL documentation',
    `select name, size, modification from pg_ls_logicalsnapdir() union all select name, size, modification from pg_ls_logicalmapdir()`,
  ),
  q('PostgreSQL documentation', `select name, size from pg_ls_summariesdir()`, { since: 17 }),
  q('PostgreSQL documentation', `select * from pg_available_wal_summaries()`, { since: 17 }),
  q('PostgreSQL documentation', `select * from pg_get_wal_summarizer_state()`, { since: 17 }),
  q('PostgreSQL documentation', `select * from pg_get_loaded_modules()`, { since: 18 }),
  q('PostgreSQL documentation', `select pid, io_id, state, operation, length from pg_aios`, { since: 18 }),
  q('PostgreSQL documentation', `select type, name, description from pg_wait_events where type = 'Lock'`, {
    since: 17,
  }),
  q('PostgreSQL documentation', `select relid::regclass, heap_blks_read, toast_blks_hit from pg_statio_user_tables`),
  q('PostgreSQL documentation', `select * from pg_control_checkpoint()`),
  q('PostgreSQL documentation', `select * from pg_control_system(), pg_control_init()`),
  q(
    'reproducible samples',
    `select id from (select setseed(0.5)) s, lateral (select id from orders order by random() limit 3) o`,
  ),
];
