import type { EvidenceView } from '../../chat/vocabulary.ts';
import { asNumber } from '../../chat/order-rows.ts';
import { oneLine, valueText } from './value.ts';
import { t } from '../l10n.ts';

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
 * How to draw these rows, or undefined if a chart would say less than the table. A chart needs a column of times or names
 * and columns of numbers. Times or names that repeat need a second column of names, which become the series.
 */
export function chartShape(evidence: EvidenceView): ChartShape | undefined {
  const { columns, rows } = evidence;
  const names = columns.map(({ name }) => name);
  const keys = names.flatMap((_, index) => (isKey(evidence, index) ? [index] : []));
  const [first, second] = keys;
  if (first === undefined || rows.length < 2) return undefined;
  // Compared as displayed, because two bars at one position would be indistinguishable.
  const places = placesIn(rows, first);
  const isLong = second !== undefined && new Set(places).size < rows.length;
  const figures = names.flatMap((name, index) =>
    keys.includes(index) || names.indexOf(name) !== index || !isNumeric(rows, index) ? [] : [index],
  );
  return isLong
    ? longShape(evidence, momentsFirst(evidence, [first, second]), figures[0])
    : wideShape(evidence, first, figures.slice(0, most.series));
}

function wideShape({ columns, rows }: EvidenceView, axis: number, figures: readonly number[]): ChartShape | undefined {
  const series = figures.flatMap((index) => columns[index]?.name ?? []);
  const entries = rows.flatMap((row) =>
    figures.map((index) => ({ place: placeOf(row, axis), figure: row[index], series: columns[index]?.name ?? '' })),
  );
  return shapeOf(columns[axis]?.name ?? '', entries, series);
}

/** One row for each place and series. */
function longShape(
  { columns, rows }: EvidenceView,
  [axis, by]: Axes,
  figure: number | undefined,
): ChartShape | undefined {
  if (figure === undefined) return undefined;
  const entries = rows.map((row) => ({
    place: placeOf(row, axis),
    figure: row[figure],
    series: placeOf(row, by) ?? t('(none)'),
  }));
  const series = [...new Set(entries.map((entry) => entry.series))];
  if (series.length > most.series) return undefined;
  return shapeOf(columns[axis]?.name ?? '', entries, series);
}

interface Entry {
  readonly place: string | undefined;
  readonly figure: unknown;
  readonly series: string;
}

function shapeOf(x: string, entries: readonly Entry[], series: readonly string[]): ChartShape | undefined {
  const places = new Set(entries.map(({ place }) => place));
  const taken = new Set(entries.map((entry) => JSON.stringify([entry.place, entry.series])));
  if (series.length === 0 || places.has(undefined) || taken.size < entries.length || places.size < 2) return undefined;
  const moments = new Map([...places].map((place) => [place, momentOf(place ?? '')]));
  const inTime = [...moments.values()].every((moment) => moment !== undefined);
  if (!inTime && places.size > most.categories) return undefined;
  const points = entries.flatMap((entry) => {
    const y = asNumber(valueText(entry.figure) ?? '');
    const place = inTime ? moments.get(entry.place) : entry.place;
    return y === undefined || place === undefined ? [] : [{ x: place, y, series: entry.series }];
  });
  if (inTime) points.sort((left, right) => Number(left.x) - Number(right.x));
  return { x, kind: inTime ? 'time' : 'category', points, series };
}

type Axes = readonly [axis: number, by: number];

/** Time is the axis, whichever key it is. */
function momentsFirst({ columns }: EvidenceView, [first, second]: Axes): Axes {
  const isLater = isMoment(columns[second]?.type ?? '') && !isMoment(columns[first]?.type ?? '');
  return isLater ? [second, first] : [first, second];
}

function isKey({ columns, rows }: EvidenceView, index: number): boolean {
  return isMoment(columns[index]?.type ?? '') || !isNumeric(rows, index);
}

function placesIn(rows: EvidenceView['rows'], column: number): readonly (string | undefined)[] {
  return rows.map((row) => placeOf(row, column));
}

function placeOf(row: readonly unknown[], column: number): string | undefined {
  const text = valueText(row[column]);
  return text === undefined ? undefined : oneLine(text).slice(0, 200);
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
