import { domainToUnicode } from 'node:url';
import confusables from 'unhomoglyph/data.json' with { type: 'json' };

export interface LookAlike {
  /** As a browser would show it, in any script. */
  readonly shown: string;
  /** What a reader would mistake it for. */
  readonly like: string;
}

const prototypes: ReadonlyMap<string, string> = new Map(Object.entries(confusables));

/** What a text looks like, by Unicode's confusable characters (UTS 39, section 4). */
export function skeleton(text: string): string {
  return Array.from(text.normalize('NFD'))
    .map((character) => prototypes.get(character) ?? character)
    .join('')
    .normalize('NFD');
}

/**
 * Whether a host, in either spelling, could be mistaken for another: a known host with the same skeleton, or a Latin
 * one, if a label mixes scripts or consists of another script's look-alikes.
 * @param known hosts that the person trusts. A host is never its own look-alike.
 */
export function findLookAlike(host: string, known: Iterable<string> = []): LookAlike | undefined {
  const shown = domainToUnicode(host.toLowerCase()) || host.toLowerCase();
  const own = siteOf(shown);
  for (const other of known) {
    const site = siteOf(domainToUnicode(other.toLowerCase()) || other.toLowerCase());
    if (site !== own && faceOf(site) === faceOf(own)) return { shown, like: site };
  }
  const labels = shown.split('.');
  const latin = labels.map(inLatin);
  const isForeign = labels.every((label) => /[^\0-\x7f]/.test(label));
  const suspect = labels.some(
    (label, index) =>
      mixesScripts(label) || (!isForeign && label !== latin[index] && /^[\0-\x7f]+$/.test(latin[index] ?? '')),
  );
  return suspect ? { shown, like: latin.join('.') } : undefined;
}

/** A zero looks like a capital O, but hosts have no capitals. */
function faceOf(site: string): string {
  return skeleton(site).toLowerCase();
}

/** Roughly the registered part of a host: "shop.co.uk", "example.com". */
function siteOf(host: string): string {
  const labels = host.split('.');
  const isShared = (labels.at(-2)?.length ?? 0) <= 3 && (labels.at(-1)?.length ?? 0) === 2;
  return labels.slice(isShared ? -3 : -2).join('.');
}

function inLatin(label: string): string {
  return Array.from(label)
    .map((character) => (character > '\x7f' ? skeleton(character) : character))
    .join('');
}

const scripts = ['Latin', 'Cyrillic', 'Greek', 'Armenian', 'Georgian', 'Cherokee', 'Hebrew', 'Arabic', 'Thai'] as const;
const scriptPatterns = scripts.map((name) => new RegExp(`\\p{Script=${name}}`, 'u'));
/** Scripts that are written together and with Latin letters (UTS 39: highly restrictive). */
const eastAsian = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]/u;
const otherLetters = /(?![\p{Script=Common}\p{Script=Inherited}])\p{L}/u;

function mixesScripts(label: string): boolean {
  const found = scriptPatterns.filter((pattern) => pattern.test(label)).length;
  if (eastAsian.test(label)) return found > 1 || (found === 1 && !/\p{Script=Latin}/u.test(label));
  const rest = scriptPatterns.reduce((text, pattern) => text.replaceAll(new RegExp(pattern.source, 'gu'), ''), label);
  return found + (otherLetters.test(rest) ? 1 : 0) > 1;
}
