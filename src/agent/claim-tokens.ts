import { numberWords, readNumberWords } from './number-words.ts';
import { plainDigits } from './plain-digits.ts';

/** Something in a text that can be right or wrong: a number, a point in time, an identifier. */
export type ClaimToken = NumberToken | TimeToken | WordToken;

interface Position {
  /** As written. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export type Unit = 'percent' | 'times' | 'seconds' | 'bytes' | 'money' | 'none';

export interface NumberToken extends Position {
  readonly kind: 'number';
  /** Without its sign, and with its scale and unit applied: `1.2k` is 1200, `3 min` is 180 seconds. */
  readonly value: number;
  /** Half of the last digit shown, in the same unit: what rounding may hide. */
  readonly slack: number;
  /** `about`, `over`: rounding to the significant digits shown is meant. */
  readonly hedged: boolean;
  readonly unit: Unit;
  /** The number as it stands before scale and unit. */
  readonly bare: number;
  /** It names something rather than counting it: `#1042`, `order 17`, a table's cell, four digits and more, decimals. */
  readonly specific: boolean;
  /** After a word that makes it a name, or within a quotation: code, or a line that begins with `>`. */
  readonly quoted: boolean;
  /** What the words around it say it is: `12 more`, `12 in total`, `up 12 %`, `12 times`. */
  readonly said: ReadonlySet<'difference' | 'sum' | 'ratio' | 'average'>;
}

export interface TimeToken extends Position {
  readonly kind: 'time';
  /** `2026-11-22`, `11-22`, `14:03`, `14:03:05`: each must be held. */
  readonly parts: readonly string[];
}

/** Digits mixed with letters or several points: ENG-42, v1.2.3, 10.0.0.1, a commit. Lower case. */
export interface WordToken extends Position {
  readonly kind: 'word';
  readonly parts: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] as const;
const month = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\\.?';
const clock = '\\d{1,2}:\\d{2}(?::\\d{2}(?:[.,]\\d+)?)?(?:\\s?[AaPp]\\.?[Mm]\\b\\.?)?';
const zone = '(?:\\s?(?:Z|UTC|GMT|[+-]\\d{2}(?::?\\d{2})?)(?!\\w|:\\d))?';
const units =
  '%|percent\\b|pp\\b|milliseconds?\\b|ms\\b|seconds?\\b|secs?\\b|s\\b|minutes?\\b|mins?\\b|m\\b|hours?\\b|hrs?\\b|h\\b|' +
  'days?\\b|d\\b|weeks?\\b|w\\b|bytes?\\b|[kKMGT]i?B\\b|B\\b|x\\b|×|times\\b|-?fold\\b';

