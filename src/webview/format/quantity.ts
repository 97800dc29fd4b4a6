import { language, t } from '../l10n.ts';

const grouped = new Intl.NumberFormat(language);
const oneDigit = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const money = new Intl.NumberFormat(language, { style: 'currency', currency: 'USD' });

/** `12,345` */
export function count(value: number): string {
  return grouped.format(value);
}

/** `48 ms`, `1.3 s`, `2 min 5 s` */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${oneDigit.format(seconds)} s`;
  const whole = Math.round(seconds);
  return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** `950`, `41.2k`, `1.3M` */
export function tokens(value: number): string {
  if (value < 1000) return String(value);
  return value < 999_950 ? t('{0}k', oneDigit.format(value / 1000)) : t('{0}M', oneDigit.format(value / 1_000_000));
}

/** US dollars: `$0.06`. A cost above zero is never shown as zero. */
export function dollars(value: number): string {
  return value > 0 && value < 0.01 ? `< ${money.format(0.01)}` : money.format(value);
}
