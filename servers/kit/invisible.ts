// Format characters and everything else that Unicode says not to display, except what scripts and emoji need (joiners,
// the color emoji selector, variants of Mongolian letters and ideographs) or what is visible (Arabic signs).
export const invisible =
  /(?![\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}\u200c\u200d]|(?<=\p{Extended_Pictographic})[\ufe0e\ufe0f]|(?<=[0-9#*])\ufe0f\u20e3|(?<=\p{Script=Mongolian})[\u180b-\u180d\u180f]|(?<=\p{Ideographic})[\u{e0100}-\u{e01ef}])[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Invisible characters that change the meaning of a text, such as "U+202E (2 times)". */
export function findInvisible(text: string): string[] {
  const counts = new Map<string, number>();
  for (const [character] of text.matchAll(invisible)) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts].map(([character, count]) => {
    const name = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
    return count === 1 ? name : `${name} (${count} times)`;
  });
}
