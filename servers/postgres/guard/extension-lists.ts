/**
 * Extension functions that were reviewed, as names, or as `name(types)` if only some overloads are allowed. The lists
 * may be incomplete: anything missing is refused with a hint to DB_ALLOW_FUNCTIONS.
 */
export interface ExtensionList {
  /** The source that was reviewed. */
  readonly checked: string;
  /** Marked volatile, but only read or create a value. */
  readonly reads?: string;
  /** Take text, names or the like and only compute: nothing runs as SQL or names a table to read. */
  readonly computes?: string;
  /** Reveal something about a table named in a text, bypassing the parser: refused if columns are masked. */
  readonly shows?: string;
  /** Run an argument as SQL, or call a function given as an argument. */
  readonly runsText?: string;
}

const contrib = (name: string): string => `contrib/${name} of 15.18 and 18.4: the library does not use SPI`;
const readOnly = (address: string): string => `its SQL at ${address}`;

/** https://www.postgresql.org/docs/18/contrib.html */
const ofContrib: Readonly<Record<string, ExtensionList>> = {
  amcheck: { checked: contrib('amcheck'), reads: 'bt_index_check(regclass) gin_index_check verify_heapam' },
  btree_gist: { checked: contrib('btree_gist'), computes: 'oid_dist' },
  citext: {
    checked: contrib('citext'),
    computes: `citext_cmp citext_eq citext_ge citext_gt citext_hash citext_hash_extended citext_larger citext_le citext_lt
      citext_ne citext_pattern_cmp citext_pattern_ge citext_pattern_gt citext_pattern_le citext_pattern_lt citext_smaller
      min max`,
  },
  fuzzystrmatch: {
    checked: contrib('fuzzystrmatch'),
    computes: `daitch_mokotoff difference dmetaphone dmetaphone_alt levenshtein levenshtein_less_equal metaphone soundex
      text_soundex`,
  },
  hstore: {
    checked: contrib('hstore'),
    computes: `defined delete exist exists_all exists_any fetchval hstore isdefined isexists populate_record slice slice_array
      tconvert`,
  },
  intarray: { checked: contrib('intarray'), computes: 'sort' },
  ltree: { checked: contrib('ltree'), computes: 'ltree_addtext ltree_textadd text2ltree' },
  old_snapshot: { checked: contrib('old_snapshot'), reads: 'pg_old_snapshot_time_mapping' },
  pg_buffercache: {
    checked: contrib('pg_buffercache'),
    reads: `pg_buffercache_pages pg_buffercache_summary pg_buffercache_usage_counts pg_buffercache_numa_pages
      pg_buffercache_os_pages`,
  },
  pg_freespacemap: { checked: contrib('pg_freespacemap'), reads: 'pg_freespace' },
  pg_stat_statements: { checked: contrib('pg_stat_statements'), reads: 'pg_stat_statements pg_stat_statements_info' },
  pg_trgm: {
    checked: contrib('pg_trgm'),
    computes: `show_trgm similarity similarity_dist similarity_op strict_word_similarity
      strict_word_similarity_commutator_op strict_word_similarity_dist_commutator_op strict_word_similarity_dist_op
      strict_word_similarity_op word_similarity word_similarity_commutator_op word_similarity_dist_commutator_op
      word_similarity_dist_op word_similarity_op`,
  },
  pg_visibility: {
    checked: contrib('pg_visibility'),
    reads: 'pg_visibility pg_visibility_map pg_visibility_map_summary pg_check_frozen pg_check_visible',
  },
  pgcrypto: {
    checked: contrib('pgcrypto'),
    reads: `gen_random_bytes gen_random_uuid gen_salt fips_mode pgp_pub_encrypt pgp_pub_encrypt_bytea pgp_sym_encrypt
      pgp_sym_encrypt_bytea`,
    computes: `armor crypt dearmor decrypt decrypt_iv digest encrypt encrypt_iv hmac pgp_armor_headers pgp_key_id
      pgp_pub_decrypt pgp_pub_decrypt_bytea pgp_sym_decrypt pgp_sym_decrypt_bytea`,
  },
  pgrowlocks: { checked: contrib('pgrowlocks'), reads: 'pgrowlocks' },
  pgstattuple: {
    checked: contrib('pgstattuple'),
    reads: 'pg_relpages pgstatginindex pgstathashindex pgstatindex pgstattuple pgstattuple_approx',
  },
  postgres_fdw: { checked: contrib('postgres_fdw'), reads: 'postgres_fdw_get_connections' },
  sslinfo: {
    checked: contrib('sslinfo'),
    reads: `ssl_cipher ssl_client_cert_present ssl_client_dn ssl_client_dn_field ssl_client_serial ssl_extension_info
      ssl_is_used ssl_issuer_dn ssl_issuer_field ssl_version`,
  },
  tablefunc: {
    checked: 'contrib/tablefunc/tablefunc.c of 15.18 and 18.4',
    reads: 'normal_rand',
    runsText: 'crosstab crosstab2 crosstab3 crosstab4 connectby',
  },
  unaccent: { checked: contrib('unaccent'), computes: 'unaccent' },
  'uuid-ossp': {
    checked: contrib('uuid-ossp'),
    reads: 'uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4',
    computes: 'uuid_generate_v3 uuid_generate_v5',
  },
};

