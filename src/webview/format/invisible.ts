/**
 * Invisible characters that change what is read or sent: controls, and everything that Unicode calls default ignorable.
 * Joiners and the selector after a pictograph or a keycap digit are kept, because emoji and several scripts need them.
 */
const invisible =
  /(?![\t\n\r\u200C\u200D]|(?<=\p{Extended_Pictographic})\uFE0F|(?<=[0-9#*])\uFE0F\u20E3)[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2028\u2029]/gu;

/** The subset that reorders text. */
const reordering = /[\u202A-\u202E\u2066-\u2069]/gu;

/** Writes invisible characters out as `[U+202E]`, for text that the user is asked to approve. */
export function showInvisible(text: string): string {
  return text.replaceAll(invisible, written);
}

/** Writes out only reordering characters, for other untrusted text. Keeps what scripts and emoji need to look right. */
export function showReordering(text: string): string {
  return text.replaceAll(reordering, written);
}

function written(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}
