import * as fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { inertMarkdown } from '../../../src/sessions/inert-markdown.ts';

// Like a previewer that renders everything, including HTML and GitHub tables.
const previewer = new MarkdownIt({ html: true, linkify: true });

function fetched(markdown: string): readonly string[] {
  return previewer.render(markdown).match(/<(?:img|svg|iframe|link|script|video|object|style)\b[^>]*>/giu) ?? [];
}

describe('Markdown for any previewer', () => {
  it.each([
    '![x](https://evil.test/a.png)',
    '\\![x](https://evil.test/a.png)',
    '\\\\![x](https://evil.test/a.png)',
    '[![x](https://evil.test/a.png)](https://evil.test)',
    '![x][ref]\n\n[ref]: https://evil.test/a.png',
    '![ref]\n\n[ref]: https://evil.test/a.png',
    '<img src=https://evil.test/a.png>',
    '\\\\<img src=https://evil.test/a.png>',
    'a <IMG SRC=https://evil.test/a.png> b',
    '<svg onload=x>',
    '<!-- --><img src=x>',
    '`\n` ![x](https://evil.test/a.png) `',
    '\\`![x](https://evil.test/a.png)`',
    '| `a | ![x](https://evil.test/a.png) ` |\n|---|---|\n| `a | ![x](https://evil.test/a.png) ` |',
    '- ```\n  code\n\ntext ![x](https://evil.test/a.png)\n```',
    '> ```\n![x](https://evil.test/a.png)',
    '``` a`b\n![x](https://evil.test/a.png)',
    '  ```\n![x](https://evil.test/a.png)\n```\n![x](https://evil.test/a.png)',
    '```\ncode\n   ```\n![x](https://evil.test/a.png)',
    '~~~\ncode\n~~~~  \n![x](https://evil.test/a.png)',
    'x\r![x](https://evil.test/a.png)',
    '<https://a.test/![x](https://evil.test/a.png)>',
  ])('%j fetches nothing', (text) => {
    expect(fetched(inertMarkdown(text))).toEqual([]);
  });

  it('nor does any other text', () => {
    const piece = fc.constantFrom(
      '![x](u)',
      '<img src=u>',
      '`',
      '``',
      '```',
      '~~~',
      '\n',
      '\n\n',
      '\n```\n',
      '  ```\n',
      '\n  ~~~\n',
      '```js\n',
      '- ',
      '> ',
      '|',
      '\\',
      'a',
      ' ',
      '    ',

      '![r]',
      '\n\n[r]: u\n',
      '<!--',
      '-->',
      '<pre>',
      '](u)',
      '[',
      '<https://a.test>',
      '\r',
      '\t',
      '1. ',
      '|---|\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        expect(fetched(inertMarkdown(pieces.join('')))).toEqual([]);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    'Plain *text* with `code`, `vec![1]` and `Array<string>`.',
    '```ts\nconst a: Array<string> = !\n![x](y)\n```\n\nafter',
    '1 < 2 and a <- b, <https://example.com/a>',
    '| a | `b` |\n|---|---|\n| 1 | 2 |',
    '',
  ])('%j stays unchanged', (text) => {
    expect(inertMarkdown(text)).toBe(text);
  });

  it('closes an unclosed block', () => {
    expect(inertMarkdown('````\ncode')).toBe('````\ncode\n````');
  });
});
