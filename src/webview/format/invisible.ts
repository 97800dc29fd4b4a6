/**
 * Characters that nobody sees but that change what is read or sent: controls, bidirectional and zero-width ones, tags,
 * fillers. Joiners stay: emoji and several scripts need them.
 */
const invisible = /(?![\t\n\r\u200C\u200D])(?:[\p{Cc}\p{Cf}\u115F\u1160\u3164]|[\u{E0100}-\u{E01EF}])/gu;

/** The same text with such characters written out as `[U+202E]`: for what a person is asked to approve. */
export function showInvisible(text: string): string {
  return text.replaceAll(invisible, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
  });
}
