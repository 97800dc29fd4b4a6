import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { systems } from '../../../servers/contract/systems.ts';
import { readManifestTexts } from '../../stack/manifest.ts';

const manifest: unknown = JSON.parse(await readFile('package.json', 'utf8'));
const english = await readManifestTexts();
const german = await readManifestTexts('de');

/** Fields whose text VS Code shows. */
const shown = new Set([
  'title',
  'contents',
  'description',
  'name',
  'altText',
  'displayName',
  'userDescription',
  'label',
  'fullName',
]);
/** For the model, or the names of products and systems, which are the same in every language. */
const untranslated = new Set(['Switchboard', 'switchboard', ...systems.map(({ title }) => title)]);
/** Read by machines: names of packages, runbooks and tools. */
const isName = (text: string): boolean => /^[\w-]+$/.test(text) && text.toLowerCase() === text;

function textsOf(value: unknown, path: readonly string[] = []): readonly (readonly [path: string, text: string])[] {
  if (typeof value === 'string') return shown.has(path.at(-1) ?? '') ? [[path.join('.'), value]] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => textsOf(part, [...path, key]));
}

/** What must be the same in both languages: placeholders, links to commands, examples. */
function fixedParts(text: string): readonly string[] {
  return [...text.matchAll(/\(command:[\w.]+\)|\{\d+\}|"(?:[^"]*)"|[A-Z]+_[A-Z]+/g)].map(([part]) => part).toSorted();
}

describe('the texts of package.json', () => {
  const texts = textsOf(manifest).filter(([path]) => !path.includes('inputSchema'));

  it('are all named, and none is written there', () => {
    const written = texts.filter(([, text]) => !(/^%.+%$/.test(text) || untranslated.has(text) || isName(text)));
    expect(written).toEqual([]);
    expect(
      texts
        .map(([, text]) => /^%(.+)%$/.exec(text)?.[1])
        .filter((key) => key !== undefined)
        .toSorted(),
    ).toEqual(Object.keys(english).toSorted());
  });

  it('are all there in German, in the same order', () => {
    expect(Object.keys(german)).toEqual(Object.keys(english));
    const same = Object.keys(english).filter((key) => german[key] === english[key]);
    expect(same).toEqual(['view.chat', 'settings.budget']);
  });

  it('keep links, examples and names of variables in German', () => {
    for (const [key, text] of Object.entries(english))
      expect(fixedParts(german[key] ?? ''), key).toEqual(fixedParts(text));
  });
});
