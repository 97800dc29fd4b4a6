import { valueText } from '../format/value.ts';
import { language, plural, t } from '../l10n.ts';

/** A value as the cell viewer shows it. */
export type CellView =
  | { readonly kind: 'null' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'json'; readonly text: string; readonly pretty: string }
  | { readonly kind: 'bytes'; readonly size: number; readonly dump: string; readonly text: string | undefined }
  | { readonly kind: 'time'; readonly text: string; readonly moments: readonly Moment[] };

export interface Moment {
  readonly label: string;
  readonly text: string;
}

/** @param zone of the person who reads it, as an IANA name. */
export function viewCell(value: unknown, type: string, zone: string, now: number): CellView {
  const text = valueText(value);
  if (text === undefined) return { kind: 'null' };
  if (/^bytea$/iu.test(type) && /^\\x(?:[\da-f]{2})*$/iu.test(text)) return viewBytes(text.slice(2));
  const time = viewTime(text, type, zone, now);
  if (time !== undefined) return time;
  const pretty = typeof value === 'string' ? prettyJson(text) : JSON.stringify(value, undefined, 2);
  if (pretty !== undefined && pretty !== text) return { kind: 'json', text, pretty };
  return { kind: 'text', text };
}

/** Only objects and lists: `12` and `"text"` are as readable as they are. */
function prettyJson(text: string): string | undefined {
  if (!/^\s*[[{]/u.test(text)) return undefined;
  try {
    JSON.parse(text);
    return indentJson(text);
  } catch {
    return undefined;
  }
}

/** Valid JSON with line breaks. Every token stays as it is: parsing would round long numbers. */
function indentJson(text: string): string {
  let depth = 0;
  const line = (): string => `\n${'  '.repeat(depth)}`;
  return [...text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gu)]
    .map(([token], index, tokens) => {
      const next = tokens[index + 1]?.[0];
      const before = tokens[index - 1]?.[0];
      if (token === '{' || token === '[') {
        depth += 1;
        return next === '}' || next === ']' ? token : `${token}${line()}`;
      }
      if (token === '}' || token === ']') {
        depth -= 1;
        return before === '{' || before === '[' ? token : `${line()}${token}`;
      }
      if (token === ',') return `,${line()}`;
      return token === ':' ? ': ' : token;
    })
    .join('');
}

const bytesPerLine = 16;
const maxDumpBytes = 4096;

function viewBytes(digits: string): CellView {
  const bytes = Uint8Array.from(digits.match(/../gu) ?? [], (pair) => Number.parseInt(pair, 16));
  const lines: string[] = [];
  for (let start = 0; start < Math.min(bytes.length, maxDumpBytes); start += bytesPerLine) {
    const part = [...bytes.subarray(start, start + bytesPerLine)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const shown = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${start.toString(16).padStart(6, '0')}  ${hex.padEnd(bytesPerLine * 3 - 1)}  ${shown}`);
  }
  if (bytes.length > maxDumpBytes)
    lines.push(plural(bytes.length - maxDumpBytes, '… {0} more byte', '… {0} more bytes'));
  return { kind: 'bytes', size: bytes.length, dump: lines.join('\n'), text: asText(bytes) };
}

function asText(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text === '' || /(?![\t\n\r])\p{Cc}/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

const timestamp =
  /^(?<date>\d{4}-\d{2}-\d{2})[T ](?<time>\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(?<zone>Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/u;

function viewTime(text: string, type: string, zone: string, now: number): CellView | undefined {
  const { date, time, zone: written } = timestamp.exec(text)?.groups ?? {};
  if (date === undefined || time === undefined) return undefined;
  if (written === undefined) {
    const note = /tz|with time zone/iu.test(type)
      ? t('The value has no time zone.')
      : t('The column ({0}) has no time zone: what moment this is depends on who wrote it.', type);
    return {
      kind: 'time',
      text,
      moments: [
        { label: t('As stored'), text },
        { label: t('Time zone'), text: note },
      ],
    };
  }
  const offset = /^(?:Z|UTC)$/u.test(written)
    ? 'Z'
    : written.length === 3
      ? `${written}:00`
      : written.replace(/^(...)(\d\d)$/u, '$1:$2');
  const moment = Date.parse(`${date}T${time.slice(0, 12)}${offset}`);
  if (Number.isNaN(moment)) return undefined;
  return {
    kind: 'time',
    text,
    moments: [
      { label: t('As stored'), text },
      { label: 'UTC', text: inZone(moment, 'UTC') },
      ...(zone === 'UTC' ? [] : [{ label: zone, text: inZone(moment, zone) }]),
      { label: t('Unix time'), text: String(moment / 1000) },
      { label: t('Distance'), text: distance(moment - now) },
    ],
  };
}

function inZone(moment: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'long',
    hourCycle: 'h23',
  });
  return parts.format(moment).replace(',', '');
}

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

function distance(ms: number): string {
  const [unit, size] = units.find(([, length]) => Math.abs(ms) >= length * 2) ?? (['second', 1000] as const);
  return new Intl.RelativeTimeFormat(language, { numeric: 'always' }).format(Math.round(ms / size), unit);
}
