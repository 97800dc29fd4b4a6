import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { everyText, filesIn, findTexts, textsOfFields } from '../../stack/shown-texts.ts';
import { bundleSchema } from '../../stack/translations.ts';

const german = bundleSchema.parse(JSON.parse(await readFile('media/l10n/core.l10n.de.json', 'utf8')));
const names = await readdir('src/runbooks');
const runbooks = await Promise.all(names.map((name) => readFile(`src/runbooks/${name}`, 'utf8')));

function missing(texts: Iterable<string>, besides: readonly string[] = []): readonly string[] {
  return [...texts].filter((text) => !Object.hasOwn(german, text) && !besides.includes(text));
}

/** As it is in the code, whose values have no numbers here. */
function plainReasons(file: string): readonly string[] {
  const known = new Set(Object.keys(german).map((text) => text.replaceAll(/\{\d\}/g, '{}')));
  return findTexts([file])
    .plain.map(({ text }) => text)
    .filter((text) => !known.has(text));
}

describe('texts of the agent and the servers', () => {
  it('are there in German for every tool and every field of a preview', () => {
    const titles = textsOfFields(
      filesIn('servers/*/tools/*', 'servers/*/undo/*', 'src/workspace/tools/*', 'src/agent/host-tools.ts'),
      ['title', 'label'],
    );
    expect(titles.size).toBeGreaterThan(60);
    expect(missing(titles, ['text', 'thread in ', ''])).toEqual([]);
    expect(missing(textsOfFields(filesIn('servers/contract/tool-facts.ts'), ['undo']))).toEqual([]);
  });

  it('are there in German for every reason to ask', () => {
    expect(plainReasons('src/agent/policy/policy.ts')).toEqual([
      // Followed by the changed lines, or read by the model.
      '{} has changed its description of {} since you last allowed it',
      '{}. If you approve, the new definition (+) is accepted:',
      '{} ({}). Grants do not cover changed tools, and no one can be asked here.',
      '{} more',
    ]);
  });

  it('are there in German for every built-in runbook', () => {
    const heads = runbooks.flatMap((text) =>
      [...text.matchAll(/^(?:title|description): (.+)$/gm)].map(([, said]) => said),
    );
    expect(heads.length).toBeGreaterThan(8);
    expect(missing(heads.flatMap((said) => said ?? []))).toEqual([]);
  });

  it('are still what the code says, with the same values', () => {
    const texts = everyText(filesIn('src/*', 'servers/*'));
    const isSaid = (text: string): boolean =>
      texts.has(text) ||
      // What follows another text.
      texts.has(text.replace(/^\{0\}/, '')) ||
      runbooks.some((runbook) => runbook.includes(`: ${text}\n`));
    expect(Object.keys(german).filter((text) => !isSaid(text))).toEqual([]);
    const placeholders = (text: string): readonly string[] => (text.match(/\{\d\}/g) ?? []).toSorted();
    for (const [english, translated] of Object.entries(german))
      expect(placeholders(translated), english).toEqual(placeholders(english));
  });
});
