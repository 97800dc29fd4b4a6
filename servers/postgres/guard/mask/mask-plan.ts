import { withoutConstants } from '../constants.ts';

/** What of a step is a condition or an expression, in EXPLAIN (FORMAT JSON). */
const expressions = /Cond|Filter|Key|Output|Cache|Call|Subplan Name/;

/** A plan without constants in its conditions: those of row-level security are not the caller's. */
export function maskPlan(json: string): string {
  const plan: unknown = JSON.parse(json, (key, value: unknown) => {
    if (!expressions.test(key)) return value;
    if (typeof value === 'string') return withoutConstants(value);
    return Array.isArray(value)
      ? value.map((item: unknown) => (typeof item === 'string' ? withoutConstants(item) : item))
      : value;
  });
  return JSON.stringify(plan);
}
