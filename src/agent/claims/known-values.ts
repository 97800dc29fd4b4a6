import type { KnownNumber, Source } from './known-number.ts';
import { textual, numberOf, identifying } from '../evidence/cell.ts';
import { claimTokens } from './tokens.ts';
import type { Evidence } from '../evidence/types.ts';
import { renderValue } from '../evidence/render.ts';
import { factsOfTool, factsOfWrite } from '../../../servers/contract/tool-facts.ts';

/** Every value that outgoing text may state without a warning. */
export interface KnownValues {
  /** Ascending by value. */
  readonly numbers: readonly KnownNumber[];
  /** Lower case. */
  readonly words: ReadonlyMap<string, Source>;
  /** `2026-11-22`, `11-22`, `14:03`, `14:03:05`. */
  readonly times: ReadonlyMap<string, Source>;
  /** Cell texts with figures in prose, as a table shows them. */
  readonly cells: ReadonlyMap<string, Source>;
}

interface Gathering {
  readonly numbers: KnownNumber[];
  readonly words: Map<string, Source>;
  readonly times: Map<string, Source>;
  readonly cells: Map<string, Source>;
  /** Texts already read: columns often repeat. */
  readonly seen: Set<string>;
}

/** The values in the prompt, the runbook and its parameters. */
export function valuesInTexts(texts: readonly { readonly label: string; readonly text: string }[]): KnownValues {
  const known = gathering();
  for (const { label, text } of texts) addText(known, text, { label });
  return sorted(known);
}

/** The cells, counts, query and arguments of one result. derived-values.ts adds what follows from them. */
export function valuesInEvidence(item: Evidence): KnownValues {
  const known = gathering();
  addEvidence(known, item);
  return sorted(known);
}

function gathering(): Gathering {
  return { numbers: [], words: new Map(), times: new Map(), cells: new Map(), seen: new Set() };
}

function sorted(known: Gathering): KnownValues {
  known.numbers.sort((a, b) => a.value - b.value);
  return known;
}

/** In results with more rows than this, a cell does not support a count. */
const mostTellingRows = 200;

function addEvidence(known: Gathering, item: Evidence): void {
  const { id } = item;
  const source = (path: string): Source => ({ evidence: id, label: `${id}${path}` });
  addNumber(known, item.rowCount, source('.row_count'));
  known.words.set(id.toLowerCase(), source(''));
  addText(known, item.time, { evidence: id, label: `the time of ${id}` });
  // `$1` in a query is not a figure. A write's text was checked when it was sent and proves nothing afterwards.
  const asked = JSON.stringify(item.arguments).replaceAll(/\$\d+/g, '');
  if (factsOfWrite(item.tool) === undefined) addText(known, asked, { evidence: id, label: `the arguments of ${id}` });
  const cells: Gathering = { ...known, numbers: [] };
  const writer = writerOf(item);
  // What a write keeps for undoing it was never shown to anyone.
  const { undo: _, ...said } = item.value;
  if (item.columns.length === 0)
    addTree(cells, factsOfWrite(item.tool) === undefined ? item.value : said, source, writer);
  for (const { name } of item.columns) addWritten(cells, name, source(` column ${name}`), 'others');
  for (const [index, row] of item.rows.entries()) {
    for (const [position, cell] of row.entries()) {
      const { name, type } = item.columns[position] ?? { name: String(position), type: 'text' };
      const written = textual.test(type) && typeof cell === 'string' && writer === 'database';
      if (written) addWritten(cells, cell, source(`[${index}].${name}`), writer);
      else addCell(cells, cell, source(`[${index}].${name}`), name, writer);
    }
  }
  const many = item.rowCount > mostTellingRows;
  for (const number of cells.numbers)
    known.numbers.push(many && number.unit === 'plain' ? { ...number, unit: 'loose' } : number);
}

/** Who wrote a result, which says how far its figures can be trusted. */
type Writer = 'database' | 'code' | 'others';

function writerOf({ server, tool }: Evidence): Writer {
  if (server === 'workspace') return 'code';
  const facts = factsOfTool(tool);
  return facts?.server === server && facts.returns === 'measured' ? 'database' : 'others';
}

function addTree(known: Gathering, value: unknown, source: (path: string) => Source, writer: Writer, path = ''): void {
  if (Array.isArray(value)) {
    addNumber(known, value.length, source(`${path} count`));
    for (const [index, item] of value.entries()) addTree(known, item, source, writer, `${path}[${index}]`);
  } else if (value !== null && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) {
      addWritten(known, key, source(path), 'others');
      addTree(known, inner, source, writer, `${path}.${key}`);
    }
  } else addCell(known, value, source(path), path, writer);
}

function addCell(known: Gathering, cell: unknown, source: Source, name: string, writer: Writer): void {
  const number = typeof cell === 'string' && writer !== 'database' ? undefined : numberOf(cell);
  if (number !== undefined) {
    addNumber(known, number, source, name);
    if (typeof cell === 'string') addOnce(known.words, cell.toLowerCase(), source);
  } else if (typeof cell === 'string') {
    const id = identifying.test(name) ? numberOf(cell) : undefined;
    if (id !== undefined) known.numbers.push({ value: id, unit: 'loose', source });
    addWritten(known, cell, source, writer);
  } else if (cell !== null && typeof cell === 'object') addWritten(known, JSON.stringify(cell), source, writer);
}

/** A log of megabytes would block the editor: figures beyond this many characters count as unsupported. */
const longestRead = 200_000;