/**
 * In PostGIS's libraries (3.3.2), SQL that is not listed here takes its values as parameters. st_asmvt and
 * st_asflatgeobuf are omitted because a null row crashes the server.
 */
const ofPostgis: Readonly<Record<string, ExtensionList>> = {
  address_standardizer: {
    checked: 'address_standardizer-3.so of 3.3.2: standardize_address reads tables that it is given by name',
    computes: 'parse_address',
    runsText: 'standardize_address',
  },
  postgis: {
    checked: 'postgis-3.so and postgis--3.3.2.sql',
    reads: 'st_generatepoints st_symmetricdifference',
    computes: `_st_asgml _st_asx3d _st_geomfromgml geography geometry geomfromewkb geomfromewkt postgis_transform_geometry
      st_asbinary st_asewkb st_asgeobuf st_asgeojson st_asgml st_ashexewkb st_askml st_aslatlontext
      st_asmarc21 st_box2dfromgeohash st_buffer st_forcesfs st_geogfromtext st_geogfromwkb st_geographyfromtext
      st_geometryfromtext st_geomfromewkb st_geomfromewkt st_geomfromgeojson st_geomfromgml st_geomfromkml
      st_geomfrommarc21 st_geomfromtext st_geomfromtwkb st_geomfromwkb st_gmltosql st_letters st_linefromencodedpolyline
      st_makevalid st_offsetcurve st_pointfromgeohash st_relate st_relatematch st_swapordinates st_transform st_wkbtosql
      st_wkttosql st_bdmpolyfromtext st_bdpolyfromtext find_srid postgis_constraint_dims postgis_constraint_srid
      postgis_constraint_type postgis_type_name st_area st_asewkt st_assvg st_astext st_centroid st_coveredby st_covers
      st_distance st_dwithin st_geomcollfromtext st_geomcollfromwkb st_geomfromgeohash st_intersection st_intersects
      st_length st_linefromtext st_linefromwkb st_linestringfromwkb st_mlinefromtext st_mlinefromwkb st_mpointfromtext
      st_mpointfromwkb st_mpolyfromtext st_mpolyfromwkb st_multilinefromwkb st_multilinestringfromtext
      st_multipointfromtext st_multipointfromwkb st_multipolyfromwkb st_multipolygonfromtext st_pointfromtext
      st_pointfromwkb st_polyfromtext st_polyfromwkb st_polygonfromtext st_polygonfromwkb`,
    shows: '_postgis_index_extent st_estimatedextent',
    runsText: 'addgeometrycolumn st_findextent st_fromflatgeobuftotable',
  },
  postgis_raster: {
    checked: 'postgis_raster-3.so and postgis_raster--3.3.2.sql',
    computes: `_st_asraster _st_aspect4ma _st_colormap _st_gdalwarp _st_grayscale4ma _st_hillshade4ma _st_reclass
      _st_roughness4ma _st_slope4ma _st_tpi4ma _st_tri4ma st_addband(raster,addbandarg[])
      st_addband(raster,integer,text,double-precision,double-precision)
      st_addband(raster,text,double-precision,double-precision) st_asjpeg st_aspect st_aspng st_asraster st_astiff st_band
      st_colormap st_distinct4ma st_georeference st_grayscale st_hillshade st_interpolateraster st_intersection
      st_invdistweight4ma st_max4ma st_mean4ma st_min4ma st_mindist4ma st_minpossiblevalue st_range4ma st_rastfromhexwkb
      st_rastfromwkb st_reclass st_resample st_rescale st_resize st_reskew st_roughness st_setgeoreference st_setm st_setz
      st_slope st_snaptogrid st_stddev4ma st_sum4ma st_tpi st_transform st_tri st_union st_value`,
    runsText: `_st_mapalgebra _st_valuecount st_mapalgebra st_mapalgebraexpr st_mapalgebrafct st_mapalgebrafctngb st_retile
      st_valuecount st_valuepercent`,
  },
};

