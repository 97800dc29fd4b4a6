/** Whether JSON is nested deeper than so many levels. What is would exhaust the stack of whoever walks it. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
