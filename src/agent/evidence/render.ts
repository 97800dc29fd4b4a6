import { plainValue } from './cell.ts';
import type { Column } from './types.ts';
import { showInvisible } from '../untrusted-text.ts';

/**
 * Where a value is inserted: in Markdown prose, in Markdown prose as an address of ours, in Markdown code, or in plain
 * text.
 */
export type Setting = 'markdown' | 'address' | 'code' | 'plain';

const longestCell = 200;

/**
 * A cell as people read it. Its content stays data: it cannot become markup, addresses in it cannot become links,
 * and invisible characters are shown.
 * @param fence opens and closes code at this place.
 */
export function renderValue(value: unknown, setting: Setting, fence = '`'): string {
  const text = showInvisible(plainValue(value)).replaceAll(/\s+/g, ' ').trim();
  if (setting === 'plain') return text;
  if (setting === 'code') return text.replaceAll('`', "'");
  return setting === 'address' ? escapeMarkdown(text) : escapeProse(text, fence);
}

// As far as a Markdown renderer would link. A bar would end the cell, a backtick the code.
const address = /(?:[a-z][a-z0-9+.-]{0,30}:)?\/\/[^\s`|]+|mailto:[^\s`|]+/gi;

/** In code, an address stays text everywhere: in Markdown, Jira and Slack. */
function escapeProse(text: string, fence: string): string {
  let escaped = '';
  let last = 0;
  for (const { 0: found, index } of text.matchAll(address)) {
    const bare = found.slice(0, lengthOfAddress(found));
    escaped += `${escapeMarkdown(text.slice(last, index))}${fence}${bare}${fence}`;
    last = index + bare.length;
  }
  return escaped + escapeMarkdown(text.slice(last));
}

/** Without trailing punctuation. */
function lengthOfAddress(found: string): number {
  let length = found.length;
  while (length > 0 && !/[\p{L}\p{N}/&=#%\uDC00-\uDFFF]/u.test(found.charAt(length - 1))) length -= 1;
  return length;
}

// An underscore inside a word is not emphasis (`card_declined`), so identifiers stay readable.
const markup = /[\\`*[\]<>|~#]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|!(?=\[)/gu;

function escapeMarkdown(text: string): string {
  return text.replace(markup, String.raw`\$&`);
}

export interface TableOptions {
  readonly total: number;
  /** Whether the source has more rows than `total`. */
  readonly truncated: boolean;
}

/** A Markdown table of the given rows, and a line that counts the omitted ones. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly unknown[])[],
  options: TableOptions,
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const header = line(columns.map((column) => renderValue(column.name, 'markdown')));
  const rule = line(columns.map(() => '---'));
  const body = rows.map((row) => line(columns.map((_, index) => renderCell(row[index]))));
  const left = options.total - rows.length;
  const more = options.truncated ? `and at least ${left + 1} more` : `and ${left} more`;
  return [header, rule, ...body, ...(left > 0 || options.truncated ? ['', `… ${more}`] : [])].join('\n');
}

function renderCell(value: unknown): string {
  const plain = plainValue(value);
  const cut = plain.length > longestCell ? `${plain.slice(0, longestCell - 1).trimEnd()}…` : value;
  return renderValue(cut, 'markdown');
}
