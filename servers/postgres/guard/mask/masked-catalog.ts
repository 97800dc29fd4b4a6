import { withoutConstantsInSql } from '../constants.ts';

/**
 * Where the catalog stores column values outside the columns: statistics and statement texts always (`always`), the
 * rest only if the database has such an object on a masked column, which `masked-columns.ts` looks up.
 */
export type Door =
  | 'always'
  | 'default'
  | 'check'
  | 'domain'
  | 'index'
  | 'policy'
  | 'bound'
  | 'view'
  | 'trigger'
  | 'statistics'
  | 'publication'
  | 'added'
  | 'sequence'
  | 'large object';

interface CatalogColumn {
  readonly schema: 'pg_catalog' | 'information_schema' | undefined;
  readonly relation: string;
  readonly column: string;
  readonly doors: readonly Door[];
  /** The replacement, if not NULL. `masked` is the array of relations with masked columns. */
  readonly instead?: (column: string, masked: string) => string;
}

type Rows = readonly (readonly [relation: string, columns: string, ...doors: Door[]])[];

const values: Rows = [
  [
    'pg_stats',
    'most_common_vals histogram_bounds most_common_elems range_bounds_histogram range_length_histogram',
    'always',
  ],
  ['pg_statistic', 'stavalues1 stavalues2 stavalues3 stavalues4 stavalues5', 'always'],
  ['pg_stats_ext', 'most_common_vals', 'always'],
  ['pg_stats_ext', 'exprs', 'statistics'],
  [
    'pg_stats_ext_exprs',
    'most_common_vals histogram_bounds most_common_elems range_bounds_histogram range_length_histogram',
    'always',
  ],
  ['pg_statistic_ext_data', 'stxdmcv stxdexpr', 'always'],
  ['pg_attribute', 'attmissingval', 'added'],
  ['pg_type', 'typdefault typdefaultbin', 'domain'],
  ['pg_policy', 'polqual polwithcheck', 'policy'],
  ['pg_rewrite', 'ev_qual ev_action', 'view'],
  ['pg_sequences', 'last_value start_value', 'sequence'],
  ['pg_sequence', 'seqstart', 'sequence'],
  ['pg_largeobject', 'loid data', 'large object'],
  ['pg_largeobject_metadata', 'oid', 'large object'],
];

/**
 * Expression trees, which pg_get_expr prints, with the condition that one belongs to a relation with masked columns.
 */
const trees: readonly (readonly [relation: string, columns: string, of: string, ...doors: Door[]])[] = [
  ['pg_attrdef', 'adbin', 'adrelid', 'default'],
  ['pg_constraint', 'conbin', 'conrelid', 'check', 'domain'],
  ['pg_index', 'indexprs indpred', 'indrelid', 'index'],
  ['pg_class', 'relpartbound', 'oid', 'bound'],
  ['pg_partitioned_table', 'partexprs', 'partrelid', 'bound'],
  ['pg_trigger', 'tgqual', 'tgrelid', 'trigger'],
  ['pg_statistic_ext', 'stxexprs', 'stxrelid', 'statistics'],
  ['pg_publication_rel', 'prqual', 'prrelid', 'publication'],
];

/** Definitions as text, shown without their constants. */
const definitions: Rows = [
  ['pg_indexes', 'indexdef', 'index'],
  ['pg_policies', 'qual with_check', 'policy'],
  ['pg_rules', 'definition', 'view'],
  ['pg_views', 'definition', 'view'],
  ['pg_matviews', 'definition', 'view'],
  ['pg_stats_ext_exprs', 'expr', 'statistics'],
  ['pg_publication_tables', 'rowfilter', 'publication'],
];
const ofStandard: Rows = [
  ['columns', 'column_default generation_expression', 'default'],
  ['attributes', 'attribute_default', 'default'],
  ['domains', 'domain_default', 'domain'],
  ['check_constraints', 'check_clause', 'check', 'domain'],
  ['views', 'view_definition', 'view'],
  ['triggers', 'action_condition', 'trigger'],
];
const sequences: Rows = [
  ['sequences', 'start_value', 'sequence'],
  ['columns', 'identity_start', 'sequence'],
];

