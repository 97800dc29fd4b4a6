/** One row of the answer; a value that is not there is null. */
export type HealthRow = readonly (string | null)[];

/** One look at the server: a query that everybody may run, and what in its rows deserves attention. */
export interface HealthSection {
  readonly name: string;
  readonly columns: readonly (readonly [name: string, type: 'text' | 'int8' | 'float8'])[];
  readonly text: string;
  /** What goes wrong now. */
  readonly findings: (rows: readonly HealthRow[]) => string[];
  /** What has added up since the statistics were reset: worth knowing, and never over. */
  readonly standing?: (rows: readonly HealthRow[]) => string[];
}
