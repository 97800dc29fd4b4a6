const longestMs = 24 * 60 * 60_000;

/**
 * A `Retry-After` header in milliseconds, at most a day: seconds, or a date (RFC 9110, 10.2.3).
 * @returns undefined for what is neither, a negative number too.
 */
export function retryAfterMs(header: string | null | undefined): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.min(Math.ceil(Number(text) * 1000), longestMs);
  const date = /\d:\d{2}:\d{2} GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.min(Math.max(0, date - Date.now()), longestMs);
}
