import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { markdownToAdf } from '../../../servers/jira/adf/from-markdown.ts';
import { adfToMarkdown } from '../../../servers/jira/adf/to-markdown.ts';
import { adfFaults, adfText, isObject } from '../../stack/jira/adf-schema.ts';

/** All text of a document, and the targets of its links. */
function reachable(node: unknown): string {
  if (Array.isArray(node)) return node.map(reachable).join(' ');
  if (!isObject(node)) return '';
  const values = (of: unknown) => (isObject(of) ? Object.values(of).map(String).join(' ') : '');
  const marks = Array.isArray(node['marks'])
    ? node['marks'].map((mark) => values(isObject(mark) && mark['attrs']))
    : [];
  return [node['text'], values(node['attrs']), ...marks, reachable(node['content'])].join(' ');
}

const markdownMarks = [
  '*',
  '**',
  '_',
  '`',
  '```',
  '~~',
  '[',
  ']',
  '(',
  ')',
  '](',
  '!',
  '<',
  '>',
  '#',
  '- ',
  '1. ',
  '- [ ] ',
];
const more = [
  '| ',
  '|---|',
  '\n',
  '\n\n',
  '    ',
  '\t',
  '\\',
  '&amp;',
  '> [!NOTE]\n',
  ':fire:',
  '[~accountid:x]',
  'https://a.b/c',
];
const strange = ['\u0000', '\u001b', '\ud800', '\udc00', '\u202e', '\u200b', 'مرحبا', '👩‍👩‍👧', 'e\u0301', '\r', '\r\n'];
const soup = fc
  .array(
    fc.oneof(fc.constantFrom(...markdownMarks, ...more, ...strange), fc.string({ maxLength: 5, unit: 'binary' })),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

/** Distinct words placed in every kind of nested Markdown. */
const word = fc.nat({ max: 99_999 }).map((number) => `w${number}w`);
const inline = fc
  .letrec((tie) => ({
    inline: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      word,
      fc.tuple(fc.constantFrom('**', '*', '~~', '`'), word).map(([mark, text]) => `${mark}${text}${mark}`),
      fc.tuple(tie('inline'), tie('inline')).map((parts) => parts.join(' ')),
      tie('inline').map((text) => `**${String(text)}**`),
      fc.tuple(word, word).map(([text, path]) => `[${text}](https://example.com/${path})`),
      fc.tuple(word, word).map(([text, path]) => `![${text}](https://example.com/${path}.png "${path}")`),
    ),
  }))
  .inline.map(String);
const lines = (text: string, prefix: string, first = prefix) =>
  text
    .split('\n')
    .map((line, index) => (index === 0 ? first : prefix) + line)
    .join('\n');
const block = fc
  .letrec((tie) => ({
    block: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      inline,
      fc.tuple(fc.integer({ min: 1, max: 6 }), inline).map(([level, text]) => `${'#'.repeat(level)} ${text}`),
      word.map((text) => `\`\`\`sql\n${text}\n\`\`\``),
      fc.constant('---'),
      fc
        .array(inline, { minLength: 1, maxLength: 3 })
        .map((cells) => [cells, cells.map(() => '---'), cells].map((row) => `| ${row.join(' | ')} |`).join('\n')),
      fc
        .array(tie('block'), { minLength: 1, maxLength: 3 })
        .map((items) => items.map((item) => lines(String(item), '  ', '- ')).join('\n')),
      fc
        .array(tie('block'), { minLength: 1, maxLength: 3 })
        .map((items) => items.map((item) => lines(String(item), '   ', '1. ')).join('\n')),
      fc.array(inline, { minLength: 1, maxLength: 3 }).map((items) => items.map((item) => `- [x] ${item}`).join('\n')),
      tie('block').map((inner) => lines(String(inner), '> ')),
      tie('block').map((inner) => lines(`[!WARNING]\n${String(inner)}`, '> ')),
      fc.array(tie('block'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('\n\n')),
    ),
  }))
  .block.map(String);

