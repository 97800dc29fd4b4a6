import { compareResults, describeDifferences, type Table } from './compare-results.ts';
import { canonicalJson } from '../../../servers/contract/canonical-json.ts';
import type { Evidence } from '../evidence/types.ts';
import type { Arguments } from '../tools.ts';

/** Measure results of earlier runs, so that the next run of a runbook can say what has changed. */
export interface MeasureHistory {
  /** @param key identifies comparable results. Returns undefined if there is none. */
  readonly last: (key: string) => Promise<(Table & { readonly time: string }) | undefined>;
  readonly keep: (key: string, result: Table & { readonly time: string }) => Promise<void>;
}

export interface Measure {
  readonly name: string;
  readonly tool: string;
  readonly arguments: Arguments;
}

/** For larger results, the comparison would be longer than the result. */
const mostRows = 1000;

/**
 * The changes since the last run with the same query and parameters, in words. undefined if there is nothing
 * to compare or nothing has changed. Stores this result for the next run.
 */
export async function compareWithLast(
  measure: Measure,
  evidence: Evidence,
  history: MeasureHistory,
): Promise<string | undefined> {
  const { columns, rows, rowCount, truncated, time } = evidence;
  if (columns.length === 0 || truncated || rowCount > mostRows) return undefined;
  const key = canonicalJson([measure.tool, measure.arguments]);
  const before = await history.last(key);
  await history.keep(key, { time, columns, rows });
  const differences = before === undefined ? undefined : compareResults(before, { columns, rows });
  if (before === undefined || differences === undefined || differences.length === 0) return undefined;
  return `Since the run of ${before.time}, ${measure.name}:\n${describeDifferences(differences)}`;
}
