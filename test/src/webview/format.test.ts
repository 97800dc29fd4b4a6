import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { announcementOf } from '../../../src/webview/format/announce.ts';
import { showInvisible } from '../../../src/webview/format/invisible.ts';
import { count, dollars, duration, tokens } from '../../../src/webview/format/quantity.ts';
import { argumentText, summariseArguments } from '../../../src/webview/format/value.ts';
import { troubled, troubledEnd, untilTicket } from '../chat/recorded-run.ts';

describe('quantities', () => {
  test.each([
    [duration(0), '0 ms'],
    [duration(999), '999 ms'],
    [duration(1312), '1.3 s'],
    [duration(60_000), '1 min'],
    [duration(125_400), '2 min 5 s'],
    [count(1_234_567), '1,234,567'],
    [tokens(950), '950'],
    [tokens(41_230), '41.2k'],
    [tokens(999_960), '1M'],
    [dollars(0), '$0.00'],
    [dollars(0.0004), '< $0.01'],
    [dollars(1.239), '$1.24'],
  ])('%s', (shown, expected) => {
    expect(shown).toBe(expected);
  });
});

describe('the summary of a call', () => {
  test.each([
    [{ query: 'SELECT 1,\n   2', limit: 5 }, 'SELECT 1, 2'],
    [{ channel: '#orders', text: 'Hi' }, '#orders · Hi'],
    [{ alpha: 1, beta: { gamma: true } }, '1 · {"gamma":true}'],
    [{ labels: null }, ''],
    [{}, ''],
  ])('of %o', (input, expected) => {
    expect(summariseArguments(input)).toBe(expected);
  });

  test('is one short line for any arguments', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (input) => {
        const summary = summariseArguments(input);
        expect(summary.length).toBeLessThanOrEqual(160);
        expect(summary).not.toMatch(/[\r\n\t]/u);
      }),
    );
  });

  test('separates list items with commas', () => {
    expect(argumentText(['orders', 'tax'])).toBe('orders, tax');
    expect(argumentText([1, 'tax'])).toBe('[1,"tax"]');
    expect(argumentText(null)).toBeUndefined();
  });
});

describe('invisible characters', () => {
  test.each([
    ['a\u202Eb', 'a[U+202E]b'],
    ['tag \u{E0041}', 'tag [U+E0041]'],
    ['zero\u200Bwidth', 'zero[U+200B]width'],
    ['soft\u00ADhyphen', 'soft[U+00AD]hyphen'],
    ['nul\u0000', 'nul[U+0000]'],
    ['a\u034Fb', 'a[U+034F]b'],
    ['1\uFE01 1\uFE0F', '1[U+FE01] 1[U+FE0F]'],
    ['❤\uFE0F\uFE0F', '❤\uFE0F[U+FE0F]'],
    ['a\u{E0FFF}', 'a[U+E0FFF]'],
  ])('%j are written out', (text, expected) => {
    expect(showInvisible(text)).toBe(expected);
  });

  test('keeps ordinary text', () => {
    for (const text of ['a\n\tb', '👩‍🚀 ❤️ 1️⃣', 'می‌خواهم', 'naïve — “quotes”', '日本語'])
      expect(showInvisible(text)).toBe(text);
  });
});

describe('what a screen reader announces', () => {
  test('steps and approvals of a run, never the streamed text', () => {
    const said = [...untilTicket, ...troubled, troubledEnd].flatMap((event) => announcementOf(event) ?? []);
    expect(said.map(({ text, urgent }) => (urgent ? `! ${text}` : text))).toEqual([
      'Working on it.',
      '2 rows',
      '24 rows',
      '! Approval needed: Create Jira ticket, Engineering (ENG).',
      'Working on it.',
      'refused_by_guard: only SELECT, VALUES, TABLE, EXPLAIN and SHOW are run here',
      'unauthorized: Jira refused the token',
      'Claude is overloaded (529). Trying again in 14 seconds.',
      '! Claude stayed overloaded for five attempts. Nothing was written. Try again in a few minutes.',
    ]);
  });
});
