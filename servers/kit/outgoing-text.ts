import { findInvisible, invisible } from './invisible.ts';

/** England, Scotland, Wales: a black flag followed by letters that are otherwise invisible. */
const flag = /\u{1f3f4}[\u{e0061}-\u{e007a}]{2,8}\u{e007f}/gu;
/** Direction marks, which text in these scripts needs to display correctly. */
const direction = /[\u061c\u200e\u200f]/;
const directions = new RegExp(direction, 'g');
const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/**
 * Text that is safe to send, for every write tool: well-formed Unicode, one kind of line ending, control characters
 * shown as symbols, and no invisible characters that change the meaning. Joiners, flags, and direction marks next to
 * Arabic or Hebrew stay.
 */
export function cleanText(text: string): string {
  return dropInvisible(text.toWellFormed())
    .replaceAll(/\r\n?|[\u2028\u2029]/g, '\n')
    .replaceAll(/\p{Noncharacter_Code_Point}/gu, '\ufffd')
    .replaceAll(/\p{Cc}/gu, picture);
}

/** For a file: its bytes are user data, so only what UTF-8 cannot encode is replaced. */
export function cleanFile(text: string): string {
  return text.toWellFormed();
}

function dropInvisible(text: string): string {
  const needsDirection = rightToLeft.test(text.replaceAll(directions, ''));
  let kept = '';
  let from = 0;
  const drop = (part: string): string =>
    part.replaceAll(invisible, (character) => (needsDirection && direction.test(character) ? character : ''));
  for (const { 0: whole, index } of text.matchAll(flag)) {
    kept += drop(text.slice(from, index)) + whole;
    from = index + whole.length;
  }
  return kept + drop(text.slice(from));
}

function picture(character: string): string {
  if (character === '\n' || character === '\t') return character;
  const code = character.charCodeAt(0);
  if (code === 0x7f) return '\u2421';
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd';
}

/** What cleaning changes in a text, such as "U+202E (2 times) removed"; empty if a reader would see no difference. */
export function whatIsCleaned(before: string, after: string): string[] {
  if (before === after) return [];
  const said: string[] = [];
  const gone = findInvisible(before).filter((name) => !findInvisible(after).includes(name));
  if (gone.length > 0) said.push(`invisible ${gone.join(', ')} removed`);
  if (!before.isWellFormed()) said.push('incomplete characters replaced by U+FFFD');
  if (/\p{Noncharacter_Code_Point}/u.test(before)) said.push('noncharacters replaced by U+FFFD');
  const controls = new Set(before.replaceAll(/\r\n?/g, '\n').match(/\p{Cc}/gu));
  const shown = [...controls].filter((character) => picture(character) !== character).map(picture);
  if (shown.length > 0) said.push(`control characters shown as ${shown.join(' ')}`);
  return said;
}
