/** A text without outer white space. A pattern such as `\s* would retry at each space of a long run. */
export function splitEdges(text: string): { readonly before: string; readonly words: string; readonly after: string } {
  const rest = text.trimStart();
  const words = rest.trimEnd();
  return { before: text.slice(0, text.length - rest.length), words, after: rest.slice(words.length) };
}
