import type { Redact } from '../../contract/redact.ts';

/** Jira's limit in UTF-16 units. */
const longestSummary = 255;

export interface Summary {
  readonly summary: string;
  /** The full summary if it was cut. It is placed at the start of the description. */
  readonly whole: string | undefined;
}

/** One trimmed line of at most 255 characters, cut between graphemes. */
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

/**
 * Labels cannot contain spaces. Duplicates are dropped and the order is kept. Masked last, because joining words with
 * dashes may complete a secret.
 */
export function fitLabels(labels: readonly string[], redact: Redact): string[] {
  const fitted = labels.map((label) => toLabel(redact(toLabel(label))));
  return [...new Set(fitted.filter((label) => label !== ''))];
}

function toLabel(text: string): string {
  return text.trim().replaceAll(/\s+/g, '-');
}
