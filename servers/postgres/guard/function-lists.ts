// What volatility does not tell. From pg_proc of PostgreSQL 15 to 18: these volatile functions only read or create a
// value; all others write, lock, wait, signal, read files or run SQL given as text.

/** Allowed volatile functions of pg_catalog. https://www.postgresql.org/docs/18/functions-admin.html and neighbours */
export const harmlessVolatile: ReadonlySet<string> = new Set([
  // values
  'random', 'random_normal', 'array_sample', 'array_shuffle', 'clock_timestamp', 'timeofday', 'gen_random_uuid',
  'uuidv4', 'uuidv7', 'current_query',
  // Its effect ends with the call: the session is reseeded afterwards.
  'setseed',
  // sizes
  'pg_relation_size', 'pg_table_size', 'pg_indexes_size', 'pg_total_relation_size', 'pg_database_size',
  'pg_tablespace_size', 'pg_partition_tree', 'pg_partition_ancestors',
  // server state
  'pg_blocking_pids', 'pg_safe_snapshot_blocking_pids', 'pg_lock_status', 'pg_prepared_xact', 'pg_is_in_recovery',
  'pg_is_wal_replay_paused', 'pg_get_wal_replay_pause_state', 'pg_last_wal_receive_lsn', 'pg_last_wal_replay_lsn',
  'pg_last_xact_replay_timestamp', 'pg_current_wal_lsn', 'pg_current_wal_insert_lsn', 'pg_current_wal_flush_lsn',
  'pg_sequence_last_value', 'pg_notification_queue_usage', 'pg_jit_available', 'pg_xact_status', 'txid_status',
  'pg_xact_commit_timestamp', 'pg_last_committed_xact', 'pg_collation_actual_version',
  'pg_database_collation_actual_version', 'pg_get_wait_events', 'pg_stat_get_io', 'pg_stat_get_backend_io',
  'pg_stat_get_recovery_prefetch', 'pg_stat_have_stats', 'pg_show_replication_origin_status',
  'pg_stat_get_xact_numscans', 'pg_stat_get_xact_tuples_returned', 'pg_stat_get_xact_tuples_fetched',
  'pg_stat_get_xact_tuples_inserted', 'pg_stat_get_xact_tuples_updated', 'pg_stat_get_xact_tuples_deleted',
  'pg_stat_get_xact_tuples_hot_updated', 'pg_stat_get_xact_tuples_newpage_updated', 'pg_stat_get_xact_blocks_fetched',
  'pg_stat_get_xact_blocks_hit', 'pg_stat_get_xact_function_calls', 'pg_stat_get_xact_function_total_time',
  'pg_stat_get_xact_function_self_time', 'pg_stat_get_backend_wal', 'pg_control_checkpoint', 'pg_control_init',
  'pg_control_recovery', 'pg_control_system', 'pg_get_backend_memory_contexts', 'pg_get_shmem_allocations',
  'pg_get_shmem_allocations_numa', 'pg_get_wal_resource_managers', 'pg_xact_commit_timestamp_origin',
  'pg_replication_origin_session_is_setup', 'pg_get_aios', 'pg_get_sequence_data', 'pg_get_wal_summarizer_state', 'pg_get_multixact_members',
  // Names and sizes of server files: the server restricts them to pg_monitor.
  'pg_ls_waldir', 'pg_ls_archive_statusdir', 'pg_ls_logdir', 'pg_ls_tmpdir', 'pg_ls_logicalsnapdir',
  'pg_ls_logicalmapdir', 'pg_ls_replslotdir', 'pg_ls_summariesdir', 'pg_current_logfile', 'pg_get_loaded_modules',
  'pg_available_wal_summaries', 'pg_wal_summary_contents',
]); // prettier-ignore

/** Marked stable or immutable, but still refused. */
export const harmful: ReadonlySet<string> = new Set([
  // Assign a transaction id, which a read never needs.
  'txid_current', 'pg_current_xact_id',
  // Read whole tables by a name or query given as data, bypassing the parser and masking.
  'table_to_xml', 'table_to_xmlschema', 'table_to_xml_and_xmlschema', 'schema_to_xml', 'schema_to_xmlschema',
  'schema_to_xml_and_xmlschema', 'database_to_xml', 'database_to_xmlschema', 'database_to_xml_and_xmlschema',
  // Parse a text as a value of a type given as data, whose checks are unknown.
  'domain_in', 'domain_recv', 'record_in', 'record_recv', 'array_in', 'array_recv', 'range_in', 'range_recv',
  'multirange_in', 'multirange_recv',
]); // prettier-ignore

/** Create a row of a given type from a text, which runs the checks of its columns. */
export const rowMakers: ReadonlySet<string> = new Set([
  'json_populate_record', 'json_populate_recordset', 'jsonb_populate_record', 'jsonb_populate_recordset',
  'jsonb_populate_record_valid', 'populate_record', '#=',
]); // prettier-ignore

/** Relations of pg_catalog that contain credentials or show server files. */
export const closedRelations: ReadonlySet<string> = new Set([
  'pg_authid', 'pg_shadow', 'pg_hba_file_rules', 'pg_ident_file_mappings', 'pg_file_settings', 'user_mapping_options',
  '_pg_user_mappings',
]); // prettier-ignore

/** Relations of pg_catalog with one column of credentials: that column, and the others. */
export const secretColumns: ReadonlyMap<string, { readonly secret: string; readonly plain: readonly string[] }> = new Map([
  ['pg_subscription', { secret: 'subconninfo', plain: [
    'oid', 'subdbid', 'subskiplsn', 'subname', 'subowner', 'subenabled', 'subbinary', 'substream', 'subtwophasestate',
    'subdisableonerr', 'subpasswordrequired', 'subrunasowner', 'subfailover', 'subretaindeadtuples', 'submaxretention',
    'subretentionactive', 'subslotname', 'subsynccommit', 'subwalrcvtimeout', 'subpublications', 'suborigin',
  ] }],
  ['pg_user_mapping', { secret: 'umoptions', plain: ['oid', 'umuser', 'umserver'] }],
  ['pg_user_mappings', { secret: 'umoptions', plain: ['umid', 'srvid', 'srvname', 'umuser', 'usename'] }],
]); // prettier-ignore