describe('Markdown to ADF', () => {
  test('any text makes a valid document', () => {
    fc.assert(
      fc.property(soup, (markdown) => {
        expect(adfFaults(markdownToAdf(markdown))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('no word is lost at any nesting', () => {
    fc.assert(
      fc.property(block, (markdown) => {
        const document = markdownToAdf(markdown);
        expect(adfFaults(document)).toEqual([]);
        const shown = reachable(document);
        for (const [wanted] of markdown.matchAll(/w\d+w/g)) expect(shown).toContain(wanted);
      }),
      { numRuns: 500 },
    );
  });

  test('no letter or digit is lost among random markers', () => {
    fc.assert(
      fc.property(soup, (markdown) => {
        const shown = reachable(markdownToAdf(markdown));
        const words =
          markdown
            .replaceAll(/&\w+;|\[!NOTE\]/g, ' ')
            .replaceAll(/\d+[.)]/g, ' ')
            .match(/[a-zA-Z]{3,}/g) ?? [];
        for (const wanted of words) expect(decode(shown)).toContain(wanted);
      }),
      { numRuns: 500 },
    );
  });

  const jane = { mentions: new Map([['good', 'Jane']]) };

  test('only the given account ids become mentions', () => {
    fc.assert(
      fc.property(soup, (markdown) => {
        const mentions =
          JSON.stringify(markdownToAdf(`${markdown} [~accountid:evil] [~accountid:good]`, jane)).match(/"mention"/g) ??
          [];
        expect(mentions.length).toBeLessThanOrEqual(1);
        expect(JSON.stringify(markdownToAdf(markdown))).not.toContain('"mention"');
      }),
      { numRuns: 200 },
    );
    expect(JSON.stringify(markdownToAdf('hello [~accountid:good]', jane))).toContain('"type":"mention"');
    expect(adfText(markdownToAdf('hello [~accountid:evil]', jane))).toBe('hello [~accountid:evil]');
  });

  test('only web and mail addresses become links', () => {
    const document = markdownToAdf(
      '[a](javascript:alert(1)) [b](file:///etc/passwd) [c](/browse/X) <data:text/html,x> [d](https://ok.example/x)',
    );
    expect([...JSON.stringify(document).matchAll(/"href":"([^"]*)"/g)].map(([, href]) => href)).toEqual([
      'https://ok.example/x',
    ]);
  });

  test('a label that names another host shows the true one', () => {
    expect(adfText(markdownToAdf('[https://good.example/a](https://evil.example/b)'))).toBe(
      'https://good.example/a (evil.example)',
    );
    expect(adfText(markdownToAdf('[good.example](https://good.example/b)'))).toBe('good.example');
  });

  test('excessive nesting is shown as source', () => {
    for (const deep of ['>'.repeat(20_000), `${'- '.repeat(5000)}x`, '*_'.repeat(20_000), '['.repeat(20_000)]) {
      const document = markdownToAdf(`${deep} end`);
      expect(adfFaults(document)).toEqual([]);
      expect(adfText(document)).toContain('end');
    }
  });

  test('cells beyond the header are kept', () => {
    expect(adfText(markdownToAdf('| a |\n|---|\n| 1 | extra |'))).toContain('extra');
  });
});

describe('ADF to Markdown', () => {
  test('a document survives a round trip', () => {
    fc.assert(
      fc.property(block, (markdown) => {
        const document = markdownToAdf(markdown);
        const again = markdownToAdf(adfToMarkdown(document));
        expect(adfText(again).replaceAll(/\s+/g, ' ').trim()).toBe(adfText(document).replaceAll(/\s+/g, ' ').trim());
      }),
      { numRuns: 500 },
    );
  });

  test('any text survives a round trip', () => {
    const plain = fc
      .array(
        fc.constantFrom(
          ...markdownMarks,
          ...more.filter((part) => !part.includes('\n')),
          'word',
          ' ',
          '&lt;',
          '~',
          '+',
          '=',
        ),
        { maxLength: 30 },
      )
      .map((parts) => parts.join('').replaceAll('\n', '').trim());
    fc.assert(
      fc.property(plain, (text) => {
        const document = {
          type: 'doc',
          version: 1,
          content: [{ type: 'paragraph', content: text === '' ? [] : [{ type: 'text', text }] }],
        };
        const again = markdownToAdf(adfToMarkdown(document));
        expect(adfText(again).replaceAll(/\s+/g, ' ').trim()).toBe(text.replaceAll(/\s+/g, ' ').trim());
      }),
      { numRuns: 500 },
    );
  });

  test('never fails on any document', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(typeof adfToMarkdown(value)).toBe('string');
        expect(typeof adfToMarkdown({ type: 'doc', content: [value, { type: 'paragraph', content: [value] }] })).toBe(
          'string',
        );
      }),
    );
  });

  test('shows nodes that only other editors can write', () => {
    const document = {
      type: 'doc',
      version: 1,
      content: [
        {
          type: 'expand',
          attrs: { title: 'Log' },
          content: [{ type: 'codeBlock', content: [{ type: 'text', text: 'a```b' }] }],
        },
        {
          type: 'paragraph',
          content: [
            { type: 'mention', attrs: { id: '1', text: '@Mara' } },
            { type: 'text', text: ' on ' },
            { type: 'date', attrs: { timestamp: '1795305600000' } },
            { type: 'text', text: ' ' },
            { type: 'status', attrs: { text: 'OPEN', color: 'red' } },
            { type: 'text', text: ' ' },
            { type: 'inlineCard', attrs: { url: 'https://x.example/1' } },
          ],
        },
        { type: 'mediaSingle', content: [{ type: 'media', attrs: { type: 'file', id: 'f1', alt: 'shot.png' } }] },
        {
          type: 'decisionList',
          attrs: { localId: '1' },
          content: [
            {
              type: 'decisionItem',
              attrs: { localId: '2', state: 'DECIDED' },
              content: [{ type: 'text', text: 'Ship' }],
            },
          ],
        },
        { type: 'futureThing', content: [{ type: 'paragraph', content: [{ type: 'text', text: 'kept' }] }] },
      ],
    };
    expect(adfToMarkdown(document)).toMatchInlineSnapshot(`
      "<details>
      <summary>Log</summary>

      \`\`\`\`
      a\`\`\`b
      \`\`\`\`

      </details>

      @Mara [~accountid:1] on <time>2026-11-22</time> <status color="red">OPEN</status> <https://x.example/1>

      ![shot.png](media:f1)

      - Ship

      kept"
    `);
  });
});

function decode(text: string): string {
  return text.replaceAll(/(?:%[0-9A-Fa-f]{2})+/g, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}
