/** A cell as text, without any escaping. */
export function plainValue(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return value;
  return JSON.stringify(value);
}

/** Types whose values anyone may have typed in. */
export const textual = /char|text|json|xml|name|hstore/i;

/** A number, or numeric text: PostgreSQL sends bigint and numeric as text. */
export function numberOf(cell: unknown): number | undefined {
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : undefined;
  if (typeof cell === 'bigint') return Number(cell);
  if (typeof cell !== 'string' || !/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(cell)) return undefined;
  return Number(cell);
}

/** Columns whose numbers are names, not amounts. */
export const identifying = /(?:^|[_.])(?:id|ids|no|number|nr|key|code|pid|oid|port|zip|phone|ts)$|Id$/;

/** An ISO or PostgreSQL timestamp in milliseconds since 1970. */
export function instantOf(cell: unknown): number | undefined {
  if (typeof cell !== 'string') return undefined;
  const found = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:\.\d+)?)(Z|[+-]\d{2}(?::?\d{2})?)?$/.exec(cell);
  if (found === null) return undefined;
  const [, date, time, zone = 'Z'] = found;
  const offset = zone === 'Z' ? 'Z' : zone.length === 3 ? `${zone}:00` : zone.replace(/^(...)(\d\d)$/, '$1:$2');
  const value = Date.parse(`${date}T${time?.slice(0, 12)}${offset}`);
  return Number.isNaN(value) ? undefined : value;
}
