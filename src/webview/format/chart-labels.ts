import { language } from '../l10n.ts';

/** Dash patterns that distinguish lines without colour. Bars are distinguished by order. */
export const dashes = ['none', '6 3', '1.5 3', '9 3 1.5 3'] as const;

const figure = new Intl.NumberFormat(language, { maximumSignificantDigits: 6 });

/** The value next to a bar: `12,345`, `0.000123`. */
export function placeLabel(value: number): string {
  return figure.format(value);
}

/** Truncates text to this many characters, including the ellipsis. */
export function shorten(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, Math.max(1, most - 1))}…` : text;
}

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Formats the ticks of a time axis like the table does: in UTC, ISO 8601. Shows days if the axis spans several,
 * otherwise hours with the day below the first of each.
 */
export function timeTick(moments: readonly unknown[]): (moment: Date, index: number) => string {
  const times = moments.flatMap((moment) => (moment instanceof Date ? [moment.getTime()] : []));
  const span = Math.max(...times) - Math.min(...times);
  if (span > 3 * dayMs) return (moment) => moment.toISOString().slice(span > 300 * dayMs ? 0 : 5, 10);
  return (moment, index) => {
    const text = moment.toISOString();
    const isNewDay = index === 0 || text.slice(11, 16) === '00:00';
    return isNewDay ? `${text.slice(11, 16)}\n${text.slice(5, 10)}` : text.slice(11, 16);
  };
}
