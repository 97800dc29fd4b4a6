import MarkdownIt, { type StateInline, type Token } from 'markdown-it';
import type { Mentions } from './document.ts';
import { findEmoji } from './emoji.ts';

/** Deeper than any text of a person; what lies deeper markdown-it would drop without a word. */
const deepest = 60;

const parser = new MarkdownIt({ html: false, linkify: true, maxNesting: deepest })
  // A definition that no link uses would vanish.
  .disable('reference');
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
// A link shows what was written, not what it decodes to.
parser.normalizeLinkText = (address) => address;
parser.inline.ruler.before('link', 'mention', readMention);
parser.inline.ruler.push('emoji', readEmoji);

/** @returns undefined for a text that nests deeper than can be read. */
export function parseMarkdown(source: string, mentions: Mentions): Token[] | undefined {
  const tokens = parser.parse(source, { mentions });
  return tokens.some(({ level }) => level >= deepest - 1) ? undefined : tokens;
}

/** `[~accountid:ID]`, if the id was given as one that may be notified. */
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

/** A known `:name:` that is not part of a word or a time of day. */
function readEmoji(state: StateInline, silent: boolean): boolean {
  const match = matchAt(/:([a-z0-9_+-]{1,40}):(?![\p{L}\p{N}])/uy, state);
  const character = findEmoji(match?.[1] ?? '');
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

function matchAt(pattern: RegExp, state: StateInline): RegExpExecArray | null {
  pattern.lastIndex = state.pos;
  return pattern.exec(state.src.slice(0, state.posMax));
}
