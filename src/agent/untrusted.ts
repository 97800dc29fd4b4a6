import { randomBytes } from 'node:crypto';

/** New for every text, so that what was read cannot hold the words that end it. */
export function createDelimiter(): string {
  return randomBytes(9).toString('base64url').replaceAll(/[-_]/g, 'x');
}

// Format characters that people do not see and models do: soft hyphen, Arabic letter mark, fillers, zero-width and
// bidirectional controls, invisible operators, byte order mark, interlinear marks, musical formats, tags.
const invisible =
  /\u{AD}|\u{61C}|[\u{115F}-\u{1160}]|[\u{17B4}-\u{17B5}]|\u{180E}|[\u{200B}-\u{200F}]|[\u{202A}-\u{202E}]|[\u{2060}-\u{206F}]|\u{3164}|\u{FEFF}|\u{FFA0}|[\u{FFF9}-\u{FFFB}]|[\u{1D173}-\u{1D17A}]|[\u{E0000}-\u{E007F}]/gu;
// oxlint-disable-next-line no-control-regex -- these are what it is about
const control = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g;
// Variation selectors choose the look of the emoji before them; anywhere else they can carry hidden text.
const strayVariation = /(?<!\p{Extended_Pictographic}|[0-9#*])[\u{FE00}-\u{FE0F}]|[\u{E0100}-\u{E01EF}]/gu;
// Zero-width joiners that spell: inside an emoji, and in scripts that need them.
const beforeEmojiJoiner = /(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u{FE0F})$/u;
const emoji = /^\p{Extended_Pictographic}/u;
const joining = /^[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Malayalam}\p{Script=Sinhala}]$/u;

/** Invisible, control and bidirectional characters as `<U+202E>`: seen by people and by the model for what they are. */
export function showInvisible(text: string): string {
  return text
    .replace(invisible, (character, offset: number) => (spells(character, text, offset) ? character : mark(character)))
    .replace(control, mark)
    .replace(strayVariation, mark);
}

function spells(character: string, text: string, offset: number): boolean {
  if (character !== '\u200D' && character !== '\u200C') return false;
  const before = text.slice(Math.max(0, offset - 2), offset);
  const after = text.slice(offset + 1, offset + 3);
  if (character === '\u200D' && beforeEmojiJoiner.test(before) && emoji.test(after)) return true;
  return joining.test(before.slice(-1)) && joining.test(after.slice(0, 1));
}

function mark(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}

/** Marks text that came from a row, a ticket, a message or a file. Not a defence by itself: the policy is. */
export function wrapUntrusted(text: string, delimiter: string): string {
  return `<data-${delimiter}>\n${showInvisible(text)}\n</data-${delimiter}>`;
}