/** Other users' statements with their constants; also from extensions, in any schema. */
const statements: Rows = [
  ['pg_stat_activity', 'query', 'always'],
  ['pg_prepared_statements', 'statement', 'always'],
  ['pg_cursors', 'statement', 'always'],
  ['pg_stat_statements', 'query', 'always'],
  ['pg_stat_monitor', 'query comments query_plan top_query message', 'always'],
  ['pg_store_plans', 'plan', 'always'],
  ['pg_active_session_history', 'query top_level_query', 'always'],
  ['citus_stat_activity', 'query', 'always'],
  ['citus_dist_stat_activity', 'query', 'always'],
  ['citus_worker_stat_activity', 'query', 'always'],
  ['citus_lock_waits', 'blocked_statement current_statement_in_blocking_process', 'always'],
  ['citus_stat_statements', 'query', 'always'],
];

const strip = (column: string): string => withoutConstantsInSql(`${column}::pg_catalog.text`);

export const catalogColumns: readonly CatalogColumn[] = [
  ...spread(values, 'pg_catalog'),
  ...trees.flatMap(([relation, columns, of, ...doors]) =>
    spread([[relation, columns, ...doors]], 'pg_catalog').map((one) => ({
      ...one,
      instead: (column: string, masked: string) =>
        `case when ${of} <> all(${masked})${of === 'conrelid' ? ' and contypid = 0' : ''} then ${column} end`,
    })),
  ),
  ...spread(sequences, 'information_schema'),
  ...spread(definitions, 'pg_catalog').map((one) => ({ ...one, instead: strip })),
  ...spread(ofStandard, 'information_schema').map((one) => ({ ...one, instead: strip })),
  ...spread(statements, undefined).map((one) => ({ ...one, instead: strip })),
];

function spread(rows: Rows, schema: CatalogColumn['schema']): CatalogColumn[] {
  return rows.flatMap(([relation, columns, ...doors]) =>
    columns.split(' ').map((column) => ({ schema, relation, column, doors })),
  );
}

/** Functions that print definitions: they are called, and constants are removed from the result. */
export const printers: ReadonlyMap<string, readonly Door[]> = new Map<string, readonly Door[]>([
  ['pg_get_constraintdef', ['check', 'domain']],
  ['pg_get_indexdef', ['index']],
  ['pg_get_partkeydef', ['bound']],
  ['pg_get_partition_constraintdef', ['bound']],
  ['pg_get_viewdef', ['view']],
  ['pg_get_ruledef', ['view']],
  ['pg_get_triggerdef', ['trigger']],
  ['pg_get_statisticsobjdef', ['statistics']],
  ['pg_get_statisticsobjdef_columns', ['statistics']],
]);

/** Other functions that show the same: these are refused. Functions that change something are refused anyway. */
export const doorFunctions: ReadonlyMap<string, readonly Door[]> = new Map<string, readonly Door[]>([
  ['pg_get_statisticsobjdef_expressions', ['statistics']],
  ['pg_get_publication_tables', ['publication']],
  ['pg_sequence_last_value', ['sequence']],
  ['pg_get_sequence_data', ['sequence']],
  ['lo_get', ['large object']],
  ...[
    // Other users' statements, and constants that extensions collect from them.
    'pg_stat_get_activity', 'pg_prepared_statement', 'pg_cursor', 'pg_stat_get_backend_activity', 'pg_stat_statements', 'pg_stat_monitor', 'pg_qualstats',
    'pg_stat_monitor_internal', 'pg_store_plans', 'pg_active_session_history', 'get_parsedinfo', 'citus_stat_activity', 'citus_dist_stat_activity',
    'pg_qualstats_names', 'pg_qualstats_example_query', 'pg_qualstats_example_queries', 'pg_show_plans',
    // PostGIS: statistics, indexes or rows of a column given as text.
    'st_estimatedextent', 'st_estimated_extent', 'st_findextent', 'st_find_extent', '_postgis_stats',
    '_postgis_selectivity', '_postgis_join_selectivity', '_postgis_index_extent',
    // The same for text search: words of a column.
    'ts_stat', 'ts_rewrite',
  ].map((name): [string, readonly Door[]] => [name, ['always']]), // prettier-ignore
]);
