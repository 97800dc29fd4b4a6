import { asText, wrongArgument } from './wrong-argument.ts';

/** Whether the day exists. `Date.parse` accepts 30 February. */
function isDay(year: string, month: string, day: string): boolean {
  const date = new Date(`${year}-${month}-01T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return false;
  date.setUTCDate(Number(day));
  return Number(day) > 0 && date.getUTCMonth() + 1 === Number(month);
}

/** "2026-11-30". @throws ToolError for anything else, including a nonexistent day. */
export function readDay(given: unknown, argument: string): string {
  const text = asText(given, argument).trim();
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined)
    throw wrongArgument(argument, 'must be a date such as 2026-11-30');
  if (!isDay(year, month, day)) throw wrongArgument(argument, `must be a date such as 2026-11-30; there is no ${text}`);
  return text;
}

const timePattern =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d(?:\.\d{1,9})?))?\s*(Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?)?$/i;

/** A time in ISO 8601, in UTC if it names no zone. @returns Jira's format: "2026-11-30T14:00:00.000+0000". */
export function readTime(given: unknown, argument: string): { value: string; shown: string } {
  const text = asText(given, argument).trim();
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', zone = 'Z'] =
    timePattern.exec(text) ?? [];
  if (year === '') throw wrongArgument(argument, 'must be a time such as 2026-11-30T14:00:00Z');
  if (!isDay(year, month, day))
    throw wrongArgument(argument, `must be a time such as 2026-11-30T14:00:00Z; there is no ${year}-${month}-${day}`);
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`).toISOString();
  return { value: time.replace('Z', '+0000'), shown: time.replace('.000Z', 'Z') };
}

/** "2h", "1w 2d 30m"; a bare number is minutes, as in Jira. @throws ToolError */
export function readDuration(given: unknown, argument: string): string {
  const text = asText(given, argument).trim().toLowerCase().replaceAll(/\s+/g, ' ');
  if (/^\d{1,9}$/.test(text)) return `${text}m`;
  const units = [...text.matchAll(/(\d{1,6}(?:\.\d{1,3})?)([wdhm])/g)];
  const isWhole = units.map(([unit]) => unit).join('') === text.replaceAll(' ', '');
  const order = units.map(([, , unit]) => 'wdhm'.indexOf(unit ?? ''));
  const isOrdered = order.every((place, index) => index === 0 || place > (order[index - 1] ?? -1));
  if (units.length > 0 && isWhole && isOrdered) return units.map(([unit]) => unit).join(' ');
  throw wrongArgument(argument, 'must be a duration such as 2h, 1d 4h or 30m (w, d, h, m)');
}
