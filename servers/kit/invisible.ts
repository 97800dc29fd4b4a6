// Format characters but for those that scripts and emoji need (joiners) or that are seen (Arabic signs), and fillers.
export const invisible = /(?![\u0600-\u0605\u06dd\u070f\u08e2\u200c\u200d])\p{Cf}|[\u115f\u1160\u3164\uffa0]/gu;

/** Characters that a reader cannot see but that change what is read, each as "U+202E (2 times)". */
export function findInvisible(text: string): string[] {
  const counts = new Map<string, number>();
  for (const [character] of text.matchAll(invisible)) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts].map(([character, count]) => {
    const name = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
    return count === 1 ? name : `${name} (${count} times)`;
  });
}