/** Text from others: its ids, times and (from the database) durations count as known. Its figures may only be quoted. */
function addWritten(known: Gathering, whole: string, source: Source, writer: Writer): void {
  const text = whole.slice(0, longestRead);
  if (known.seen.has(text) || !telling.test(text)) return;
  known.seen.add(text);
  const written: Gathering = { ...known, numbers: [] };
  addText(written, text, source);
  for (const number of written.numbers) {
    const measured = writer === 'database' && (number.unit === 'seconds' || number.unit === 'bytes');
    known.numbers.push(measured ? number : { value: number.value, unit: 'prose', source });
  }
  if (writer === 'code')
    for (const [, name = '', value = ''] of text.matchAll(assignment)) {
      const seconds = secondsPerUnit(name);
      if (seconds !== undefined)
        known.numbers.push({ value: Number(value.replaceAll('_', '')) * seconds, unit: 'seconds', source });
    }
  addOnce(known.cells, renderValue(text, 'markdown'), source);
}

/** `timeoutMs: 8_000`: the name gives the unit. */
const assignment = /([A-Za-z_$][\w$]*)['"]?\s*[:=]\s*(\d[\d_]*(?:\.\d+)?)\b/g;

function addNumber(known: Gathering, signed: number, source: Source, name = ''): void {
  const value = Math.abs(signed);
  const seconds = secondsPerUnit(name);
  // `_min` may mean minimum.
  const measured = seconds !== undefined && !name.endsWith('min') && { measured: true as const };
  known.numbers.push({ value, unit: identifying.test(name) ? 'loose' : 'plain', source, ...measured });
  if (sharing.test(name) || !Number.isInteger(value)) known.numbers.push({ value, unit: 'percent', source });
  if ((sharing.test(name) || !Number.isInteger(value)) && value <= 1)
    for (const share of [value, 1 - value]) known.numbers.push({ value: share * 100, unit: 'percent', source });
  if (seconds !== undefined) known.numbers.push({ value: value * seconds, unit: 'seconds', source });
  if (sized.test(name)) known.numbers.push({ value, unit: 'bytes', source });
}

const sharing = /pct|percent|rate|share|ratio|fraction/i;

const durationNames: readonly (readonly [RegExp, number])[] = [
  [/(?:^|[_. ])(?:ms|millis|milliseconds)$|_ms_|Ms$/, 0.001],
  [/(?:^|[_. ])(?:s|sec|secs|seconds)$|Seconds$/, 1],
  [/(?:^|[_. ])(?:min|mins|minutes)$|Minutes$/, 60],
  [/(?:^|[_. ])(?:h|hours)$|Hours$/, 3600],
  [/(?:^|[_. ])days$|Days$/, 86_400],
];

const sized = /bytes|size/i;

/** The unit of a column, which figures derived from it share. */
export function measureOf(name: string): { readonly unit: 'seconds' | 'bytes'; readonly factor: number } | undefined {
  const seconds = secondsPerUnit(name);
  if (seconds !== undefined) return { unit: 'seconds', factor: seconds };
  return sized.test(name) ? { unit: 'bytes', factor: 1 } : undefined;
}

/** The unit in a column's name: `duration_ms`, `age_minutes`. */
function secondsPerUnit(name: string): number | undefined {
  return durationNames.find(([pattern]) => pattern.test(name))?.[1];
}

/** Text that may contain a figure, an address or a commit. */
const telling = /[\p{N}@]|[a-f]{7}/u;

/** Adds every figure and id in a text, and every value it gives with a unit. */
function addText(known: Gathering, text: string, source: Source): void {
  if (!telling.test(text)) return;
  const interval = /^-?(?:(\d+) days? ?)?(?:(\d+):(\d{2}):(\d{2}(?:\.\d+)?))?$/.exec(text);
  if (interval !== null && text !== '') {
    const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = interval;
    const value = Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    known.numbers.push({ value, unit: 'seconds', source });
  }
  for (const token of claimTokens(text)) {
    if (token.kind === 'word') for (const part of token.parts) addWord(known, part, source);
    else if (token.kind === 'time') for (const part of token.parts) addTime(known, part, source);
    else {
      known.numbers.push({ value: token.bare, unit: 'plain', source });
      if (token.unit === 'none' || token.unit === 'money' || token.unit === 'times' || token.unit === 'ratio')
        known.numbers.push({ value: token.value, unit: 'plain', source });
      else known.numbers.push({ value: token.value, unit: token.unit, source });
    }
    if (token.kind === 'word') addWord(known, token.text.toLowerCase(), source);
  }
}

/** A version matches with or without its v; a commit matches by its first digits too. */
function addWord(known: Gathering, word: string, source: Source): void {
  addOnce(known.words, word, source);
  if (/^\d+\.\d/.test(word)) addOnce(known.words, `v${word}`, source);
  if (/^v\d/.test(word)) addOnce(known.words, word.slice(1), source);
  if (/^[\da-f]{40}$/.test(word))
    for (let length = 7; length <= 12; length += 1) addOnce(known.words, word.slice(0, length), source);
}

/** A date with a year also matches without it; a time with seconds also matches to the minute. */
function addTime(known: Gathering, part: string, source: Source): void {
  addOnce(known.times, part, source);
  const date = /^(\d{4})-(\d{2}-\d{2})$/.exec(part);
  if (date !== null) {
    addOnce(known.times, date[2] ?? part, source);
    known.numbers.push({ value: Number(date[1]), unit: 'plain', source });
  }
  if (/^\d{2}:\d{2}:\d{2}$/.test(part)) addOnce(known.times, part.slice(0, 5), source);
}

function addOnce(map: Map<string, Source>, key: string, source: Source): void {
  if (!map.has(key)) map.set(key, source);
}
