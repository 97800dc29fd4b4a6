import type { Verdict } from '../guard/check-statement.ts';
import { readPlan } from '../plan.ts';
import type { Session } from '../connection/session.ts';

/** The planner's guess of all rows, beside the open portal: planning only. */
export async function estimateRows(
  session: Session,
  verdict: Verdict,
  values: (string | null)[],
): Promise<number | undefined> {
  if (verdict.kind !== 'select') return undefined;
  const { rows } = await session.also(`EXPLAIN (FORMAT JSON) ${verdict.sql}`, values);
  return readPlan(rows[0]?.[0] ?? '[]').root['Plan Rows'];
}
