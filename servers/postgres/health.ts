import type { HealthSection, HealthRow } from './health-section.ts';
import type { RoleReport } from './guard/role.ts';
import { preparedTransactions } from './health-prepared.ts';

const connections: HealthSection = {
  name: 'connections',
  severity: 'high',
  action: 'Find the clients that hold connections (long_queries shows idle transactions), or put a pooler in front. Raising max_connections costs memory.',
  columns: [['used', 'int8'], ['active', 'int8'], ['idle_in_transaction', 'int8'], ['most', 'int8']],
  text: `select count(*), count(*) filter (where state = 'active'), count(*) filter (where state like 'idle in transaction%'),
      pg_catalog.current_setting('max_connections')
    from pg_catalog.pg_stat_activity where backend_type = 'client backend'`,
  findings: ([row]) => {
    const [used, , , max] = (row ?? []).map(Number);
    return used !== undefined && max !== undefined && used > max * 0.8 ? [`${used} of ${max} connections are in use`] : [];
  },
}; // prettier-ignore

const longQueries: HealthSection = {
  name: 'long_queries',
  severity: 'medium',
  action: 'Look at the query and its wait. EXPLAIN it, or end it with SELECT pg_cancel_backend(pid), as a role that may.',
  columns: [['pid', 'int8'], ['user', 'text'], ['state', 'text'], ['wait', 'text'], ['seconds', 'float8'], ['query', 'text']],
  text: `select pid, usename, state, wait_event_type || ':' || wait_event,
      pg_catalog.round(extract(epoch from pg_catalog.clock_timestamp() - case when state = 'active' then query_start else state_change end), 1),
      pg_catalog.left(pg_catalog.regexp_replace(query, '\\s+', ' ', 'g'), 200)
    from pg_catalog.pg_stat_activity
    where pid <> pg_catalog.pg_backend_pid() and backend_type = 'client backend' and state <> 'idle'
      and application_name <> 'switchboard'
      and pg_catalog.clock_timestamp() - case when state = 'active' then query_start else state_change end > interval '5 s'
    order by 5 desc limit 10`,
  findings: (rows) =>
    rows.map(([pid, , state, , seconds]) =>
      state === 'active' ? `process ${pid} has been running a query for ${seconds} s` : `process ${pid} has been ${state} for ${seconds} s`,
    ),
}; // prettier-ignore

/** From pg_locks, which every role sees in full. Other users' query texts need pg_read_all_stats. */
const blocking: HealthSection = {
  name: 'blocked',
  severity: 'high',
  action: 'Let the blocking process finish or end it: SELECT pg_terminate_backend(pid), as a role that may. A client that is idle in a transaction holds its locks until it commits.',
  columns: [['pid', 'int8'], ['blocked_by', 'text'], ['seconds', 'float8'], ['waits_for', 'text'], ['query', 'text'], ['blocking_query', 'text']],
  text: `select l.pid, pg_catalog.array_to_string(pg_catalog.pg_blocking_pids(l.pid), ','),
      pg_catalog.round(extract(epoch from pg_catalog.clock_timestamp() - l.waitstart), 1),
      coalesce(c.relname || ' ', '') || l.locktype || ' ' || l.mode, pg_catalog.left(a.query, 200),
      (select pg_catalog.left(b.query, 200) from pg_catalog.pg_stat_activity b where b.pid = (pg_catalog.pg_blocking_pids(l.pid))[1])
    from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
      left join pg_catalog.pg_class c on c.oid = l.relation and l.locktype = 'relation'
    where not l.granted order by 3 desc limit 20`,
  findings: (rows) => rows.map(([pid, by, seconds, what]) => `process ${pid} has waited ${seconds} s for a lock (${what}) held by process ${by}`),
}; // prettier-ignore

const bloat: HealthSection = {
  name: 'dead_rows',
  severity: 'medium',
  action: 'VACUUM (ANALYZE) the table, look for old transactions that hold vacuum back, and let autovacuum run more often on it (autovacuum_vacuum_scale_factor).',
  columns: [['table', 'text'], ['live', 'int8'], ['dead', 'int8'], ['last_vacuum', 'text'], ['last_analyze', 'text']],
  text: `select schemaname || '.' || relname, n_live_tup, n_dead_tup, pg_catalog.greatest(last_vacuum, last_autovacuum)::text,
      pg_catalog.greatest(last_analyze, last_autoanalyze)::text
    from pg_catalog.pg_stat_user_tables where n_dead_tup > 1000 and n_dead_tup > 0.2 * n_live_tup
    order by n_dead_tup desc limit 10`.replaceAll('pg_catalog.greatest', 'greatest'),
  findings: (rows) => rows.map(([table, live, dead]) => `${table} has ${dead} dead rows and ${live} live rows: vacuum is falling behind`),
}; // prettier-ignore

const cache: HealthSection = {
  name: 'database',
  severity: 'high',
  action: 'VACUUM (FREEZE) the oldest tables, and end old transactions and unused replication slots.',
  columns: [['cache_hit_percent', 'float8'], ['rollbacks', 'int8'], ['commits', 'int8'], ['deadlocks', 'int8'], ['temp_bytes', 'int8'], ['size_bytes', 'int8'], ['xid_age', 'int8']],
  text: `select pg_catalog.round(100.0 * s.blks_hit / nullif(s.blks_hit + s.blks_read, 0), 2), s.xact_rollback, s.xact_commit,
      s.deadlocks, s.temp_bytes, pg_catalog.pg_database_size(s.datid), pg_catalog.age(d.datfrozenxid)
    from pg_catalog.pg_stat_database s join pg_catalog.pg_database d on d.oid = s.datid
    where s.datname = pg_catalog.current_database()`,
  findings: ([row]) => {
    const age = Number(row?.[6] ?? 0);
    return age > 1_000_000_000 ? [`the oldest transaction id is ${age} transactions old: wraparound is near`] : [];
  },
  standingAction:
    'Low cache use: read less (indexes, smaller queries) or give it more memory. Deadlocks: let all transactions lock rows in the same order, and retry the one that fails.',
  standing: ([row]) => {
    const [hit, , commits, deadlocks] = (row ?? []).map(Number);
    const found: string[] = [];
    if (hit !== undefined && hit > 0 && hit < 90 && (commits ?? 0) > 1000) found.push(`only ${hit} % of reads since the statistics were reset came from memory`);
    if (deadlocks !== undefined && deadlocks > 0) found.push(`${deadlocks} deadlocks since the statistics were reset`);
    return found;
  },
}; // prettier-ignore

