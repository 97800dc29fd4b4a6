const maxMs = 24 * 60 * 60_000;

/**
 * Parses a `Retry-After` header, seconds or a date (RFC 9110, 10.2.3), into milliseconds, at most a day.
 * @returns undefined for anything else, including a negative number.
 */
export function retryAfterMs(header: string | null | undefined, now = Date.now()): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.min(Math.ceil(Number(text) * 1000), maxMs);
  const date = /\d:\d{2}:\d{2} GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.min(Math.max(0, date - now), maxMs);
}
