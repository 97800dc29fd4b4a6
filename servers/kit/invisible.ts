// Joiners (U+200C, U+200D) and variation selectors are left out: scripts and emoji need them.
const pattern =
  /[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufeff\uffa0\u{e0000}-\u{e007f}]/gu;

/** Characters that a reader cannot see but that change what is read, each as "U+202E (2 times)". */
export function findInvisible(text: string): string[] {
  const counts = new Map<string, number>();
  for (const [character] of text.matchAll(pattern)) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts].map(([character, count]) => {
    const name = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
    return count === 1 ? name : `${name} (${count} times)`;
  });
}
