/** A published query, exactly as in its project or page, run by a role with pg_monitor. */
export interface DbaQuery {
  readonly from: string;
  readonly sql: string;
  /** The first PostgreSQL version that has what it reads. */
  readonly since?: number;
  /** The last such version. */
  readonly until?: number;
}

export const published = (from: string, sql: string, range: { since?: number; until?: number } = {}): DbaQuery => ({
  from,
  sql,
  ...range,
});
