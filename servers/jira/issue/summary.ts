/** Of Jira, in UTF-16 units. */
const longestSummary = 255;

export interface Summary {
  readonly summary: string;
  /** The whole of it, when it had to be cut: it goes first in the description. */
  readonly whole: string | undefined;
}

/** One trimmed line of at most 255, cut between graphemes and never inside one. */
export function fitSummary(given: string): Summary {
  const line = given
    .replaceAll(/\p{Cc}+|\s+/gu, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim();
  if (line.length <= longestSummary) return { summary: line, whole: undefined };
  let kept = '';
  for (const { segment } of new Intl.Segmenter().segment(line)) {
    if (kept.length + segment.length > longestSummary - 1) break;
    kept += segment;
  }
  return { summary: `${kept.trimEnd()}…`, whole: line };
}

/** Labels hold no spaces. Doubles are dropped, in the order given. */
export function fitLabels(labels: readonly string[]): string[] {
  return [...new Set(labels.map((label) => label.trim().replaceAll(/\s+/g, '-')).filter((label) => label !== ''))];
}
