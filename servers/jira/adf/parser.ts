import type { StateInline, Token } from 'markdown-it';
import { matchAt } from '../../kit/markdown/html.ts';
import { createParser } from '../../kit/markdown/parser.ts';
import type { Mentions } from './document.ts';
import { findEmoji } from './emoji.ts';

/** Deeper than any text a person writes. markdown-it would silently drop deeper content. */
const deepest = 60;

const parser = createParser({ furtherMarks: true, maxNesting: deepest });
parser.inline.ruler.before('link', 'mention', readMention);
parser.inline.ruler.push('emoji', readEmoji);
parser.inline.ruler.before('autolink', 'status', readStatus);
parser.inline.ruler.before('autolink', 'date', readDate);

/** @returns undefined for a text that is nested too deeply to parse. */
export function parseMarkdown(source: string, mentions: Mentions, comments: string[] = []): Token[] | undefined {
  const tokens = parser.parse(source, { mentions, comments });
  return tokens.some(({ level }) => level >= deepest - 1) ? undefined : tokens;
}

/** `[~accountid:ID]`, if the id is among those that may be notified. */
function readMention(state: StateInline, silent: boolean): boolean {
  const match = matchAt(/\[~accountid:([\w:.-]{1,128})\]/y, state);
  const { mentions } = state.env;
  const name: unknown = mentions instanceof Map ? mentions.get(match?.[1]) : undefined;
  if (match?.[1] === undefined || typeof name !== 'string') return false;
  if (!silent) {
    const token = state.push('mention', '', 0);
    token.info = match[1];
    token.content = `@${name}`;
  }
  state.pos += match[0].length;
  return true;
}

/** A known `:name:` that is not part of a word or a time. */
function readEmoji(state: StateInline, silent: boolean): boolean {
  const match = matchAt(/:[a-z0-9_+-]{1,40}:(?::skin-tone-[2-6]:)?(?![\p{L}\p{N}])/uy, state);
  const character = findEmoji(match?.[0] ?? '');
  const isInWord = /[\p{L}\p{N}]$/u.test(state.src.slice(Math.max(0, state.pos - 2), state.pos));
  if (match === null || character === undefined || isInWord) return false;
  if (!silent) {
    const token = state.push('emoji', '', 0);
    token.markup = match[0];
    token.content = character;
  }
  state.pos += match[0].length;
  return true;
}

/** `<status color="green">DONE</status>` */
function readStatus(state: StateInline, silent: boolean): boolean {
  const match = matchAt(
    /<status(?: +color="(neutral|purple|blue|red|yellow|green)")?>([^<>\n]{1,200})<\/status>/iy,
    state,
  );
  if (match === null) return false;
  if (!silent) {
    const token = state.push('status', '', 0);
    token.info = match[1] ?? 'neutral';
    token.content = match[2] ?? '';
  }
  state.pos += match[0].length;
  return true;
}

/** `<time>2026-11-29</time>` */
function readDate(state: StateInline, silent: boolean): boolean {
  const match = matchAt(/<time>(\d{4}-\d\d-\d\d)<\/time>/iy, state);
  if (match === null || Number.isNaN(Date.parse(match[1] ?? ''))) return false;
  if (!silent) state.push('date', '', 0).content = match[1] ?? '';
  state.pos += match[0].length;
  return true;
}
