import { withoutConstants } from '../constants.ts';

/** The fields of a plan step that are conditions or expressions, in EXPLAIN (FORMAT JSON). */
const expressions = /Cond|Filter|Key|Output|Cache|Call|Subplan Name/;

/** Removes constants from a plan's conditions: those of row-level security are not the caller's. */
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
