import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { filesIn, findTexts, textsOf, type Found } from '../../stack/shown-texts.ts';

const bundleSchema = z.record(z.string(), z.string());

async function readBundle(name: string): Promise<Readonly<Record<string, string>>> {
  return bundleSchema.parse(JSON.parse(await readFile(`media/l10n/${name}.l10n.de.json`, 'utf8')));
}

function placeholders(text: string): readonly string[] {
  return [...text.matchAll(/\{\d\}/g)].map(([found]) => found).toSorted();
}

/** What looks like a text and is none for a person, or is the same in every language. */
const notTexts: Readonly<Record<string, readonly string[]>> = {
  'src/webview/components/approval/approval-preview.ts': [
    // Compared with a warning of the host.
    'No evidence supports {}.',
    // Told to the model.
    '{} covers the same problem. Do not create another one. Add to {} instead.',
  ],
  'src/webview/components/approval/argument-list.ts': ['null'],
  // As Slack draws it in every language.
  'src/webview/components/approval/slack-message.ts': ['APP'],
  'src/webview/components/evidence-table.ts': ['null'],
  'src/webview/components/switchboard-chat.ts': ['Switchboard'],
  // Written by PostgreSQL.
  'src/webview/details/foreign-key.ts': [': FOREIGN KEY '],
  'src/webview/format/group-keys.ts': ['group by '],
  'src/webview/grid/cell-value.ts': ['UTC'],
  'src/webview/grid/grid-tab.ts': ['Markdown'],
};

/** What is shown and not translated, by its place. */
function forgotten(plain: readonly Found[]): readonly string[] {
  return plain
    .filter(({ text, place }) => notTexts[place.replace(/:\d+$/, '')]?.includes(text) !== true)
    .map(({ text, place }) => `${place} ${text}`);
}

describe.each([['panel', findTexts(filesIn('src/webview/*'))]])(
  'the texts of the %s',
  (name, { translated, plain }) => {
    it('all go through the translation', () => {
      expect(forgotten(plain)).toEqual([]);
    });

    it('are all there in German, in the order of the code, and none besides', async () => {
      const german = await readBundle(name);
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
  },
);

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
