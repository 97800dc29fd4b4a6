import { describe, expect, it, test } from 'vitest';
import { toBlocks } from '../../../../servers/slack/format/markdown-to-blocks.ts';
import { composeMessage } from '../../../../servers/slack/format/message.ts';
import { checkBlocks } from '../../../stack/slack/blocks.ts';
import { misleadingLabels, peopleWrite } from '../../people-write.ts';

/** Inline elements of the only section, and their visible text. */
function inlines(markdown: string): { type: string; text?: string; url?: string; name?: string; style?: unknown }[] {
  const blocks = toBlocks(markdown);
  expect(checkBlocks(blocks)).toHaveProperty('blocks');
  return blocks.flatMap((block) =>
    block.type === 'rich_text'
      ? block.elements.flatMap((element) => (element.type === 'rich_text_section' ? [...element.elements] : []))
      : [],
  );
}

const seen = (markdown: string): string =>
  inlines(markdown)
    .map(({ text, url }) => text ?? url ?? '')
    .join('');

describe('realistic text', () => {
  it.each(peopleWrite)('%j keeps its characters', (markdown, wanted) => {
    expect(seen(markdown)).toBe(wanted);
  });

  it.each(misleadingLabels)('%j does not label another host', (label) => {
    expect(seen(`[${label}](https://evil.example/x)`)).toBe(`${label} (https://evil.example/x)`);
  });

  it('a pipe in a code span does not split a cell, and an escaped one is a pipe', () => {
    const [table] = toBlocks('| a | b |\n|---|---|\n| `p|q` | x \\| y |\n| 1 | `r||s` |');
    expect(table).toMatchObject({ type: 'table' });
    expect(JSON.stringify(table)).toContain('"text":"p|q","style":{"code":true}');
    expect(JSON.stringify(table)).toContain('"text":"x | y"');
    expect(JSON.stringify(table)).toContain('"text":"r||s"');
  });

  it('cells beyond the header are shown as source', () => {
    expect(JSON.stringify(toBlocks('| a | b |\n|---|---|\n| `p|q` | 2 |\n| 1 | 2 | 3 |'))).toContain('| `p|q` | 2 |');
  });

  it('collapsible sections are shown expanded under their title', () => {
    const blocks = toBlocks('<details>\n<summary>Logs</summary>\n\n```\nline\n```\n\n</details>');
    expect(JSON.stringify(blocks)).toContain('{"type":"text","text":"Logs","style":{"bold":true}}');
    expect(JSON.stringify(blocks)).toContain('"rich_text_preformatted","elements":[{"type":"text","text":"line"}]');
    expect(JSON.stringify(blocks)).not.toContain('details');
  });

  it("emoji with Slack's own names are shown: people, families, flags", () => {
    const names = ['man-shrugging', 'woman-facepalming', 'male-technologist', 'man-woman-girl-boy', 'flag-de'];
    const found = inlines(`${names.map((name) => `:${name}:`).join(' ')} :flag-qq: :man-nobody: :10:`);
    expect(found.flatMap((inline) => (inline.type === 'emoji' ? [inline.name] : []))).toEqual(names);
    expect(inlines(':man-shrugging::skin-tone-3:')).toEqual([
      { type: 'emoji', name: 'man-shrugging', unicode: '1f937-1f3fc-200d-2642' },
    ]);
  });

  it('consecutive emoji are shown with their tone, and nothing else between colons is', () => {
    const found = inlines(
      ':rotating_light::rotating_light: :heart: :100: :wave::skin-tone-3: 12:30:45 std::vector::x a:x:b',
    );
    expect(found.flatMap((inline) => (inline.type === 'emoji' ? [inline.name] : []))).toEqual([
      'rotating_light',
      'rotating_light',
      'heart',
      '100',
      'wave',
    ]);
    expect(found).toContainEqual({ type: 'emoji', name: 'wave', unicode: '1f44b-1f3fc' });
    expect(found.at(-1)?.text).toBe(' 12:30:45 std::vector::x a:x:b');
  });

  test('a host with lookalike letters is shown in its true form', () => {
    expect(inlines('Log in at https://раypal.com/x')).toContainEqual({
      type: 'link',
      url: 'https://xn--ypal-43d9g.com/x',
    });
    expect(seen('https://münchen.de and https://пример.рф')).toBe('https://münchen.de and https://пример.рф');
  });

  test('comments are returned separately, because they are invisible', () => {
    expect(composeMessage('a <!-- one -->\n\n<!-- two\nlines -->\n\nb', []).comments).toHaveLength(2);
  });
});
