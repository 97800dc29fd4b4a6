import { createHash } from 'node:crypto';
import * as z from 'zod';

/** Words that say nothing about the subject of a ticket. */
const emptyWords = new Set(
  `a after again an and are at been before by day days during fail failed failing fails far for from has have hour hours
  in is it last minute minutes more now of on or over past per since so still than the this to today was week weeks were
  with yesterday`.split(/\s+/),
);

/** Labels set by this server, to find a ticket after a lost response or the ticket about the same incident. */
export const ownLabel = /^swb-(?:fp-)?[0-9a-f]{16}$/;

/**
 * The label shared by tickets about one incident: the same project, issue type and words, in any order. Counts, times,
 * dates and ids are ignored, because they differ between occurrences.
 * @returns undefined for a summary without other words.
 */
export function fingerprintOf(projectKey: string, issueTypeId: string, summary: string): string | undefined {
  const words = tellingWords(summary).toSorted();
  if (words.length === 0) return undefined;
  const text = [projectKey, issueTypeId, ...words].join('\n');
  return `swb-fp-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}

/** @param fields the fields of an issue. */
export function withLabel(fields: Readonly<Record<string, unknown>>, label: string): Record<string, unknown> {
  const labels = z.array(z.string()).catch([]).parse(fields['labels']);
  return { ...fields, labels: [...labels, label] };
}

/** Without words that are common in summaries. */
export function tellingWords(summary: string): string[] {
  return [...wordsOf(summary)].filter((word) => !emptyWords.has(word));
}

/** The words of a summary, without numbers (with or without a unit) and ids. */
export function wordsOf(summary: string): Set<string> {
  const words: string[] =
    summary
      .normalize('NFKC')
      .toLowerCase()
      .replaceAll(/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/g, ' ')
      .match(/[\p{L}\p{N}_]+/gu) ?? [];
  return new Set(words.filter((word) => !isNumber(word)));
}

/** "24h", "22t14", "4f1c2a9d". Losing a word such as 3ds does not matter. */
function isNumber(word: string): boolean {
  return /^\p{N}/u.test(word) || (/^[\da-f]{7,}$/.test(word) && /\d/.test(word));
}
