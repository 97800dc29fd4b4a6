/** A text without the white space around it. An expression such as `\s*$` would try each space of a long row again. */
export function splitEdges(text: string): { readonly before: string; readonly words: string; readonly after: string } {
  const rest = text.trimStart();
  const words = rest.trimEnd();
  return { before: text.slice(0, text.length - rest.length), words, after: rest.slice(words.length) };
}
