import type { Preview } from '../contract/preview.ts';
import { findInvisible } from './invisible.ts';
import { findPersonalData } from './personal-data.ts';

const mostNamed = 12;

/**
 * A preview with what stands out in all that would be sent, for every tool alike: personal data, masked secrets,
 * characters that cannot be seen. The host's policy decides what becomes of it.
 */
export function withFindings(preview: Preview): Preview {
  const outgoing = [preview.title, preview.body, ...preview.fields.map(({ value }) => value), ...textsOf(preview.raw)];
  const whole = outgoing.join('\n');
  // In the raw form: the body may have the brackets escaped.
  const masked = /\[redacted [\w ]+\]/.test(preview.raw) ? ['a secret, masked'] : [];
  const found = new Set([
    ...(preview.personalData ?? []),
    ...findPersonalData(whole),
    // Marks between the digits would hide a number that people read all the same.
    ...findPersonalData(preview.body.replaceAll(/[*_~`\\]+/g, '')),
  ]);
  const personalData = [...shorten([...found]), ...masked];
  const hidden = findInvisible(whole);
  const warnings = [
    ...preview.warnings,
    ...(personalData.length === 0 ? [] : [`Holds ${personalData.join(', ')}.`]),
    ...(hidden.length === 0 ? [] : [`Holds characters that cannot be seen: ${hidden.join(', ')}.`]),
  ];
  return { ...preview, warnings, ...(personalData.length > 0 && { personalData }) };
}

/** A file of customers has thousands, and a person reads a few. */
function shorten(found: readonly string[]): string[] {
  return found.length <= mostNamed ? [...found] : [...found.slice(0, mostNamed), `${found.length - mostNamed} more`];
}

/** By these upstream is told which person, option or type is meant: it knows them already. Their texts are in the fields. */
const references: ReadonlySet<string> = new Set(['id', 'accountId', 'name']);

/** All that would be sent: the body may show the beginning of a file only. */
function textsOf(raw: string): string[] {
  const texts: string[] = [];
  JSON.parse(raw, (key, value: unknown) => {
    if (typeof value === 'string' && !references.has(key)) texts.push(value);
    return value;
  });
  return texts;
}