const replication: HealthSection = {
  name: 'replication',
  severity: 'high',
  action: 'Check the network and the load of the replica. Drop a slot that nobody reads any more: it keeps WAL until the disk is full.',
  columns: [['who', 'text'], ['state', 'text'], ['lag_bytes', 'int8'], ['lag_seconds', 'float8']],
  text: `select coalesce(application_name, client_addr::text), state,
      case when pg_catalog.pg_is_in_recovery() then null else pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), replay_lsn) end,
      pg_catalog.round(extract(epoch from replay_lag), 1)
    from pg_catalog.pg_stat_replication
    union all
    select 'this replica', 'behind', null, pg_catalog.round(extract(epoch from pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp()), 1)
    where pg_catalog.pg_is_in_recovery()
    union all
    select 'slot ' || slot_name, case when active then 'active' else 'inactive' end,
      case when pg_catalog.pg_is_in_recovery() then null else pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn) end, null
    from pg_catalog.pg_replication_slots`,
  findings: (rows) =>
    rows.flatMap(([who, state, bytes, seconds]) => [
      ...(Number(seconds ?? 0) > 60 ? [`${who} is ${seconds} s behind`] : []),
      ...(state === 'inactive' && Number(bytes ?? 0) > 1_000_000_000 ? [`${who} is inactive and keeps ${bytes} bytes of WAL`] : []),
    ]),
}; // prettier-ignore

const indexes: HealthSection = {
  name: 'indexes',
  severity: 'medium',
  action: 'DROP INDEX CONCURRENTLY, and CREATE INDEX CONCURRENTLY again if it is needed.',
  columns: [['index', 'text'], ['problem', 'text'], ['bytes', 'int8']],
  // Sizes come from pg_class: pg_relation_size would wait for locks, which is when people check health.
  text: `select c.relname, 'invalid', c.relpages::int8 * 8192
    from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid where not i.indisvalid
    union all
    select s.schemaname || '.' || s.indexrelname, 'never used', c.relpages::int8 * 8192
    from pg_catalog.pg_stat_user_indexes s join pg_catalog.pg_index i on i.indexrelid = s.indexrelid
      join pg_catalog.pg_class c on c.oid = s.indexrelid
    where s.idx_scan = 0 and not i.indisunique and c.relpages > 1200
    order by 3 desc limit 20`,
  findings: (rows) => rows.filter(([, problem]) => problem === 'invalid').map(([index]) => `index ${index} is invalid: it slows down writes and no query uses it`),
}; // prettier-ignore

export const sections: readonly HealthSection[] = [
  connections,
  longQueries,
  blocking,
  bloat,
  cache,
  replication,
  indexes,
  preparedTransactions,
];

export interface Health {
  /** `attention` only for current problems, so that a runbook that waits for `ok` can end. */
  readonly status: 'ok' | 'attention';
  readonly acute: readonly string[];
  /** What stays true until someone changes the role or resets the statistics. */
  readonly standing: readonly string[];
  /** The same, with what to do. */
  readonly problems: readonly Problem[];
}

export interface Problem {
  readonly severity: 'high' | 'medium' | 'low';
  readonly finding: string;
  readonly action: string;
}

/** Backends of this server that were told to stop but did not, and how many queries may run concurrently. */
export interface Stuck {
  readonly stuck: readonly { readonly pid: number; readonly seconds: number }[];
  readonly places: number;
}

/** @param answers the rows of each section, in the order of `sections`. */
export function judgeHealth(
  answers: readonly (readonly HealthRow[])[],
  role: Pick<RoleReport, 'user' | 'findings'>,
  { stuck, places }: Stuck = { stuck: [], places: 0 },
): Health {
  const left = stuck.map(
    ({ pid, seconds }, index) =>
      `process ${pid} was told to stop ${seconds} s ago but is still running one of our queries: ${Math.max(0, places - index - 1)} of ${places} connections are left`,
  );
  const of = (severity: Problem['severity'], action: string, findings: readonly string[]): Problem[] =>
    findings.map((finding) => ({ severity, finding, action }));
  const acute = [
    ...of('high', 'End the process on the server: SELECT pg_terminate_backend(pid), as a role that may.', left),
    ...sections.flatMap(({ severity, action, findings }, index) =>
      of(severity, action, findings(answers[index] ?? [])),
    ),
  ];
  const standing = [
    ...sections.flatMap(({ action, standingAction = action, standing: find }, index) =>
      of('low', standingAction, find?.(answers[index] ?? []) ?? []),
    ),
    ...(role.findings.length === 0
      ? []
      : of('low', 'Connect as a role that may only read.', [
          `this connection's role ${role.user} ${role.findings.join(', ')}`,
        ])),
  ];
  const wordsOf = (problems: readonly Problem[]): string[] => problems.map(({ finding }) => finding);
  return {
    status: acute.length === 0 ? 'ok' : 'attention',
    acute: wordsOf(acute),
    standing: wordsOf(standing),
    problems: [...acute, ...standing],
  };
}
