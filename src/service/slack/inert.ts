/** Text in a message of Slack that mentions nobody, and hides no address behind other words. */
export function inert(words: string, maxLength = 500): string {
  return words
    .slice(0, maxLength)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('`', "'");
}
