import { claimTokens, type ClaimToken, type NumberToken } from './tokens.ts';
import { derivedBetween, derivedFrom, singlesOf, type SingleFigure } from './derived-values.ts';
import { suggestionFor, type Suggestion } from './suggestion.ts';
import { EvidenceLostError } from '../evidence/store.ts';
import type { Evidence } from '../evidence/types.ts';
import { valuesInEvidence, valuesInTexts, type KnownValues } from './known-values.ts';
import type { KnownNumber, Source } from './known-number.ts';
import { numberOf } from '../evidence/cell.ts';

/** A figure, time or id in outgoing text, and what supports it. */
export interface Claim {
  /** As written. */
  readonly text: string;
  /** Offsets in the checked text; end is exclusive. */
  readonly start: number;
  readonly end: number;
  readonly status: 'verified' | 'unverified';
  readonly source?: Source;
  /** Of what no source supports: what a result says instead. */
  readonly suggestion?: Suggestion | undefined;
}

export interface KnownSources {
  readonly evidence: readonly Evidence[];
  /** A text and its origin: `{label: 'the prompt', text}`, the runbook, or a parameter (`the parameter threshold`). */
  readonly texts: readonly { readonly label: string; readonly text: string }[];
}

/** The values in one source, and those derived from them. */
interface Part extends KnownValues {
  /** Ascending by value. */
  readonly derived: readonly KnownNumber[];
  readonly singles: readonly SingleFigure[];
}

/** Everything a text may state, by source. */
export type CheckableValues = readonly Part[];

/** Results never change, so their values are extracted once and reused for every outgoing text. */
const partsByEvidence = new WeakMap<Evidence, Part>();

/** What a text may state. known-values.ts says what counts; derived-values.ts says what follows from it. */
export function collectKnown({ evidence, texts }: KnownSources): CheckableValues {
  const parameters = texts.flatMap(({ label, text }): SingleFigure[] => {
    const value = label.startsWith('the parameter') ? numberOf(text) : undefined;
    return value === undefined ? [] : [{ value, label }];
  });
  const said: Part = { ...valuesInTexts(texts), derived: [], singles: parameters };
  const parts = [said, ...evidence.flatMap((item) => partOf(item) ?? [])];
  const between = derivedBetween(parts.flatMap(({ singles }) => singles));
  return [...parts, { ...valuesInTexts([]), derived: between, singles: [] }];
}

/** @returns undefined for evidence that is no longer stored: it supports nothing. */
function partOf(item: Evidence): Part | undefined {
  const before = partsByEvidence.get(item);
  if (before !== undefined) return before;
  try {
    const part: Part = { ...valuesInEvidence(item), derived: derivedFrom(item), singles: singlesOf(item) };
    partsByEvidence.set(item, part);
    return part;
  } catch (error) {
    if (error instanceof EvidenceLostError) return undefined;
    throw error;
  }
}

/** The first source that supports any part. */
function inParts(known: CheckableValues, find: (part: Part) => Source | undefined): Source | undefined {
  for (const part of known) {
    const source = find(part);
    if (source !== undefined) return source;
  }
  return undefined;
}

/** Checks every figure, time and id in an outgoing text, in text order. */
export function checkClaims(text: string, known: CheckableValues): Claim[] {
  const cells = quotedCells(text, known);
  return claimTokens(text).map((token) => {
    const cell = cells.find(({ start, end }) => start <= token.start && token.end <= end);
    const source = cell?.source ?? sourceOf(token, known);
    const position = { text: token.text, start: token.start, end: token.end };
    if (source !== undefined) return { ...position, status: 'verified', source };
    return { ...position, status: 'unverified', suggestion: suggestionFor(token, known) };
  });
}

/** Markdown table cells that are identical to a cell of evidence. */
function quotedCells(text: string, known: CheckableValues): { start: number; end: number; source: Source }[] {
  if (known.every(({ cells }) => cells.size === 0)) return [];
  const found: { start: number; end: number; source: Source }[] = [];
  for (const line of text.matchAll(/^\|.*\|$/gm))
    for (const cell of line[0].matchAll(/ ((?:[^|\\]|\\.)*) (?=\|)/g)) {
      const source = inParts(known, ({ cells }) => cells.get(cell[1] ?? ''));
      const start = line.index + cell.index + 1;
      if (source !== undefined) found.push({ start, end: start + (cell[1] ?? '').length, source });
    }
  return found;
}

function sourceOf(token: ClaimToken, known: CheckableValues): Source | undefined {
  if (token.kind === 'number') return sourceOfNumber(token, known);
  if (token.kind === 'time') return all(token.parts, (part) => sourceOfTime(part, known)) ?? sourceOfSpan(token, known);
  const whole = inParts(known, ({ words }) => words.get(token.text.toLowerCase()));
  if (whole !== undefined) return whole;
  return all(token.parts, (part) => sourceOfPart(part, known));
}

