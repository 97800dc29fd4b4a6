import type { Arguments } from '../../chat/vocabulary.ts';

/** A cell or an argument as text. `undefined` for null, which must look different from empty text. */
export function valueText(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return value;
  return JSON.stringify(value);
}

/** Like `valueText`, but a list of texts is separated by commas. */
export function argumentText(value: unknown): string | undefined {
  const texts = Array.isArray(value) && value.every((entry) => typeof entry === 'string');
  return texts ? value.join(', ') : valueText(value);
}

/** Arguments that describe what a call is about, most descriptive first. */
const telling = [
  'query',
  'jql',
  'table_name',
  'issue_key',
  'path',
  'pattern',
  'channel',
  'summary',
  'search',
  'text',
  'body',
] as const;

/** The summary of a tool call: `SELECT error_code, COUNT(*) FROM orders`. At most 160 characters, or empty. */
export function summariseArguments(input: Arguments): string {
  const keys = Object.keys(input);
  const known = telling.filter((key) => keys.includes(key));
  const order = known.length > 0 ? known.slice(0, 2) : keys.slice(0, 3);
  const texts = order.flatMap((key) => valueText(input[key]) ?? []).map(oneLine);
  const text = texts.filter((part) => part !== '').join(' · ');
  return text.length > 160 ? `${text.slice(0, 159)}…` : text;
}

export function oneLine(text: string): string {
  return text.slice(0, 2000).replaceAll(/\s+/gu, ' ').trim();
}
