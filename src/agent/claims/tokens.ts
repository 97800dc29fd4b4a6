import {
  contextOf,
  hedge,
  isNumbering,
  naming,
  readText,
  saidBy,
  type Context,
  type Read,
  type Sayings,
} from './context.ts';
import { clock, clockParts, dateParts, hourPart, month, readUnit, scales, units, zone, type Unit } from './units.ts';
import { numberWords, readNumberWords } from './number-words.ts';
import { plainDigits } from './normalize-digits.ts';

/** A part of a text that can be right or wrong: a number, a point in time, an identifier. */
export type ClaimToken = NumberToken | TimeToken | WordToken;

interface Position {
  /** As written. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface NumberToken extends Position {
  readonly kind: 'number';
  /** Unsigned, with scale and unit applied: `1.2k` is 1200, `3 min` is 180 seconds. */
  readonly value: number;
  /** Half of the last digit shown, in the same unit: the rounding error. */
  readonly slack: number;
  /** After `about` or `over`: the figure is rounded to the digits shown. */
  readonly hedged: boolean;
  readonly unit: Unit;
  /** The number before scale and unit are applied. */
  readonly bare: number;
  /** It names something instead of counting it: `#1042`, `order 17`, a table cell, four or more digits, decimals. */
  readonly specific: boolean;
  /** It follows a word that makes it a name, or is quoted: in code, or on a line starting with `>`. */
  readonly quoted: boolean;
  /** What the surrounding words call it: `12 more`, `12 in total`, `up 12 %`, `12 times`. */
  readonly said: Sayings;
}

export interface TimeToken extends Position {
  readonly kind: 'time';
  /** `2026-11-22`, `11-22`, `14:03`, `14:03:05`: each must be supported. */
  readonly parts: readonly string[];
}

/** Digits mixed with letters or several periods: ENG-42, v1.2.3, 10.0.0.1, a commit. Lower case. */
export interface WordToken extends Position {
  readonly kind: 'word';
  readonly parts: readonly string[];
}

/** Words that express a share. */
const fractions = '(?:[Aa]|[Oo]ne|[Tt]wo|[Tt]hree|[Ff]our)[ -](?:half|third|quarter|fifth)s?|[Hh]alf';

