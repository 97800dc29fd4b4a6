import type { EvidenceView } from '../../chat/vocabulary.ts';
import { asNumber } from '../../chat/evidence-query.ts';
import { oneLine, valueText } from './value.ts';

/** Evidence as a chart, with one value for each series at each position. */
export interface ChartShape {
  readonly x: string;
  /** `time` draws lines over time, `category` draws one bar for each category. */
  readonly kind: 'time' | 'category';
  readonly points: readonly ChartPoint[];
  readonly series: readonly string[];
}

export interface ChartPoint {
  readonly x: Date | string;
  readonly y: number;
  readonly series: string;
}

/** More bars would be unreadable, and more lines would be indistinguishable. */
const most = { categories: 30, series: 4 } as const;

/**
 * How to draw these rows, or undefined if a chart would say less than the table. A chart needs a first column of unique
 * times or names, followed by a column of numbers.
 */
export function chartShape({ columns, rows }: EvidenceView): ChartShape | undefined {
  const names = columns.map(({ name }) => name);
  const axis = columns.findIndex((column, index) => isMoment(column.type) || !isNumeric(rows, index));
  const x = names[axis];
  if (x === undefined || rows.length < 2) return undefined;
  const figures = names.filter(
    (name, index) => index !== axis && names.indexOf(name) === index && isNumeric(rows, index),
  );
  const series = figures.slice(0, most.series);
  const places = rows.flatMap((row) => valueText(row[axis]) ?? []).map((text) => oneLine(text).slice(0, 200));
  // Compared as displayed, because two bars at one position would be indistinguishable.
  if (series.length === 0 || places.length < rows.length || new Set(places).size < rows.length) return undefined;
  const moments = places.map(momentOf);
  const inTime = moments.every((moment) => moment !== undefined);
  if (!inTime && rows.length > most.categories) return undefined;
  const points = rows.flatMap((row, index) =>
    series.flatMap((name) => {
      const y = asNumber(valueText(row[names.indexOf(name)]) ?? '');
      const place = inTime ? moments[index] : places[index];
      return y === undefined || place === undefined ? [] : [{ x: place, y, series: name }];
    }),
  );
  if (inTime) points.sort((left, right) => Number(left.x) - Number(right.x));
  return { x, kind: inTime ? 'time' : 'category', points, series };
}

function isNumeric(rows: EvidenceView['rows'], column: number): boolean {
  const texts = rows.map((row) => valueText(row[column])).filter((text) => text !== undefined);
  return texts.length > 0 && texts.every((text) => asNumber(text) !== undefined);
}

function isMoment(type: string): boolean {
  return /^(?:date|timestamp|timestamptz)/iu.test(type);
}

/** Parses ISO 8601, the format of our servers. A time without a zone is read as UTC, like the axis. */
function momentOf(text: string): Date | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d(?::?\d\d)?)?)?$/u.exec(text);
  if (parts === null) return undefined;
  const [, day = '', time = '00:00', zone = 'Z'] = parts;
  const moment = new Date(`${day}T${time}${/^[+-]\d\d$/u.test(zone) ? `${zone}:00` : zone}`);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}
