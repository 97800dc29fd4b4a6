import { randomBytes } from 'node:crypto';

/** New for every text, so that the text cannot contain its own end mark. */
export function createDelimiter(): string {
  return randomBytes(9).toString('base64url').replaceAll(/[-_]/g, 'x');
}

// Characters that models see and people do not: everything Unicode displays as nothing (zero-width and bidirectional
// controls, fillers, joiners, variation selectors, tags), other format characters, and control characters.
const hidden =
  // oxlint-disable-next-line no-control-regex -- matches control characters on purpose
  /[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u{2028}\u{2029}\u{FFF9}-\u{FFFB}\u{13430}-\u{1345F}]|[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/gu;
// Zero-width joiners that affect spelling: inside emoji, and in scripts that need them.
const beforeEmojiJoiner = /(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u{FE0F})$/u;
const emoji = /^\p{Extended_Pictographic}/u;
const joining =
  /^[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gujarati}\p{Script=Gurmukhi}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Oriya}\p{Script=Sinhala}\p{Script=Tamil}\p{Script=Telugu}]$/u;
// Selects the colour form of the preceding pictograph or keycap digit. Anywhere else it could carry hidden data.
const emojiSelector = '\u{FE0F}';
const pictograph = /\p{Extended_Pictographic}$/u;
const keycap = /^[0-9#*]\u{FE0F}\u{20E3}/u;

/** Writes invisible, control and bidirectional characters as `<U+202E>`, visible to people and the model. */
export function showInvisible(text: string): string {
  return text.replace(hidden, (character, offset: number) =>
    spells(character, text, offset) ? character : `<${nameOf(character)}>`,
  );
}

/** The names of these characters, such as `U+202E`, without duplicates. */
export function findInvisible(text: string): readonly string[] {
  const found = new Set<string>();
  for (const { 0: character, index } of text.matchAll(hidden))
    if (!spells(character, text, index)) found.add(nameOf(character));
  return [...found];
}

function spells(character: string, text: string, offset: number): boolean {
  if (character === emojiSelector)
    return (
      pictograph.test(text.slice(Math.max(0, offset - 2), offset)) || keycap.test(text.slice(offset - 1, offset + 2))
    );
  if (character !== '\u200D' && character !== '\u200C') return false;
  const before = text.slice(Math.max(0, offset - 2), offset);
  const after = text.slice(offset + 1, offset + 3);
  if (character === '\u200D' && beforeEmojiJoiner.test(before) && emoji.test(after)) return true;
  return joining.test(before.slice(-1)) && joining.test(after.slice(0, 1));
}

function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Marks text from a row, a ticket, a message or a file. The marks are no defence by themselves; the policy is. */
export function wrapUntrusted(text: string, delimiter: string): string {
  return `<data-${delimiter}>\n${showInvisible(text)}\n</data-${delimiter}>`;
}
