import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cutToWidth,
  describeDuration,
  displayWidth,
  printable,
  printableLine,
  wrapText,
} from '../../../src/terminal/text-layout.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 80 });

describe('untrusted text', () => {
  it('contains nothing that a terminal interprets', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        // oxlint-disable-next-line no-control-regex -- that is what must not be there
        expect(printable(text)).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/);
        expect(printableLine(text)).not.toContain('\n');
      }),
      { numRuns: 500 },
    );
  });

  it('shows what it hid', () => {
    expect(printable('a\u001B[2Jb\u0007c\rd\u202Ee\u009Bf\tg')).toBe(
      'a<U+001B>[2Jb<U+0007>c<U+000D>d<U+202E>e<U+009B>f  g',
    );
    expect(printable('line 1\r\nline 2')).toBe('line 1\nline 2');
  });
});

describe('layout', () => {
  it('counts columns, not characters', () => {
    expect(displayWidth('日本')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
    expect(displayWidth('🙂')).toBe(2);
  });

  it('never exceeds the width, and loses no word', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 8, max: 60 }), (raw, width) => {
        const text = printable(raw);
        const lines = wrapText(text, width);
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
        expect(displayWidth(cutToWidth(text.replaceAll('\n', ' '), width))).toBeLessThanOrEqual(width);
      }),
      { numRuns: 500 },
    );
  });

  it('formats times the way people do', () => {
    expect([3, 999.6, 12_345, 125_000].map(describeDuration)).toEqual(['3 ms', '1000 ms', '12.3 s', '2 min 5 s']);
  });
});
