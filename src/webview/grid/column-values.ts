import { asNumber } from '../../chat/order-rows.ts';
import type { EvidenceView } from '../../chat/vocabulary.ts';
import { valueText } from '../format/value.ts';

type Columns = EvidenceView['columns'];
type Rows = EvidenceView['rows'];

const letterWidth = 7.4;
/** The first rows speak for the others. */
const sample = 100;

/** The width that a person chose, otherwise what fits the name and most of the first values. */
export function columnWidths(
  columns: Columns,
  rows: Rows,
  chosen: Readonly<Record<number, number>>,
): readonly number[] {
  const first = rows.slice(0, sample);
  return columns.map(({ name }, index) => {
    const lengths = first.map((row) => Math.min(valueText(row[index])?.length ?? 4, 48)).toSorted((a, b) => a - b);
    const usual = lengths[Math.floor(lengths.length * 0.95)] ?? 0;
    const natural = Math.max(usual * letterWidth + 18, name.length * letterWidth + 52);
    return chosen[index] ?? Math.round(Math.min(360, Math.max(72, natural)));
  });
}

const exactTypes = /^(?:numeric|decimal|int|float|bigint|smallint|real|double|money|oid)/iu;

/** Which columns hold numbers, also those that arrive as text because they are exact. */
export function isNumeric(columns: Columns, rows: Rows): readonly boolean[] {
  const first = rows.slice(0, sample);
  return columns.map(({ type }, index) => {
    const given = first.map((row) => row[index]).filter((value) => value !== null && value !== undefined);
    const isNumber = (value: unknown): boolean =>
      typeof value === 'number' ||
      (exactTypes.test(type) && typeof value === 'string' && asNumber(value) !== undefined);
    return given.length > 0 && given.every(isNumber);
  });
}
