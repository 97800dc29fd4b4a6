import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { markdownToAdf } from '../../../servers/jira/adf/from-markdown.ts';
import { adfToWiki } from '../../../servers/jira/wiki/from-adf.ts';
import { wikiText } from '../../../servers/jira/client/rich-text.ts';
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

  test('plain text never produces an unescaped macro, mention or link', () => {
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
  test('plain text survives a round trip', () => {
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

  test('tasks survive a round trip', () => {
    const tasks = '- [ ] open\n- [x] done';
    expect(wikiToMarkdown(toWiki(tasks))).toBe(tasks);
  });

  test('reads realistic markup', () => {
    const wiki =
      'h2. Title\r\n\r\n* one\r\n** two\r\n# three\r\n\r\n*bold* -gone- {{x_y}} [text|https://x.example] [https://y.example] [~mara]\r\n||a||b||\r\n|1|2|\r\n{code:java}\r\nint *x*;\r\n{code}\r\n{panel:title=x}inside{panel}\r\nbq. said\r\n{color:red}red{color}';
    expect(wikiToMarkdown(wiki)).toMatchInlineSnapshot(`
      "## Title

      - one
         - two
      1. three

      **bold** ~~gone~~ \`x_y\` [text](https://x.example) <https://y.example> [~accountid:mara]
      | a | b |
      | --- | --- |
      |1|2|
      \`\`\`java
      int *x*;
      \`\`\`
      <details>
      <summary>x</summary>

      inside

      </details>
      > said
      red"
    `);
  });

  test('never fails', () => {
    fc.assert(fc.property(fc.string(), (wiki) => typeof wikiToMarkdown(wiki) === 'string'));
  });
});

describe('text that Data Center would interpret', () => {
  test.each([
    ['```ts\nx = 1\n```', '{code:javascript}\nx = 1\n{code}'],
    ['```js {1,3}\nx\n```', '{code:js}\nx\n{code}'],
    ['```shell\nls\n```', '{code:bash}\nls\n{code}'],
    ['```yml\na: 1\n```', '{code:yaml}\na: 1\n{code}'],
    ...['diff', 'mermaid', 'rust', 'dockerfile', 'toml', 'text', 'powershell'].map((language): [string, string] => [
      `\`\`\`${language}\nx\n\`\`\``,
      '{code}\nx\n{code}',
    ]),
    ['C:\\Users\\new', 'C:\\Users\\new'],
    ['`\\\\srv\\share`', '{{&#92;\\srv\\share}}'],
    ['f(x), option (n), (i), (/) :) ;)', 'f\\(x), option \\(n), \\(i), \\(/) \\:) \\;)'],
    ['a &amp;copy; b', 'a &amp;copy; b'],
    ['un**believ**able', 'un{*}believ{*}able'],
    ['<details>\n<summary>Logs</summary>\n\ntext\n\n</details>', '{panel:title=Logs}\ntext\n{panel}'],
  ])('%j is written %j', (markdown, wiki) => {
    expect(toWiki(markdown)).toBe(wiki);
    const read = wikiToMarkdown(wiki);
    // A round trip gives the same markup.
    expect(toWiki(read)).toBe(wiki.startsWith('{code}') ? wiki.replaceAll('{code}', '{noformat}') : wiki);
  });

  test('is a line break with two backslashes, in a table too', () => {
    expect(wikiToMarkdown('one\\\\two')).toBe('one<br>two');
    expect(wikiToMarkdown('||a||\n|x\\\\y|')).toContain('|x<br>y|');
  });

  test('is code in a quote, line for line', () => {
    const wiki = toWiki('> a\n>\n> ```js\n> x = *y*\n>\n> z\n> ```');
    expect(
      wikiToMarkdown(wiki)
        .split('\n')
        .every((line) => line.startsWith('>')),
    ).toBe(true);
    expect(wikiToMarkdown(wiki)).toContain('> x = *y*');
    expect(toWiki(wikiToMarkdown(wiki))).toBe(wiki);
  });
});

describe('a Data Center text that is written back', () => {
  const text = wikiText(32_767);
  const before =
    'See !screen.png|thumbnail! and [^orders.csv], [~jdoe]\n\n{color:red}red{color} and {jira:ENG-1}\n\n{panel:title=T}\nx\n{panel}';

  test('is unchanged to the letter if nothing was edited', () => {
    const { value, warnings } = text.fromMarkdown(text.toMarkdown(before), 'description', { earlier: before });
    expect(value).toBe(before);
    expect(warnings).toEqual([]);
  });

  test('keeps images, files and mentions when a word was changed, and names what is lost', () => {
    const changed = text.toMarkdown(before).replace('See', 'Look at');
    const { value, warnings } = text.fromMarkdown(changed, 'description', { earlier: before });
    expect(value).toContain('!screen.png|thumbnail!');
    expect(value).toContain('[^orders.csv]');
    expect(value).toContain('[~jdoe]');
    expect(warnings).toEqual(['The new description no longer has: colored text; the macro {jira}.']);
  });

  test('names images and mentions that the new text omits', () => {
    expect(text.fromMarkdown('New', 'description', { earlier: before }).warnings[0]).toContain(
      'the image screen.png; the mention of jdoe; the link to the file orders.csv',
    );
  });
});
