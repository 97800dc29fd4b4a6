// The notation of units, times of day and dates.

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] as const;
// Whole names: `31 Declined` is not a date.
export const month =
  '(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)(?![a-z])\\.?';
export const clock = '\\d{1,2}:\\d{2}(?::\\d{2}(?:[.,]\\d+)?)?(?:\\s?[AaPp]\\.?[Mm]\\b\\.?)?';
export const zone = '(?:\\s?(?:Z|UTC|GMT|[+-]\\d{2}(?::?\\d{2})?)(?!\\w|:\\d))?';
export const units =
  '%|percentage points?\\b|percent\\b|pp\\b|milliseconds?\\b|ms\\b|seconds?\\b|secs?\\b|s\\b|minutes?\\b|mins?\\b|m\\b|hours?\\b|hrs?\\b|h\\b|' +
  'days?\\b|d\\b|weeks?\\b|w\\b|bytes?\\b|[kKMGT]i?B\\b|B\\b|x\\b|×|times\\b|-?fold\\b';

export const scales: Readonly<Record<string, number>> = {
  k: 1e3,
  thousand: 1e3,
  m: 1e6,
  million: 1e6,
  bn: 1e9,
  billion: 1e9,
};

/** `points` is the difference of two percentages; `ratio` is written in words: doubled. */
export type Unit = 'percent' | 'points' | 'ratio' | 'times' | 'seconds' | 'bytes' | 'money' | 'none';

const unitFactors: readonly (readonly [RegExp, Unit, number])[] = [
  [/^(?:%|percent)$/, 'percent', 1],
  [/^(?:percentage points?|pp)$/, 'points', 1],
  [/^(?:x|×|times|-?fold)$/, 'times', 1],
  [/^(?:ms|milliseconds?)$/, 'seconds', 0.001],
  [/^(?:s|secs?|seconds?)$/, 'seconds', 1],
  [/^(?:m|mins?|minutes?)$/, 'seconds', 60],
  [/^(?:h|hrs?|hours?)$/, 'seconds', 3600],
  [/^(?:d|days?)$/, 'seconds', 86_400],
  [/^(?:w|weeks?)$/, 'seconds', 604_800],
  [/^(?:b|bytes?)$/, 'bytes', 1],
  [/^ki?b$/, 'bytes', 1024],
  [/^mi?b$/, 'bytes', 1024 ** 2],
  [/^gi?b$/, 'bytes', 1024 ** 3],
  [/^ti?b$/, 'bytes', 1024 ** 4],
];

export function readUnit(unit: string | undefined, currency: string | undefined): { unit: Unit; factor: number } {
  if (currency !== undefined) return { unit: 'money', factor: 1 };
  if (unit === undefined) return { unit: 'none', factor: 1 };
  const found = unitFactors.find(([pattern]) => pattern.test(unit.toLowerCase()));
  return found === undefined ? { unit: 'none', factor: 1 } : { unit: found[1], factor: found[2] };
}

/** `2:03 PM` as `14:03`. Keeps seconds if given and drops fractions. */
export function clockParts(text: string): string {
  const [, hour = '0', minute = '00', second] = /^(\d{1,2}):(\d{2})(?::(\d{2}))?/.exec(text) ?? [];
  const half = /([ap])\.?m/i.exec(text)?.[1]?.toLowerCase();
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half === 'p' ? 12 : 0);
  return [String(hours).padStart(2, '0'), minute, ...(second === undefined ? [] : [second])].join(':');
}

/** `5 p.m.` as `17h`: any minute of that hour. */
export function hourPart(text: string): string {
  return `${clockParts(text.replace(/^(\d+)/, '$1:00')).slice(0, 2)}h`;
}

export function dateParts(day: string, monthName: string, year: string | undefined): string {
  const number = months.findIndex((name) => monthName.toLowerCase().startsWith(name)) + 1;
  const monthAndDay = `${String(number).padStart(2, '0')}-${day.padStart(2, '0')}`;
  return year === undefined ? monthAndDay : `${year}-${monthAndDay}`;
}
