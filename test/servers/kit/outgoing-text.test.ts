import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findInvisible } from '../../../servers/kit/invisible.ts';
import { outgoingArguments } from '../../../servers/kit/mask-arguments.ts';
import { cleanText } from '../../../servers/kit/outgoing-text.ts';

const asIs = (text: string): string => text;

describe('outgoing text', () => {
  it.each([
    ['a direction override', 'file \u202egnp.exe is safe\u202c', 'file gnp.exe is safe'],
    ['isolates', '\u2066a\u2069', 'a'],
    ['marks of direction between Latin letters', 'a\u200eb\u200f', 'ab'],
    ['zero-width characters', 'pass\u200bword\ufeff\u2060\u00ad', 'password'],
    ['a joiner of graphemes, and selectors after digits', 'a\u034fb 1\ufe01 2\ufe0f', 'ab 1 2'],
    ['what Unicode keeps for later', 'a\u{e0fff}\u2065b', 'ab'],
    ['tags that carry hidden words', 'hi\u{e0068}\u{e0069}', 'hi'],
    ['fillers', 'a\u3164b\uffa0', 'ab'],
    ['a bell and an escape', 'ding \u0007 \u001b[31mred\u001b[0m', 'ding ␇ ␛[31mred␛[0m'],
    ['NUL and DEL', 'a\u0000b\u007f', 'a␀b␡'],
    ['the second row of controls', 'a\u0085b\u009b', 'a\ufffdb\ufffd'],
    ['the first half of a character', 'x \ud83d!Y', 'x \ufffd!Y'],
    ['the second half of one', 'c \udc00', 'c \ufffd'],
    ['noncharacters', 'a\ufffe\uffffb', 'a\ufffd\ufffdb'],
    ['separators of lines and paragraphs', 'a\u2028b\u2029c', 'a\nb\nc'],
    ['an Arabic mark among Latin letters', 'a\u061cb', 'ab'],
    ['line ends of Windows', 'a\r\nb\rc', 'a\nb\nc'],
  ])('has no %s', (_, given, cleaned) => expect(cleanText(given)).toBe(cleaned));

  it.each([
    ['joined emoji', '👩‍👩‍👧 ❤️‍🔥'],
    ['a flag of letters', '🏴󠁧󠁢󠁥󠁮󠁧󠁿 won'],
    ['a joiner of Persian', 'می\u200cخواهم'],
    ['marks of direction beside Hebrew', 'שלום\u200f, abc'],
    ['tabs and line breaks', 'a\tb\nc'],
    ['accents', 'e\u0301'],
  ])('keeps %s', (_, given) => expect(cleanText(given)).toBe(given));

  it('is well formed, has no invisible characters, and stays the same when cleaned again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('\ud800', '\u202e', '\u0000', ''), (text, more) => {
        const clean = cleanText(text + more + text);
        expect(clean.isWellFormed()).toBe(true);
        expect(clean).not.toMatch(/[^\P{Cc}\n\t]/u);
        expect(
          findInvisible(clean.replaceAll(/[\u061c\u200e\u200f]|\u{1f3f4}[\u{e0061}-\u{e007a}]+\u{e007f}/gu, '')),
        ).toEqual([]);
        expect(cleanText(clean)).toBe(clean);
      }),
    );
  });
});

describe('arguments of a write', () => {
  it('reports what was changed and in which argument', () => {
    const redact = (text: string): string => text.replaceAll('hunter2', '[redacted secret]');
    const given = { text: 'a\u202eb \u0007', fields: { Note: ['hun\u200bter2'] }, title: 'plain' };
    expect(outgoingArguments(given, redact)).toEqual({
      input: { text: 'ab ␇', fields: { Note: ['[redacted secret]'] }, title: 'plain' },
      warnings: [
        "Changed in 'text' before sending: invisible U+202E removed; control characters shown as ␇.",
        "Changed in 'fields.Note.0' before sending: invisible U+200B removed; secret masked.",
      ],
    });
  });

  it('reports nothing if a reader sees no difference', () => {
    expect(outgoingArguments({ text: 'a\r\nb' }, asIs)).toEqual({ input: { text: 'a\nb' }, warnings: [] });
  });

  it('keeps the bytes of a file', () => {
    const content = '\ufeffid;name\r\n1;\u001b[31mred\u0000\u202e\r\n';
    expect(outgoingArguments({ content }, asIs, ['content'])).toEqual({ input: { content }, warnings: [] });
    expect(outgoingArguments({ content: 'x\ud83d' }, asIs, ['content'])).toEqual({
      input: { content: 'x\ufffd' },
      warnings: ["Changed in 'content' before sending: incomplete characters replaced by U+FFFD."],
    });
  });
});
