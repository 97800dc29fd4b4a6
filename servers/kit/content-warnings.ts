import type { Preview } from '../contract/preview.ts';
import { findInvisible } from './invisible.ts';
import { findPersonalData } from './personal-data.ts';

const maxNamed = 12;

/**
 * Adds warnings about everything that would be sent, for all tools alike: personal data, masked secrets, invisible
 * characters. The host's policy decides what to do about them.
 * @param onBehalfOf the caller whom the text names as its last line: they know that, and it is no finding.
 */
export function withFindings(preview: Preview, onBehalfOf?: string): Preview {
  const outgoing = [preview.title, preview.body, ...preview.fields.map(({ value }) => value), ...textsOf(preview.raw)];
  const whole = withoutSignature(outgoing.join('\n'), onBehalfOf);
  // Check the raw form: the body may have escaped brackets.
  const masked = /\[redacted [\w ]+\]/.test(preview.raw) ? ['a secret, masked'] : [];
  const found = new Set([
    ...(preview.personalData ?? []),
    ...findPersonalData(whole),
    // Markdown characters between digits would hide a number that people can still read.
    ...findPersonalData(withoutSignature(preview.body, onBehalfOf).replaceAll(/[*_~`\\]+/g, '')),
  ]);
  const personalData = [...shorten([...found]), ...masked];
  const hidden = findInvisible(whole);
  const warnings = [
    ...preview.warnings,
    ...(personalData.length === 0 ? [] : [`Contains ${personalData.join(', ')}.`]),
    ...(hidden.length === 0 ? [] : [`Contains invisible characters: ${hidden.join(', ')}.`]),
  ];
  return { ...preview, warnings, ...(personalData.length > 0 && { personalData }) };
}

/** In Markdown and wiki markup, any character may be escaped. */
function withoutSignature(text: string, onBehalfOf: string | undefined): string {
  if (onBehalfOf === undefined) return text;
  const letters = Array.from(`Switchboard for ${onBehalfOf}`, (letter) =>
    letter.replace(/[\\^$.*+?()[\]{}|]/u, '\\$&'),
  );
  return text.replaceAll(new RegExp(letters.join('\\\\?'), 'gu'), 'Switchboard');
}

/** A customer file has thousands; a person reads a few. */
function shorten(found: readonly string[]): string[] {
  return found.length <= maxNamed ? [...found] : [...found.slice(0, maxNamed), `${found.length - maxNamed} more`];
}

/** These tell upstream which person, option or type is meant: it already knows them. Their texts are in the fields. */
const references: ReadonlySet<string> = new Set(['id', 'accountId', 'name']);

/** All texts that would be sent: the body may show only the beginning of a file. */
function textsOf(raw: string): string[] {
  const texts: string[] = [];
  JSON.parse(raw, (key, value: unknown) => {
    if (typeof value === 'string' && !references.has(key)) texts.push(value);
    return value;
  });
  return texts;
}
