/** One row of the result; missing values are null. */
export type HealthRow = readonly (string | null)[];

/** One health check: a query that every role may run, and the findings in its rows. */
export interface HealthSection {
  readonly name: string;
  readonly columns: readonly (readonly [name: string, type: 'text' | 'int8' | 'float8'])[];
  readonly text: string;
  /** What a person can do about its findings. */
  readonly action: string;
  /** How much current problems of this kind matter. */
  readonly severity: 'high' | 'medium';
  /** Current problems. */
  readonly findings: (rows: readonly HealthRow[]) => string[];
  /** What can be done about totals, if that is something else. */
  readonly standingAction?: string;
  /** Totals since the statistics were reset: worth knowing, but they never clear. */
  readonly standing?: (rows: readonly HealthRow[]) => string[];
}
