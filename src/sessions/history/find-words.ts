/** Where a text has what was looked for. */
export interface FoundText {
  /** The line around the first of the words, cut to a length that can be shown. */
  readonly snippet: string;
}

const before = 40;
const length = 160;

export function wordsIn(query: string): readonly string[] {
  return [...new Set(query.toLowerCase().split(/\s+/u))].filter((word) => word !== '');
}

/** Undefined unless the text has all of these words, which are in lower case, or parts of words. */
export function findWords(text: string, words: readonly string[]): FoundText | undefined {
  const lower = text.toLowerCase();
  const places = words.map((word) => lower.indexOf(word));
  if (places.includes(-1)) return undefined;
  // The two differ in length where a letter has no single counterpart; the place is then near enough.
  const place = Math.max(...places);
  const start = Math.max(text.lastIndexOf('\n', place - 1) + 1, place - before);
  const end = text.indexOf('\n', place);
  const line = text.slice(start, Math.min(end === -1 ? text.length : end, start + length));
  const isCut = start > 0 && text[start - 1] !== '\n';
  return { snippet: `${isCut ? '…' : ''}${line.trim()}` };
}
