/** How many keys the last GROUP BY of a query has; 0 without one, or with groupings that cannot be counted. */
export function countGroupKeys(query: unknown): number {
  if (typeof query !== 'string') return 0;
  const start = query.toLowerCase().lastIndexOf('group by ');
  if (start === -1) return 0;
  let [depth, keys] = [0, 1];
  for (const [, piece = ''] of query.slice(start + 'group by '.length, start + 2000).matchAll(/(\w+|[(),;])/gu)) {
    const word = piece.toLowerCase();
    if (['rollup', 'cube', 'grouping', 'all'].includes(word)) return 0;
    if (piece === '(') depth += 1;
    else if (piece === ')') depth -= 1;
    else if (piece === ',' && depth === 0) keys += 1;
    if (depth < 0 || (depth === 0 && ['having', 'order', 'limit', 'window', 'union', ';'].includes(word))) return keys;
  }
  return keys;
}
