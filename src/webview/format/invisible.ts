/**
 * Characters that nobody sees but that change what is read or sent: controls, and all that Unicode says to show as
 * nothing. Joiners stay, and the selector after a pictograph or the digit of a keycap: emoji and several scripts need them.
 */
const invisible =
  /(?![\t\n\r\u200C\u200D]|(?<=\p{Extended_Pictographic})\uFE0F|(?<=[0-9#*])\uFE0F\u20E3)[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Of these, those that make text read in another order than it is written. */
const reordering = /[\u202A-\u202E\u2066-\u2069]/gu;

/** The same text with such characters written out as `[U+202E]`: for what a person is asked to approve. */
export function showInvisible(text: string): string {
  return text.replaceAll(invisible, written);
}

/** For all else that strangers may have written: what several scripts and emoji need to look right stays as it is. */
export function showReordering(text: string): string {
  return text.replaceAll(reordering, written);
}

function written(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}