const patterns = [
  `(?<isoDate>\\d{4}-\\d{2}-\\d{2})(?:(?:[T ]|,? at | )(?<isoTime>${clock})${zone})?`,
  `(?<day>\\d{1,2})(?:st|nd|rd|th)?(?: of)? (?<monthAfter>${month})(?:,? (?<yearAfter>\\d{4}))?`,
  `(?<monthBefore>${month}) (?<dayAfter>\\d{1,2})(?:st|nd|rd|th)?\\b(?![:.\\d])(?:,? (?<yearLast>\\d{4}))?`,
  `(?<clock>${clock})${zone}(?!\\w|:\\d)`,
  `(?<currency>[$€£¥])?(?<number>(?:\\d{1,3}(?:[,'’_\\u00A0\\u2009\\u202F]\\d{3})+(?!\\d)|\\d+)(?:\\.\\d+)?)` +
    `(?:[ \\u00A0\\u202F]?(?<scale>k\\b|K\\b|M\\b|bn\\b|thousand\\b|million\\b|billion\\b))?` +
    `(?:[ \\u00A0\\u202F-]?(?<unit>${units}))?(?![\\p{L}\\p{N}_]|[.:/][\\p{L}\\p{N}])`,
  `(?<numberWord>(?:${numberWords}))(?![\\p{L}\\p{N}_])`,
  `(?<word>[\\p{L}\\p{N}_]+(?:[-./:@#?&=+~%]+[\\p{L}\\p{N}_]+)*)`,
];
const scanner = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${patterns.join('|')})`, 'gu');

const hedge =
  /(?:\b(?:about|around|approx(?:imately|\.)?|roughly|nearly|almost|over|under|above|below|some|circa|up to|more than|less than|at least|at most|fewer than|within)|[~≈<>≤≥])\s*$/i;
/** Numbering that claims nothing: list markers, `Step 2`, `(1)` at the start of a line. */
const numbering =
  /(?:^|\n)[ \t>]*(?:#{1,6} +)?(?:[-*] +)?\(?$|\b(?:step|part|section|phase|option|item|point|figure|table|question|tier|level|priority|sev|severity)[ \u00A0#:-]*$/i;
/** Words after which a number is a name: an id, a code, a line. */
const naming =
  /(?:#|№|\b(?:id|ids|no\.?|number|order|customer|user|account|payment|invoice|ticket|issue|row|line|port|pid|status|code|error|http|version|build|release|deploy|shard|node)s?[ \u00A0:=#]*)$/i;
const idioms =
  /^(?:24\/7|24x7|utf-?8|utf-?16|sha-?1|sha-?256|md5|base64|http\/[123](?:\.\d)?|oauth2?|ipv[46]|p(?:50|90|95|99|999)|[ps][0-5]|sev-?\d|[a-z]+\d{1,2}n|k8s|ec2|s3|h[1-6]|utc[+-]\d+)$/i;

/** Every token that could be wrong, in order. Markers of lists and numbering are none. */
export function claimTokens(original: string): ClaimToken[] {
  const { text, origin } = plainDigits(original);
  const read: Read = { text, fences: fencesOf(text) };
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
  if (word !== undefined) return readWord(word, position);
  if (groups['numberWord'] !== undefined) return readWords(groups['numberWord'], read, index, position);
  if (number === undefined) return undefined;
  const context = contextOf(read, index, match[0].length);
  const bare = groups['unit'] === undefined && groups['currency'] === undefined && !number.includes('.');
  if (bare && number.length <= 2 && isNumbering(context)) return undefined;
  return readNumber(number, groups, context, position);
}

/** The text with what is asked of it again and again. */
interface Read {
  readonly text: string;
  readonly fences: readonly number[];
}

interface Context {
  readonly before: string;
  readonly after: string;
  readonly inTable: boolean;
  readonly quoted: boolean;
}

function contextOf({ text, fences }: Read, index: number, length: number): Context {
  const line = text.slice(text.lastIndexOf('\n', index) + 1, index);
  return {
    before: text.slice(Math.max(0, index - contextLength), index),
    after: text.slice(index + length, index + length + contextLength),
    inTable: /^\s*\|/.test(line),
    quoted: /^\s*>/.test(line) || (line.match(/`/g)?.length ?? 0) % 2 === 1 || inFence(fences, index),
  };
}

const contextLength = 60;

