/** Whether JSON is nested deeper than the given level. Deeper values would overflow the stack of code that walks them. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