/** Only functions about the server and sizes. Those that show statements are also in `doorFunctions`. */
const ofMonitoring: Readonly<Record<string, ExtensionList>> = {
  citus: {
    checked: `${readOnly('github.com/citusdata/citus, src/backend/distributed/sql/udfs')} of 7.0 to 14.0: what citus_tables,
      citus_shards, citus_lock_waits and citus_stat_activity call`,
    reads: `citus_table_size citus_relation_size citus_total_relation_size citus_shard_sizes citus_stat_activity
      citus_dist_stat_activity dump_global_wait_edges get_all_active_transactions get_rebalance_progress
      master_get_active_worker_nodes`,
    computes: 'shard_name column_to_column_name master_get_table_metadata',
  },
  hypopg: {
    checked: 'hypopg--1.3.1.sql of Debian',
    reads: 'hypopg hypopg_list_indexes hypopg_get_indexdef hypopg_relation_size hypopg_hidden_indexes',
  },
  orafce: { checked: 'orafce--4.1.sql of Debian', reads: '__list_pipes' },
  pg_proctab: {
    checked: readOnly('github.com/markwkm/pg_proctab, sql, 0.0.5 to 0.0.10'),
    reads: 'pg_cputime pg_loadavg pg_memusage pg_diskusage pg_proctab',
  },
  pg_qualstats: {
    checked: 'pg_qualstats--2.0.4.sql of Debian',
    reads: 'pg_qualstats pg_qualstats_names pg_qualstats_example_query pg_qualstats_example_queries',
  },
  pg_stat_kcache: { checked: 'pg_stat_kcache--2.2.1.sql of Debian', reads: 'pg_stat_kcache' },
  pg_stat_monitor: {
    checked: readOnly('github.com/percona/pg_stat_monitor, pg_stat_monitor--2.0.sql'),
    reads:
      'pg_stat_monitor pg_stat_monitor_internal pg_stat_monitor_version histogram get_histogram_timings range get_cmd_type decode_error_level',
  },
  pg_store_plans: {
    checked: readOnly('github.com/ossc-db/pg_store_plans, pg_store_plans--1.9.sql'),
    reads: 'pg_store_plans pg_store_plans_info',
  },
  pg_wait_sampling: {
    checked: 'pg_wait_sampling--1.1.sql of Debian',
    reads: 'pg_wait_sampling_get_current pg_wait_sampling_get_history pg_wait_sampling_get_profile',
  },
  pgsentinel: {
    checked: readOnly('github.com/pgsentinel/pgsentinel, src/pgsentinel--1.0.sql'),
    reads: 'pg_active_session_history get_parsedinfo pg_stat_statements_history',
  },
  system_stats: {
    checked: readOnly('github.com/EnterpriseDB/system_stats, system_stats--4.0.sql'),
    reads: `pg_sys_os_info pg_sys_cpu_info pg_sys_cpu_usage_info pg_sys_memory_info pg_sys_io_analysis_info
      pg_sys_disk_info pg_sys_load_avg_info pg_sys_process_info pg_sys_network_info pg_sys_cpu_memory_by_process`,
  },
  timescaledb: {
    checked: 'timescaledb--2.27.2.sql and the reference at docs.timescale.com/api',
    reads: `hypertable_size hypertable_detailed_size hypertable_index_size hypertable_approximate_size
      hypertable_approximate_detailed_size chunks_detailed_size approximate_row_count show_chunks show_tablespaces
      hypertable_compression_stats chunk_compression_stats hypertable_columnstore_stats chunk_columnstore_stats
      time_bucket_gapfill locf interpolate`,
    computes: `time_bucket time_bucket_gapfill first last histogram locf interpolate approximate_row_count show_chunks
      show_tablespaces cagg_watermark hypertable_compression_stats chunk_compression_stats hypertable_columnstore_stats
      chunk_columnstore_stats`,
  },
};

export const extensionLists: Readonly<Record<string, ExtensionList | undefined>> = {
  ...ofContrib,
  ...ofPostgis,
  ...ofMonitoring,
};

/** Extensions with no allowed functions: other servers, files, raw pages, the web, jobs. */
export const closedExtensions: ReadonlySet<string> = new Set([
  'dblink', 'xml2', 'adminpack', 'file_fdw', 'pageinspect', 'pg_surgery', 'pg_walinspect', 'pg_logicalinspect', 'http',
  'pg_net', 'pg_cron', 'pg_background', 'pg_prewarm', 'lo',
]); // prettier-ignore