const patterns = [
  `(?<isoDate>\\d{4}-\\d{2}-\\d{2})(?:(?:[T ]|,? at | )(?<isoTime>${clock})${zone})?`,
  `(?<day>\\d{1,2})(?:st|nd|rd|th)?(?: of)? (?<monthAfter>${month})(?:,? (?<yearAfter>\\d{4}))?`,
  `(?<monthBefore>${month}) (?<dayAfter>\\d{1,2})(?:st|nd|rd|th)?\\b(?![:.\\d])(?:,? (?<yearLast>\\d{4}))?`,
  `(?<clock>${clock})${zone}(?!\\w|:\\d)`,
  `(?<hour>\\d{1,2}\\s?[AaPp]\\.?[Mm])(?![\\p{L}\\p{N}_])\\.?`,
  `(?<ordinal>\\d+)(?:st|nd|rd|th)(?![\\p{L}\\p{N}_]| percentile)`,
  // 4 8 reads as 48.
  `(?<spaced>\\d(?:[ \\u00A0\\u2009\\u202F]\\d)+)(?![\\p{L}\\p{N}_]|[.,:/]\\d)(?![ -]?(?:${units}))`,
  `(?<currency>[$€£¥])?(?<number>(?:\\d{1,3}(?:[,'’_\\u00A0\\u2009\\u202F]\\d{3})+(?!\\d)|\\d+)(?:\\.\\d+)?)` +
    `(?:[ \\u00A0\\u202F]?(?<scale>k\\b|K\\b|M\\b|bn\\b|thousand\\b|million\\b|billion\\b))?` +
    `(?:[ \\u00A0\\u202F-]?(?<unit>${units}))?(?![\\p{L}\\p{N}_]|[.:/][\\p{L}\\p{N}])`,
  `(?<multiple>[Dd]oubled|[Tt]ripled|[Qq]uadrupled|[Tt]wice as)(?![\\p{L}\\p{N}_])`,
  `(?<fraction>${fractions})(?= of (?!an? |the (?:hour|day|year|month|week)))`,
  `(?<numberWord>(?:${numberWords}))(?![\\p{L}\\p{N}_])`,
  `(?<word>[\\p{L}\\p{N}_]+(?:[-./:@#?&=+~%]+[\\p{L}\\p{N}_]+)*)`,
];
const scanner = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${patterns.join('|')})`, 'gu');

const idioms =
  /^(?:24\/7|24x7|utf-?8|utf-?16|sha-?1|sha-?256|md5|base64|http\/[123](?:\.\d)?|oauth2?|ipv[46]|p(?:50|90|95|99|999)|[ps][0-5]|sev-?\d|[a-z]+\d{1,2}n|k8s|ec2|s3|h[1-6]|utc[+-]\d+)$/i;

/** Every token that could be wrong, in order. List markers and numbering are left out. */
export function claimTokens(original: string): ClaimToken[] {
  const { text, origin } = plainDigits(original);
  const read = readText(text);
  const tokens: ClaimToken[] = [];
  for (const match of text.matchAll(scanner)) {
    const start = origin[match.index] ?? 0;
    const end = origin[match.index + match[0].length] ?? original.length;
    const position = { text: original.slice(start, end), start, end };
    const token = readMatch(match, read, position);
    if (token !== undefined) tokens.push(token);
  }
  return joinDurations(tokens, original);
}

/** `18 min 39 s` is one duration. */
function joinDurations(tokens: readonly ClaimToken[], original: string): ClaimToken[] {
  const joined: ClaimToken[] = [];
  for (const token of tokens) {
    const last = joined.at(-1);
    const together =
      token.kind === 'number' &&
      last?.kind === 'number' &&
      token.unit === 'seconds' &&
      last.unit === 'seconds' &&
      token.value < last.slack * 2 &&
      /^(?:,? |,? and )?$/.test(original.slice(last.end, token.start));
    if (!together) joined.push(token);
    else {
      const { start } = last;
      const text = original.slice(start, token.end);
      joined[joined.length - 1] = { ...token, text, start, value: last.value + token.value };
    }
  }
  return joined;
}

function readMatch(match: RegExpMatchArray, read: Read, position: Position): ClaimToken | undefined {
  const groups = match.groups ?? {};
  const { isoDate, isoTime, word, number } = groups;
  const index = match.index ?? 0;
  if (isoDate !== undefined) {
    return { ...position, kind: 'time', parts: [isoDate, ...(isoTime === undefined ? [] : [clockParts(isoTime)])] };
  }
  const day = groups['day'] ?? groups['dayAfter'];
  const monthName = groups['monthAfter'] ?? groups['monthBefore'];
  if (day !== undefined && monthName !== undefined)
    return { ...position, kind: 'time', parts: [dateParts(day, monthName, groups['yearAfter'] ?? groups['yearLast'])] };
  if (groups['clock'] !== undefined) return { ...position, kind: 'time', parts: [clockParts(groups['clock'])] };
  if (groups['hour'] !== undefined) return { ...position, kind: 'time', parts: [hourPart(groups['hour'])] };
  if (word !== undefined && !compactDuration.test(word)) return readWord(word, position);
  const context = contextOf(read, index, match[0].length);
  if (word !== undefined) return readCompact(word, context, position);
  const { numberWord, multiple, fraction, ordinal, spaced } = groups;
  if (numberWord !== undefined) return readWords(numberWord, context, position);
  if (multiple !== undefined) return readMultiple(multiple, context, position);
  if (fraction !== undefined) return readFraction(fraction, context, position);
  if (ordinal !== undefined) return readOrdinal(ordinal, context, position);
  if (spaced !== undefined) return readSpaced(spaced, context, position);
  if (number === undefined) return undefined;
  const bare = groups['unit'] === undefined && groups['currency'] === undefined && !number.includes('.');
  if (bare && number.length <= 2 && isNumbering(context)) return undefined;
  return readNumber(number, groups, context, position);
}

/** Small number words are not counts: "one of them", "two causes", "these three". */
const leastInWords = 4;

function readWords(words: string, context: Context, position: Position): NumberToken | undefined {
  const value = readNumberWords(words);
  return value < leastInWords ? undefined : numberToken({ value, slack: 0.5 }, context, position);
}

/** Words that stand for a number. */
function numberToken(
  read: Pick<NumberToken, 'value' | 'slack'> & Partial<NumberToken>,
  context: Context,
  position: Position,
): NumberToken {
  return {
    ...position,
    kind: 'number',
    bare: read.value,
    hedged: hedge.test(context.before),
    unit: 'none',
    specific: false,
    quoted: false,
    said: saidBy(context),
    ...read,
  };
}

const multiples: Readonly<Record<string, number>> = { doubled: 2, tripled: 3, quadrupled: 4, 'twice as': 2 };

/** `more than doubled` also fits 2.4. */
function readMultiple(words: string, context: Context, position: Position): NumberToken {
  const value = multiples[words.toLowerCase()] ?? 2;
  const slack = hedge.test(context.before) ? 0.9 : 0.25;
  return numberToken({ value, slack, unit: 'ratio' }, context, position);
}

const parts: Readonly<Record<string, number>> = { half: 2, third: 3, quarter: 4, fifth: 5 };
const counts: Readonly<Record<string, number>> = { a: 1, one: 1, two: 2, three: 3, four: 4 };

/** Matches common speech: 35 % is a third. A bound such as `more than half of` claims too little to check. */
function readFraction(words: string, context: Context, position: Position): NumberToken | undefined {
  if (bound.test(context.before) || /\b(?:first|second|other|last) $/i.test(context.before)) return undefined;
  const [count = 'one', part = 'half'] = words.includes('alf') && words.length === 4 ? [] : words.split(/[ -]/);
  const share = (counts[count.toLowerCase()] ?? 1) / (parts[part.replace(/s$/, '')] ?? 2);
  return numberToken({ value: share * 100, slack: 3.5, unit: 'percent' }, context, position);
}

const bound = /\b(?:over|under|above|below|up to|than|least|most) $/i;

function readOrdinal(digits: string, context: Context, position: Position): NumberToken | undefined {
  const value = Number(digits);
  return value < leastInWords ? undefined : numberToken({ value, slack: 0, quoted: true }, context, position);
}

const compactDuration = /^(?:\d+(?:h|m|ms|s|d)){2,}$/;

/** `7m41s` */
function readCompact(word: string, context: Context, position: Position): NumberToken {
  let value = 0;
  let last = 1;
  for (const [, number, unit] of word.matchAll(/(\d+)([a-z]+)/g)) {
    last = readUnit(unit, undefined).factor;
    value += Number(number) * last;
  }
  return numberToken({ value, slack: last / 2, unit: 'seconds' }, context, position);
}

/** Figures often sit side by side in quotations and code. */
function readSpaced(digits: string, context: Context, position: Position): NumberToken | WordToken {
  const all = digits.replaceAll(/\D/g, '');
  if (context.quoted || context.inTable) return { ...position, kind: 'word', parts: all.split('') };
  return numberToken({ value: Number(all), slack: 0.5 }, context, position);
}

const emailAddress = /[\p{L}\p{N}_.+%-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/u;

function readWord(word: string, position: Position): WordToken | undefined {
  const at = word.indexOf('@');
  const address = at === -1 ? undefined : emailAddress.exec(word.slice(Math.max(0, at - 64), at + 255))?.[0];
  if (address !== undefined) return { ...position, kind: 'word', parts: [address.toLowerCase()] };
  // Letters alone count only if they cannot be a word: a commit.
  if (/^[a-f]{7,40}$/.test(word)) return { ...position, kind: 'word', parts: [word] };
  if (!/\p{N}/u.test(word) || idioms.test(word)) return undefined;
  // Each part of a path or address that has a digit counts separately; an id such as ENG-42 is one part.
  const parts = word.split(/[/:#@?&=+~%]+/).filter((part) => /\p{N}/u.test(part));
  return { ...position, kind: 'word', parts: parts.map((part) => part.toLowerCase()) };
}

function readNumber(
  number: string,
  groups: Readonly<Record<string, string | undefined>>,
  context: Context,
  position: Position,
): NumberToken {
  const hedged = hedge.test(context.before);
  const digits = digitsOf(number);
  const bare = Number(digits);
  const decimals = digits.split('.')[1]?.length ?? 0;
  const scale = scales[groups['scale']?.toLowerCase() ?? ''] ?? 1;
  const { unit, factor } = readUnit(groups['unit'], groups['currency']);
  const lastDigit = 10 ** -decimals * scale;
  const zeros = /^\d*[1-9](0+)$/.exec(digits)?.[1]?.length ?? 0;
  const significant = hedged && decimals === 0 ? 10 ** zeros * scale : lastDigit;
  return {
    ...position,
    kind: 'number',
    bare,
    value: bare * scale * factor,
    slack: (significant * factor) / 2,
    hedged,
    quoted: context.quoted || naming.test(context.before),
    specific: digits.length >= 4 || decimals > 0 || context.inTable || naming.test(context.before),
    unit,
    said: saidBy(context),
  };
}

function digitsOf(number: string): string {
  return number.replaceAll(/[,'’_\u00A0\u2009\u202F]/g, '');
}
