import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { notTexts } from './not-texts.ts';
import { textsOf, type Found } from '../../stack/shown-texts.ts';
import { bundleSchema, textsOfBundles } from '../../stack/translations.ts';

async function readBundle(name: string): Promise<Readonly<Record<string, string>>> {
  return bundleSchema.parse(JSON.parse(await readFile(`media/l10n/${name}.l10n.de.json`, 'utf8')));
}

function placeholders(text: string): readonly string[] {
  return [...text.matchAll(/\{\d\}/g)].map(([found]) => found).toSorted();
}

/** What is shown and not translated, by its place. */
function forgotten(plain: readonly Found[]): readonly string[] {
  return plain
    .filter(({ text, place }) => {
      const known = notTexts[place.replace(/:\d+$/, '')];
      return known !== '*' && known?.includes(text) !== true;
    })
    .map(({ text, place }) => `${place} ${text}`);
}

describe.each(Object.entries(textsOfBundles()))('the texts of the %s', (name, { translated, plain }) => {
  it('all go through the translation', () => {
    expect(forgotten(plain)).toEqual([]);
  });

  it('are all there in German, and none besides', async () => {
    const german = await readBundle(name);
    // `npm run docs` adds and removes texts.
    expect(Object.keys(german).toSorted()).toEqual([...new Set(translated.map(({ text }) => text))].toSorted());
    expect(Object.entries(german).filter(([, text]) => text === '')).toEqual([]);
  });

  it('are given a value for each placeholder, in both languages', async () => {
    const german = await readBundle(name);
    for (const { text, place, values } of translated) {
      expect(placeholders(german[text] ?? ''), `${place} ${text}`).toEqual(placeholders(text));
      const wanted = Array.from({ length: values }, (_, index) => `{${index}}`);
      expect([...new Set(placeholders(text))], `${place} ${text}`).toEqual(wanted);
    }
  });
});

describe('a text that is shown', () => {
  it.each([
    ['html`<p>Hello there</p>`', ['Hello there']],
    ['html`<p title="Hello">${name}</p>`', ['Hello']],
    ['html`<p aria-label=${x}>${t("Hello")}</p>`', []],
    ['const looks = { ready: { word: "ready" } };', ['ready']],
    ['answer("Not now.", x)', ['Not now.']],
    ['`${count} rows`', ['{} rows']],
    ['if (key === "Escape") stop();', []],
    ["import { a } from 'Some package here';", []],
    ['type Mode = "Two words";', []],
    ['t(isNew ? "New" : "Old")', ['not a plain text: isNew ? "New" : "Old"']],
    ['l10n.t("Two words")', []],
    ['plural(n, "{0} row", "{0} rows")', []],
  ])('is noticed without a translation: %s', (source, texts) => {
    expect(textsOf('a.ts', source).plain.map(({ text }) => text)).toEqual(texts);
  });
});
