import type { ClaimToken, NumberToken } from './tokens.ts';
import type { KnownValues } from './known-values.ts';

/** What a result says where a text says something that no result supports. */
export interface Suggestion {
  /** What would stand in the text instead, written as the text writes it. */
  readonly text: string;
  /** `E1[0].failed_count` */
  readonly source: string;
  readonly evidence: string;
}

interface Near extends Suggestion {
  readonly distance: number;
}

/** The nearest value of the same kind in a result, if one is near enough to be what was meant. */
export function suggestionFor(token: ClaimToken, known: readonly KnownValues[]): Suggestion | undefined {
  const near =
    token.kind === 'number'
      ? nearNumbers(token, known)
      : token.kind === 'time'
        ? nearTimes(token, known)
        : nearWords(token, known);
  let best: Near | undefined;
  for (const candidate of near)
    if (candidate.text !== token.text && candidate.distance < (best?.distance ?? Infinity)) best = candidate;
  return best === undefined ? undefined : { text: best.text, source: best.source, evidence: best.evidence };
}

/** A value that is further away than half of what was written is another value. */
const widest = 0.5;

function* nearNumbers(token: NumberToken, known: readonly KnownValues[]): Generator<Near> {
  const unit = unitsOf[token.unit];
  if (unit === undefined) return;
  for (const { numbers } of known)
    for (const { value, unit: of, source, as, measured } of numbers) {
      const { evidence, label } = source;
      const distance = Math.abs(value - token.value);
      // The time and the arguments of a result are no measurement.
      if (of !== unit || evidence === undefined || !isPlace.test(label) || as !== undefined || measured) continue;
      if (distance > Math.max(2, widest * token.value)) continue;
      yield { text: writtenLike(token, value), source: label, evidence, distance };
    }
}

const unitsOf: Readonly<Partial<Record<NumberToken['unit'], string>>> = {
  none: 'plain',
  times: 'plain',
  money: 'plain',
  percent: 'percent',
  seconds: 'seconds',
  bytes: 'bytes',
};

/** `E1[0].n`, `E1.row_count`, `E1.orders[2]` */
const isPlace = /^E\d+[.[]/;

function writtenLike({ text, bare, value }: NumberToken, wanted: number): string {
  const digits = /\d+(?:[,'’_\u00A0\u2009\u202F]\d{3})*(?:\.\d+)?/.exec(text)?.[0];
  const scaled = value === 0 || bare === 0 ? wanted : (wanted * bare) / value;
  if (digits === undefined) return String(wanted);
  const decimals = digits.split('.')[1]?.length ?? 0;
  const separator = /\d([,'’_\u00A0\u2009\u202F])\d{3}/.exec(digits)?.[1];
  const [whole = '', rest] = scaled.toFixed(decimals).split('.');
  const grouped = separator === undefined ? whole : whole.replaceAll(/\B(?=(?:\d{3})+$)/g, separator);
  return text.replace(digits, rest === undefined ? grouped : `${grouped}.${rest}`);
}

const hour = 60;

function* nearTimes({ text, parts }: Extract<ClaimToken, { kind: 'time' }>, known: readonly KnownValues[]) {
  const [part = ''] = parts;
  const at = minutesOf(part);
  // A date with its time has two parts, and either may be wrong.
  if (parts.length !== 1 || at === undefined || !text.includes(part)) return;
  for (const { times } of known)
    for (const [time, { evidence, label }] of times) {
      const distance = Math.abs((minutesOf(time) ?? Infinity) - at);
      if (evidence === undefined || time.length !== part.length || distance > hour || !isPlace.test(label)) continue;
      yield { text: text.replace(part, time), source: label, evidence, distance };
    }
}

function minutesOf(time: string): number | undefined {
  const [whole, hours = '', minutes = '', seconds = '0'] = /^(\d\d):(\d\d)(?::(\d\d))?$/.exec(time) ?? [];
  return whole === undefined ? undefined : Number(hours) * 60 + Number(minutes) + Number(seconds) / 60;
}

/** Identifiers differ from what was meant in a character or two, never in their length. */
const mostDifferent = 2;

function* nearWords({ text }: ClaimToken, known: readonly KnownValues[]): Generator<Near> {
  const wanted = text.toLowerCase();
  if (wanted.length < 4) return;
  for (const { words } of known)
    for (const [word, { evidence, label }] of words) {
      if (word.length !== wanted.length || evidence === undefined || !isPlace.test(label)) continue;
      const distance = differences(word, wanted);
      if (distance > mostDifferent) continue;
      yield { text: withCaseOf(text, word), source: label, evidence, distance };
    }
}

function differences(one: string, other: string): number {
  let count = 0;
  for (let at = 0; at < one.length && count <= mostDifferent; at += 1) if (one[at] !== other[at]) count += 1;
  return count;
}

function withCaseOf(text: string, word: string): string {
  return Array.from(word, (letter, at) => (text[at] === text[at]?.toUpperCase() ? letter.toUpperCase() : letter)).join(
    '',
  );
}