/** Where code blocks begin and end, in turn. */
function fencesOf(text: string): readonly number[] {
  return [...text.matchAll(/^ {0,3}(?:```|~~~)/gm)].map((match) => match.index);
}

function inFence(fences: readonly number[], index: number): boolean {
  return fences.filter((fence) => fence < index).length % 2 === 1;
}

// Within the clause: beyond a full stop or semicolon other figures are spoken of.
const sayings = [
  [
    'difference',
    /\b(?:more|fewer|less|higher|lower|above|below|over|exceed\w*|up|down|rose|risen|rise\w*|increas\w*|decreas\w*|grew|grow\w*|gain\w*|drop\w*|fell|fall\w*|declin\w*(?! cards?)|jump\w*|spik\w*|change\w*|differ\w*|gap|extra|additional|remain\w*|rest|other\w*|went through|succe\w*|apart|short)\b|\+$/i,
  ],
  [
    'sum',
    /\b(?:together|total\w*|in all|all|altogether|combined|sum\w*|top|first|since|overall|come to|both|accumulat\w*|cumulative\w*|so far|of)\b/i,
  ],
  ['average', /\b(?:average\w*|mean|median|typical\w*|per|each|every|around|about)\b|~\s?$/i],
  ['ratio', /\b(?:times|fold|twice|double\w*|tripl\w*|ratio|per|each|every|one in|out of)\b|^\s?[x×]/i],
] as const;

function saidBy({ before, after }: Context): NumberToken['said'] {
  const clause = `${before.split(/[.;\n]\s/).at(-1) ?? ''}\u0000${after.split(/[.;\n](?:\s|$)/)[0] ?? ''}`;
  return new Set(sayings.flatMap(([name, pattern]) => (pattern.test(clause) ? [name] : [])));
}

function isNumbering({ before, after }: Context): boolean {
  if (!numbering.test(before)) return false;
  // A line may begin with a number that counts: "12 orders failed". A marker is followed by a point or bracket.
  return /[a-z][ \u00A0#:-]*$/i.test(before) || /^[.)](?:\s|$)/.test(after);
}

/** Small numbers in words count nothing: "one of them", "two causes", "these three". */
const leastInWords = 4;

function readWords(words: string, read: Read, index: number, position: Position): NumberToken | undefined {
  const value = readNumberWords(words);
  if (value < leastInWords) return undefined;
  const context = contextOf(read, index, words.length);
  const hedged = hedge.test(context.before);
  const said = saidBy(context);
  return {
    ...position,
    kind: 'number',
    bare: value,
    value,
    slack: 0.5,
    hedged,
    unit: 'none',
    specific: false,
    quoted: false,
    said,
  };
}

function readWord(word: string, position: Position): WordToken | undefined {
  if (!/\p{N}/u.test(word) || idioms.test(word)) return undefined;
  // Of a path or address each part with a digit stands for itself; an id such as ENG-42 is one.
  const parts = word.split(/[/:#@?&=+~%]+/).filter((part) => /\p{N}/u.test(part));
  return { ...position, kind: 'word', parts: parts.map((part) => part.toLowerCase()) };
}

const scales: Readonly<Record<string, number>> = {
  k: 1e3,
  thousand: 1e3,
  m: 1e6,
  million: 1e6,
  bn: 1e9,
  billion: 1e9,
};

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
  const significant = hedged ? Math.max(lastDigit, 10 ** zeros * scale) : lastDigit;
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

const unitFactors: readonly (readonly [RegExp, Unit, number])[] = [
  [/^(?:%|percent|pp)$/, 'percent', 1],
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

function readUnit(unit: string | undefined, currency: string | undefined): { unit: Unit; factor: number } {
  if (currency !== undefined) return { unit: 'money', factor: 1 };
  if (unit === undefined) return { unit: 'none', factor: 1 };
  const found = unitFactors.find(([pattern]) => pattern.test(unit.toLowerCase()));
  return found === undefined ? { unit: 'none', factor: 1 } : { unit: found[1], factor: found[2] };
}

/** `2:03 PM` as `14:03`; seconds stay where they are given, fractions go. */
function clockParts(text: string): string {
  const [, hour = '0', minute = '00', second] = /^(\d{1,2}):(\d{2})(?::(\d{2}))?/.exec(text) ?? [];
  const half = /([ap])\.?m/i.exec(text)?.[1]?.toLowerCase();
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half === 'p' ? 12 : 0);
  return [String(hours).padStart(2, '0'), minute, ...(second === undefined ? [] : [second])].join(':');
}

function dateParts(day: string, monthName: string, year: string | undefined): string {
  const number = months.findIndex((name) => monthName.toLowerCase().startsWith(name)) + 1;
  const monthAndDay = `${String(number).padStart(2, '0')}-${day.padStart(2, '0')}`;
  return year === undefined ? monthAndDay : `${year}-${monthAndDay}`;
}