/** The first source, if every part has one. */
function all(parts: readonly string[], find: (part: string) => Source | undefined): Source | undefined {
  const sources = [...new Set(parts)].map(find);
  return sources.includes(undefined) ? undefined : sources[0];
}

function sourceOfPart(part: string, known: CheckableValues): Source | undefined {
  const word = inParts(known, ({ words }) => words.get(part));
  if (word !== undefined || !/^\d+$/.test(part)) return word;
  const value = Number(part);
  const named = (number: KnownNumber): boolean => ['plain', 'loose', 'prose'].includes(number.unit);
  return inParts(known, ({ numbers }) => nearest(numbers, value, 0, named));
}

function sourceOfTime(part: string, known: CheckableValues): Source | undefined {
  const exact = inParts(known, ({ times }) => times.get(part));
  if (exact !== undefined) return exact;
  const some = /^(\d{2})h$/.exec(part)?.[1];
  if (some !== undefined)
    return inParts(known, ({ times }) => [...times].find(([time]) => time.startsWith(`${some}:`))?.[1]);
  // The end of an hour whose start is known: "between 14:00 and 15:00" for an hourly bucket.
  const hour = /^(\d{2}):00$/.exec(part)?.[1];
  if (hour === undefined) return undefined;
  const before = `${String((Number(hour) + 23) % 24).padStart(2, '0')}:00`;
  return inParts(known, ({ times }) => times.get(before));
}

/** A bare `7:41` may be minutes and seconds, or hours and minutes. */
function sourceOfSpan({ text }: ClaimToken, known: CheckableValues): Source | undefined {
  const [whole, first = '0', second = '0', third] = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const long = Number(first) * 3600 + Number(second) * 60 + Number(third ?? 0);
  const spans = third === undefined ? [[long / 60, 0.5] as const, [long, 30] as const] : [[long, 0.5] as const];
  for (const [seconds, slack] of spans) {
    const source = inParts(known, ({ numbers }) => nearest(numbers, seconds, slack, ({ unit }) => unit === 'seconds'));
    if (source !== undefined) return source;
  }
  return undefined;
}

function sourceOfNumber(token: NumberToken, known: CheckableValues): Source | undefined {
  const { bare, value, slack, unit } = token;
  const bareSlack = value === 0 ? slack : (slack * bare) / value;
  const direct = (target: number, width: number, accept: (number: KnownNumber) => boolean): Source | undefined =>
    inParts(known, ({ numbers }) => nearest(numbers, target, width, accept));
  const found = (target: number, width: number, accept: (number: KnownNumber) => boolean): Source | undefined =>
    direct(target, width, accept) ??
    inParts(known, ({ derived }) =>
      nearest(derived, target, width, (number) => accept(number) && isSaid(number, token)),
    );
  const plain = ({ unit: known }: KnownNumber): boolean =>
    known === 'plain' || (token.specific && known === 'loose') || (token.quoted && known === 'prose');
  switch (unit) {
    case 'percent':
      return found(value, slack, (number) => number.unit === 'percent');
    case 'points':
      return found(value, slack, (number) => number.unit === unit || number.unit === 'percent' || plain(number));
    case 'ratio':
      return found(value, slack, ({ as }) => as === 'ratio');
    case 'seconds':
      return (
        found(value, slack, (number) => number.unit === 'seconds') ??
        direct(bare, bareSlack, (number) => plain(number) && number.measured === undefined)
      );
    case 'bytes':
      return found(value, slack, (number) => number.unit === 'bytes') ?? direct(bare, bareSlack, plain);
    case 'money':
      return found(value, slack, plain) ?? found(value * 100, slack * 100, plain);
    case 'times':
    case 'none':
      return found(value, slack, plain);
  }
}

function isSaid({ as }: KnownNumber, { said, unit }: NumberToken): boolean {
  return as === undefined || said.has(as) || (as === 'ratio' && (unit === 'times' || unit === 'ratio'));
}

/** The source of the number closest to `target` within `width`, in an ascending list. */
function nearest(
  numbers: readonly KnownNumber[],
  target: number,
  width: number,
  accept: (number: KnownNumber) => boolean,
): Source | undefined {
  // Allows for floating-point error, so that 0.1 + 0.2 equals 0.3.
  const tolerance = width + Math.abs(target) * 1e-9;
  let best: KnownNumber | undefined;
  for (let index = firstFrom(numbers, target - tolerance); index < numbers.length; index += 1) {
    const number = numbers[index];
    if (number === undefined || number.value > target + tolerance) break;
    if (!accept(number)) continue;
    if (number.value === target) return number.source;
    if (best === undefined || Math.abs(number.value - target) < Math.abs(best.value - target)) best = number;
  }
  return best?.source;
}

function firstFrom(numbers: readonly KnownNumber[], least: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle]?.value ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
