/** A published query, as the project or page that it is known from writes it, run by a role with pg_monitor. */
export interface DbaQuery {
  readonly from: string;
  readonly sql: string;
  /** The first version that has what it reads. */
  readonly since?: number;
  /** The last one. */
  readonly until?: number;
}

export const published = (from: string, sql: string, range: { since?: number; until?: number } = {}): DbaQuery => ({
  from,
  sql,
  ...range,
});
