import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { markdownToAdf } from '../../../servers/jira/adf/from-markdown.ts';
import { adfToWiki } from '../../../servers/jira/wiki/from-adf.ts';
import { wikiToMarkdown } from '../../../servers/jira/wiki/to-markdown.ts';

const toWiki = (markdown: string) => adfToWiki(markdownToAdf(markdown));

describe('Markdown to wiki markup', () => {
  test.each([
    ['**bold** *em* ~~no~~ `code`', '*bold* _em_ -no- {{code}}'],
    ['# One\n\ntext', 'h1. One\n\ntext'],
    ['1. a\n2. b\n   - c', '# a\n# b\n#* c'],
    ['> quoted', '{quote}\nquoted\n{quote}'],
    ['[a](https://x.example/y)', '[a|https://x.example/y]'],
    ['a\nb', 'a\nb'],
    ['---', '----'],
    ['snake_case a-b 3*4', 'snake_case a-b 3*4'],
    ['- [ ] open\n- [x] done', '* ☐ open\n* ☑ done'],
  ])('%j', (markdown, wiki) => {
    expect(toWiki(markdown)).toBe(wiki);
  });

  test('macros, mentions and images of the text stay text', () => {
    const hostile = '{html}x{html} [~admin] !p.png! {jira:ENG-1} [x|javascript:alert(1)]';
    expect(toWiki(hostile)).not.toMatch(/(?<!\\)[{[!]/);
    expect(toWiki('```\n{code}\n{noformat}\n```')).toBe('{noformat}\n{\u200bcode}\n{\u200bnoformat}\n{noformat}');
  });

  test('no unescaped macro, mention or link comes out of any plain text', () => {
    const parts = fc.constantFrom('{', '}', '[', ']', '~', '|', '!', '\\', 'a', ' ', '*', '_', '-', 'h1.', 'code', '@');
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 40 }), (pieces) => {
        const wiki = adfToWiki({
          type: 'doc',
          version: 1,
          content: [{ type: 'paragraph', content: [{ type: 'text', text: pieces.join('') || 'x' }] }],
        });
        expect(wiki.replaceAll(/\\[^\w\s]/g, '')).not.toMatch(/[{}[\]|!]/);
      }),
    );
  });
});

describe('wiki markup to Markdown', () => {
  test('plain text comes back as it was', () => {
    const parts = fc.constantFrom('{', '}', '[', ']', '|', '!', 'a', 'word', ' ', '@', '.', '0');
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('').trim();
        fc.pre(text !== '');
        const wiki = adfToWiki({
          type: 'doc',
          version: 1,
          content: [{ type: 'paragraph', content: [{ type: 'text', text }] }],
        });
        expect(wikiToMarkdown(wiki)).toBe(text);
      }),
    );
  });

  test('tasks come back as tasks', () => {
    const tasks = '- [ ] open\n- [x] done';
    expect(wikiToMarkdown(toWiki(tasks))).toBe(tasks);
  });

  test('reads what people write', () => {
    const wiki =
      'h2. Title\r\n\r\n* one\r\n** two\r\n# three\r\n\r\n*bold* -gone- {{x_y}} [text|https://x.example] [https://y.example] [~mara]\r\n||a||b||\r\n|1|2|\r\n{code:java}\r\nint *x*;\r\n{code}\r\n{panel:title=x}inside{panel}\r\nbq. said\r\n{color:red}red{color}';
    expect(wikiToMarkdown(wiki)).toMatchInlineSnapshot(`
      "## Title

      - one
         - two
      1. three

      **bold** ~~gone~~ \`x_y\` [text](https://x.example) <https://y.example> @mara
      | a | b |
      | --- | --- |
      |1|2|
      \`\`\`java
      int *x*;
      \`\`\`
      > [!NOTE]
      > inside
      > said
      red"
    `);
  });

  test('never fails', () => {
    fc.assert(fc.property(fc.string(), (wiki) => typeof wikiToMarkdown(wiki) === 'string'));
  });
});
