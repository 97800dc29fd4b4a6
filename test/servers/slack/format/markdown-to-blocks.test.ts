import * as fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { toMarkdown } from '../../../../servers/slack/format/markdown-out.ts';
import { cleanText } from '../../../../servers/kit/outgoing-text.ts';
import { composeMessage } from '../../../../servers/slack/format/message.ts';
import type { MentionInline } from '../../../../servers/slack/format/blocks.ts';
import { toBlocks } from '../../../../servers/slack/format/markdown-to-blocks.ts';
import { plainText } from '../../../../servers/slack/format/blocks-to-text.ts';
import { messageSchema, messageText } from '../../../../servers/slack/format/message-to-text.ts';
import { checkBlocks } from '../../../stack/slack/blocks.ts';
import { notifiedBy, unfurledBy } from '../../../stack/slack/effects.ts';

const hostile = fc.constantFrom(
  '<!channel>',
  '<!here|here>',
  '<@U0JANE001>',
  '<!subteam^S0TEAM001>',
  '@here',
  '@channel',
  '&lt;!channel&gt;',
  '&#60;!channel&#62;',
  '<\u200b!channel>',
  '<https://evil.example|click>',
  '[https://good.example](https://evil.example/x)',
  '[x](javascript:alert(1))',
  '[x](<https://evil.example/a b>)',
  '![pixel](https://evil.example/p.png)',
  '[![pic](https://a.example/i.png)](https://b.example)',
  '# <!channel>',
  `# ${'long heading '.repeat(20)}`,
  '## Plain heading',
  '```\n<!channel> ```` x\n```',
  '`<!here>`',
  '``a ` b``',
  '| a | b |\n|---|:-:|\n| <!here> | `x|y` |\n| | |\n',
  '| a |\n|---|\n',
  '- [ ] task\n  - nested\n    1. deep\n',
  '10. ten\n11. eleven\n\n    code in a list\n',
  '> quote\n> > inner\n> - list in quote\n',
  '---\n',
  '\u202egnirts\u202c',
  '\u200f\u061cשלום عليكم',
  '👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿é',
  '\u0000\u0007',
  '\\*not bold\\*',
  '**bold *both* ~~gone~~**',
  '<b>html</b><!-- c -->',
  ':rotating_light: :not_an_emoji: 12:30:45',
  '&amp; & < > "',
  '\n\n',
  '    indented\n',
  '***',
  '[]( )',
  '[empty]()',
);
const markdown = fc
  .array(
    fc.oneof(hostile, fc.string({ maxLength: 60, unit: 'grapheme' }), fc.string({ maxLength: 20, unit: 'binary' })),
    {
      minLength: 1,
      maxLength: 14,
    },
  )
  .chain((pieces) => fc.constantFrom('', ' ', '\n', '\n\n').map((separator) => pieces.join(separator)));

const squeeze = (text: string): string => text.replaceAll(/[\s\u00a0]/g, '');

/** All text that a Markdown renderer would show, in order. */
function meant(text: string): string[] {
  const parser = new MarkdownIt({ html: false, linkify: false, breaks: true });
  const shown: string[] = [];
  const written = cleanText(text)
    .replaceAll(/<(https?:[^\s<>|]+)\|([^<>\n]+)>/g, '$2 ')
    .replaceAll(/<!--[^]*?-->|<\/?(?:b|i|s|em|del|strong)>|<br>/g, ' ');
  for (const token of parser.parse(written, {})) {
    if (token.type === 'fence' || token.type === 'code_block') shown.push(...token.content.split('\n'));
    for (const child of token.children ?? []) {
      if (child.type === 'text' || child.type === 'code_inline' || child.type === 'image')
        shown.push(...child.content.split(/\s/));
      if (child.type === 'link_close') shown.push('');
    }
  }
  return shown.map(squeeze).filter((part) => part !== '');
}

/** Rows may have more cells than the header. Such tables are shown as source. */
function mayHaveSpareCells(text: string): boolean {
  const bars = (line = ''): number => line.replaceAll(/^[\s>]*\||\|\s*$/g, '').split('|').length;
  const lines = text.split('\n');
  return lines.some(
    (line, index) => /^[\s>|:-]*-[\s|:-]*$/.test(line) && lines.slice(index).some((row) => bars(row) > bars(line)),
  );
}

/** The messages as stored, or undefined if the text is rejected. */
function arrive(text: string, mentions: readonly MentionInline[] = []) {
  try {
    const { parts } = composeMessage(text, mentions);
    return parts.map((part) => JSON.parse(JSON.stringify(part)) as { text: string; blocks: unknown[] });
  } catch (error) {
    if (error instanceof Error && /empty message|Slack messages; at most/.test(error.message)) return undefined;
    throw error;
  }
}

