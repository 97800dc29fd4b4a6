import type { HealthSection } from './health-section.ts';

/** A transaction manager finishes prepared transactions within moments, so an older one was forgotten. */
const forgottenSeconds = 60;

function describe([gid, database, owner, seconds]: readonly (string | null)[]): string {
  const literal = `'${(gid ?? '').replaceAll("'", "''")}'`;
  return `prepared transaction ${literal} of ${owner} in ${database} has been open for ${seconds} s: it holds its locks and blocks vacuum until COMMIT PREPARED or ROLLBACK PREPARED ${literal};`;
}

/** Unfinished two-phase commits: no session shows them, and they survive restarts. Every role can see them. */
export const preparedTransactions: HealthSection = {
  name: 'prepared_transactions',
  severity: 'high',
  action: 'Ask its owner or the transaction manager, then COMMIT PREPARED or ROLLBACK PREPARED in its database.',
  columns: [
    ['gid', 'text'],
    ['database', 'text'],
    ['owner', 'text'],
    ['seconds', 'float8'],
  ],
  text: `select gid, database, owner, pg_catalog.round(extract(epoch from pg_catalog.clock_timestamp() - prepared), 1)
    from pg_catalog.pg_prepared_xacts order by prepared limit 20`,
  findings: (rows) => rows.filter((row) => Number(row[3]) >= forgottenSeconds).map(describe),
  standing: (rows) => rows.filter((row) => Number(row[3]) < forgottenSeconds).map(describe),
};
