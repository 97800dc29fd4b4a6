import type { Verdict } from '../guard/check-statement.ts';
import { readPlan } from '../plan.ts';
import type { Session } from '../connection/session.ts';

/** The planner's estimate of the total rows, while the portal is open. Only plans, does not run. */
export async function estimateRows(
  session: Session,
  verdict: Verdict,
  values: (string | null)[],
): Promise<number | undefined> {
  if (verdict.kind !== 'select') return undefined;
  const { rows } = await session.also(`EXPLAIN (FORMAT JSON) ${verdict.sql}`, values);
  return readPlan(rows[0]?.[0] ?? '[]').root['Plan Rows'];
}