const isWellFormed = (text: string): boolean => Buffer.from(text, 'utf8').toString('utf8') === text;

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(stringsOf) : [];
}

describe('Markdown for Slack', () => {
  it('is always within the block limits and notifies nobody', () => {
    fc.assert(
      fc.property(markdown, (text) => {
        for (const part of arrive(text) ?? []) {
          expect(checkBlocks(part.blocks)).toHaveProperty('blocks');
          expect(notifiedBy({ ...part, linkNames: false })).toEqual([]);
          expect(part.text.length).toBeLessThanOrEqual(12_000);
          if (isWellFormed(text)) for (const shown of stringsOf(part)) expect(isWellFormed(shown)).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('loses nothing: reading back gives all text in order', () => {
    fc.assert(
      fc.property(markdown, (text) => {
        const parts = arrive(text);
        if (parts === undefined) return;
        const arrived = squeeze(
          parts.map((part) => messageText(messageSchema.parse({ ts: '1', ...part }), new Map())).join(''),
        );
        if (mayHaveSpareCells(text)) {
          for (const [word] of text.replaceAll(/&\w+;/g, ' ').matchAll(/[a-zA-Z]{3,}/g))
            expect(arrived).toContain(word);
          return;
        }
        let from = 0;
        for (const piece of meant(text)) {
          const at = arrived.indexOf(piece, from);
          expect(at, `${JSON.stringify(piece)} in ${JSON.stringify(arrived)}`).toBeGreaterThanOrEqual(from);
          from = at + piece.length;
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('makes exactly the requested mentions live', () => {
    const mention = fc.constantFrom<MentionInline>(
      { type: 'user', user_id: 'U0JANE001' },
      { type: 'usergroup', usergroup_id: 'S0TEAM001' },
      { type: 'broadcast', range: 'here' },
      { type: 'broadcast', range: 'everyone' },
    );
    fc.assert(
      fc.property(markdown, fc.uniqueArray(mention, { minLength: 1, selector: (one) => one.type }), (text, asked) => {
        const parts = arrive(text, asked);
        const live = parts?.flatMap((part) => notifiedBy({ ...part, linkNames: false })) ?? [];
        const wanted = asked.map((one) =>
          one.type === 'user' ? one.user_id : one.type === 'usergroup' ? one.usergroup_id : `@${one.range}`,
        );
        if (parts !== undefined) expect(live.toSorted()).toEqual(wanted.toSorted());
      }),
      { numRuns: 500 },
    );
  });

  it('reports every host that a link goes to', () => {
    fc.assert(
      fc.property(markdown, (text) => {
        const parts = arrive(text);
        if (parts === undefined) return;
        const { linkHosts } = composeMessage(text, []);
        const fetched = parts.flatMap((part) => unfurledBy({ ...part, unfurlLinks: true, unfurlMedia: true }));
        for (const address of fetched)
          expect(linkHosts).toContain(new URL(address).hostname || new URL(address).protocol);
      }),
      { numRuns: 500 },
    );
  });

  it('shows on the card what will arrive', () => {
    fc.assert(
      fc.property(markdown, (text) => {
        const blocks = toBlocks(text);
        const again = toBlocks(toMarkdown(blocks));
        // An emoji has a name in the blocks and is drawn on the card.
        const letters = (all: ReturnType<typeof toBlocks>): string =>
          plainText(all)
            .replaceAll(/:[a-z0-9_+'-]{1,60}:/g, '')
            .replaceAll(/[^\p{L}\p{N}]/gu, '');
        // List markers and the like may differ in the second pass. Words and figures may not.
        if (!/[<&\\]|\]\(|:\/\/|www/.test(text)) expect(letters(again)).toBe(letters(blocks));
      }),
      { numRuns: 1_000 },
    );
  });

  it('accepts any size, nesting and repetition', () => {
    for (const text of [
      '> '.repeat(5_000) + 'deep',
      '- '.repeat(3_000) + 'deep',
      '['.repeat(20_000),
      '*'.repeat(20_000),
      '`'.repeat(20_001),
      '![a]('.repeat(5_000),
      '<'.repeat(50_000),
      'https://a.example/'.repeat(2_000),
      '|a'.repeat(5_000) + '|\n' + '|-'.repeat(5_000) + '|\n',
      'a.'.repeat(30_000),
      `[${'a.'.repeat(10_000)}](https://b.example)`,
      '\u0301'.repeat(50_000),
      '👩‍👩‍👧‍👦'.repeat(4_000),
    ]) {
      for (const part of arrive(text) ?? []) expect(checkBlocks(part.blocks)).toHaveProperty('blocks');
    }
  });

  it('keeps content that is nested deeper than the parser supports', () => {
    for (const depth of [10, 59, 99, 100, 101, 5_000])
      for (const mark of ['> ', '- ', '1. ', '> - '])
        expect(plainText(toBlocks(`${mark.repeat(depth)}deep`)), `${depth} ${mark}`).toContain('deep');
  });
});

describe('links', () => {
  const shown = (text: string): string => plainText(toBlocks(text));
  const links = (text: string): unknown[] => {
    const found: unknown[] = [];
    JSON.stringify(toBlocks(text), (_, value: unknown) => {
      if (value !== null && typeof value === 'object' && 'url' in value) found.push(value);
      return value;
    });
    return found;
  };

  it('are split when their text names another host', () => {
    for (const label of [
      'https://good.example',
      'good.example',
      'Sign in at GOOD.example/login',
      'goo\u200bd.example',
      'ｇｏｏｄ.example',
      '**good.example**',
      'evil.example.good.test',
    ]) {
      expect(links(`[${label}](https://evil.example/x)`), label).toEqual([
        expect.not.objectContaining({ text: expect.anything() as unknown }),
      ]);
      expect(shown(`[${label}](https://evil.example/x)`), label).toMatch(/ \(https:\/\/evil\.example\/x\)$/);
    }
  });

  it('keep a text that names no host or their own', () => {
    expect(links('[ENG-41](https://jira.example/browse/ENG-41)')).toEqual([
      { type: 'link', url: 'https://jira.example/browse/ENG-41', text: 'ENG-41' },
    ]);
    expect(links('[see jira.example](https://jira.example/a)')).toEqual([
      { type: 'link', url: 'https://jira.example/a', text: 'see jira.example' },
    ]);
    expect(links('https://jira.example/a?b=c&d=e.')).toEqual([{ type: 'link', url: 'https://jira.example/a?b=c&d=e' }]);
  });

  it('of other schemes stay text', () => {
    for (const text of ['[x](javascript:alert(1))', '[x](slack://open)', '[x](file:///etc/passwd)', '[x](/relative)'])
      expect(links(text), text).toEqual([]);
    expect(shown('[x](slack://open)')).toBe('x (slack://open)');
  });
});

describe('what Slack has an element for', () => {
  it('becomes that element', () => {
    const text = [
      '# Failed orders',
      '**12** of _many_ ~~few~~ `CARD_DECLINED` :rotating_light:',
      '1. one\n   - two\n\n     ```js\n     code\n     ```\n2. three',
      '> quoted\n> - item',
      '| code | n |\n|:--|--:|\n| A | 5 |\n| | **6** |',
      '---',
    ].join('\n\n');
    expect(toBlocks(text).map((block) => JSON.stringify(block))).toMatchInlineSnapshot(`
      [
        "{"type":"header","text":{"type":"plain_text","text":"Failed orders"}}",
        "{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"12","style":{"bold":true}},{"type":"text","text":" of "},{"type":"text","text":"many","style":{"italic":true}},{"type":"text","text":" "},{"type":"text","text":"few","style":{"strike":true}},{"type":"text","text":" "},{"type":"text","text":"CARD_DECLINED","style":{"code":true}},{"type":"text","text":" "},{"type":"emoji","name":"rotating_light"}]}]}",
        "{"type":"rich_text","elements":[{"type":"rich_text_list","style":"ordered","indent":0,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"one"}]}]},{"type":"rich_text_list","style":"bullet","indent":1,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"two"}]}]},{"type":"rich_text_preformatted","elements":[{"type":"text","text":"code"}]},{"type":"rich_text_list","style":"ordered","indent":0,"offset":1,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"three"}]}]}]}",
        "{"type":"rich_text","elements":[{"type":"rich_text_quote","elements":[{"type":"text","text":"quoted\\n• item"}]}]}",
        "{"type":"table","rows":[[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"code"}]}]},{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"n"}]}]}],[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"A"}]}]},{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"5"}]}]}],[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":" "}]}]},{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"6","style":{"bold":true}}]}]}]],"column_settings":[{"align":"left","is_wrapped":true},{"align":"right","is_wrapped":true}]}",
        "{"type":"divider"}",
      ]
    `);
    expect(toMarkdown(toBlocks(text))).toMatchInlineSnapshot(`
      "## Failed orders

      **12** of *many* ~~few~~ \`CARD_DECLINED\` 🚨

      1. one
         - two
      \`\`\`
      code
      \`\`\`
      2. three

      > quoted
      > • item

      | code | n |
      | --- | --: |
      | A | 5 |
      |   | **6** |

      ---"
    `);
  });

  it('gives an alert its title', () => {
    const read = (markdown: string) => toMarkdown(toBlocks(markdown));
    expect(read('> [!WARNING]\n> careful')).toBe('> **Warning**\n> careful');
    expect(read('- > [!TIP]\n  > try')).toContain('> **Tip**\n> try');
    for (const other of ['[!OTHER]', '\\[!NOTE]', '[!NOTE] more'])
      expect(read(`> ${other}`), other).not.toContain('**');
  });

  it('keeps the info of a fence, unless it is a language', () => {
    const read = (markdown: string) => plainText(toBlocks(markdown));
    expect(read('```12:15:src/app.ts\nlet a;\n```')).toBe('12:15:src/app.ts\nlet a;');
    expect(read('- see\n  ```js title="x.js"\n  let a;\n  ```')).toBe('• see\njs title="x.js"\nlet a;');
    for (const language of ['', 'sql', 'c++', 'C#', 'objective-c'])
      expect(read(`\`\`\`${language}\nx\n\`\`\``)).toBe('x');
  });

  it('but a second table in a message becomes aligned code', () => {
    const one = '| code | n |\n|---|---|\n| 日本 | 5 |\n| b | 12 |\n';
    const [part] = composeMessage(`${one}\n${one}`, []).parts;
    expect(part?.blocks.map((block) => block.type)).toEqual(['table', 'rich_text']);
    expect(part?.blocks[1]).toEqual({
      type: 'rich_text',
      elements: [
        {
          type: 'rich_text_preformatted',
          elements: [{ type: 'text', text: 'code  n\n----  --\n日本  5\nb     12' }],
        },
      ],
    });
  });
});

describe('long text', () => {
  it('continues in further messages, whose pieces add up to the text', () => {
    const words = Array.from({ length: 9_000 }, (_, index) => `word${index}`).join(' ');
    const parts = arrive(`${words}\n\nend`);
    expect(parts?.length).toBeGreaterThan(1);
    const text = parts?.map((part) => messageText(messageSchema.parse({ ts: '1', ...part }), new Map())).join('');
    expect(squeeze(text ?? '')).toBe(squeeze(`${words}end`));
    for (const part of parts ?? []) expect(checkBlocks(part.blocks)).toHaveProperty('blocks');
  });

  it('keeps a code block whole if it fits, otherwise splits it between lines into code blocks', () => {
    const filler = 'x '.repeat(4_000);
    const code = Array.from({ length: 300 }, (_, index) => `line ${index} 👩‍👩‍👧‍👦`).join('\n');
    const whole = arrive(`${filler}\n\n\`\`\`\n${code}\n\`\`\``);
    expect(whole).toHaveLength(2);
    expect(whole?.[1]?.blocks).toEqual([
      { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: code }] }] },
    ]);
    const long = Array.from({ length: 3 }, () => code).join('\n');
    const cut = arrive(`\`\`\`\n${long}\n\`\`\``);
    expect(cut?.length).toBeGreaterThan(1);
    const read = cut?.flatMap((part) => messageText(messageSchema.parse({ ts: '1', ...part }), new Map()).split('\n'));
    expect(read).toEqual(long.split('\n'));
  });

  it('never cuts a grapheme', () => {
    const family = '👩‍👩‍👧‍👦';
    const parts = arrive(family.repeat(2_500));
    for (const part of parts ?? []) {
      const text = messageText(messageSchema.parse({ ts: '1', ...part }), new Map());
      expect(text.replaceAll(family, '').trim()).toBe('');
    }
  });

  it('has a notification text within 4,000 characters, including escapes', () => {
    for (const text of ['<&>'.repeat(3_000), 'a & b '.repeat(2_000), '漢字'.repeat(4_000), '&👩‍👩‍👧‍👦'.repeat(900)])
      for (const part of composeMessage(text, []).parts) {
        expect(part.text.length).toBeLessThanOrEqual(4_000);
        expect(part.text).not.toMatch(/\p{Cs}/u);
      }
  });

  it('that needs too many messages is rejected with what to do', () => {
    expect(() => composeMessage('word '.repeat(70_000), [])).toThrow(/needs \d+ Slack messages; at most 30/);
  });
});
