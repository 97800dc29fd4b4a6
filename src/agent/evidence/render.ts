import { plainValue } from './cell.ts';
import type { Column } from './types.ts';
import { showInvisible } from '../untrusted-text.ts';

/**
 * How a value stands in outgoing text: inside Markdown prose, as an address of ours in such prose, inside Markdown code,
 * or as plain characters.
 */
export type Setting = 'markdown' | 'address' | 'code' | 'plain';

const longestCell = 200;

/**
 * A cell as people read it. What it holds stays data: it cannot become markup, an address in it cannot become a link,
 * and nothing in it is invisible.
 * @param fence opens and closes code where it stands.
 */
export function renderValue(value: unknown, setting: Setting, fence = '`'): string {
  const text = showInvisible(plainValue(value)).replaceAll(/\s+/g, ' ').trim();
  if (setting === 'plain') return text;
  if (setting === 'code') return text.replaceAll('`', "'");
  return setting === 'address' ? escapeMarkdown(text) : escapeProse(text, fence);
}

// As far as a reader of Markdown would link. A bar would end a cell, and a backtick the code.
const address = /(?:[a-z][a-z0-9+.-]{0,30}:)?\/\/[^\s`|]+|mailto:[^\s`|]+/gi;

/** In code an address is text wherever it goes: in Markdown, in Jira and in Slack. */
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

/** Without the punctuation at its end. */
function lengthOfAddress(found: string): number {
  let length = found.length;
  while (length > 0 && !/[\p{L}\p{N}/&=#%\uDC00-\uDFFF]/u.test(found.charAt(length - 1))) length -= 1;
  return length;
}

// An underscore inside a word is no emphasis (`card_declined`), so that identifiers stay readable.
const markup = /[\\`*[\]<>|~#]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|!(?=\[)/gu;

function escapeMarkdown(text: string): string {
  return text.replace(markup, String.raw`\$&`);
}

export interface TableOptions {
  readonly total: number;
  /** Whether upstream holds more than `total`. */
  readonly truncated: boolean;
}

/** A Markdown table of the rows given, and a line that counts those left out. */
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
