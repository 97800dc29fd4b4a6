import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineReader } from '../../../src/mcp/line-reader.ts';
import { createRingLog } from '../../../src/mcp/ring-log.ts';

/** Feeds a text in pieces of the given lengths. */
function feed(text: string, lengths: readonly number[], maxBytes: number, onOverflow: 'cut' | (() => void) = 'cut') {
  const lines: string[] = [];
  const reader = createLineReader(maxBytes, { onLine: (line) => lines.push(line), onOverflow });
  const bytes = Buffer.from(text);
  let start = 0;
  for (const length of lengths) {
    reader.push(bytes.subarray(start, start + length));
    start += length;
  }
  reader.push(bytes.subarray(start));
  reader.end();
  return lines;
}

describe('lines', () => {
  it('are the same however the bytes are split', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.array(fc.nat(5)), (raw, lengths) => {
        const text = raw.replaceAll('\r', '');
        const expected = text.split('\n');
        if (expected.at(-1) === '') expected.pop();
        expect(feed(text, lengths, 1000)).toEqual(expected);
      }),
    );
    expect(feed('a\r\nb\r\n', [1, 1, 1], 100)).toEqual(['a', 'b']);
  });

  it('that are too long are cut, or end the reading, at the exact byte', () => {
    expect(feed('12345\n123456\n1234567890\nok', [], 5)).toEqual(['12345', '12345', '12345', 'ok']);
    expect(feed('12345\n123456\n1234567890\nok', [1, 1, 1, 7, 1], 5)).toEqual(['12345', '12345', '12345', 'ok']);
    let overflows = 0;
    expect(feed('12345\n123456\nlater\n', [3, 5, 1], 5, () => (overflows += 1))).toEqual(['12345']);
    expect(overflows).toBe(1);
  });
});

describe('the log of a server', () => {
  it('keeps the last lines, limited in number and size', () => {
    const log = createRingLog(10, 100);
    for (let index = 0; index < 1000; index += 1) log.add(`line ${index}`);
    expect(log.lines()).toEqual(Array.from({ length: 10 }, (_, index) => `line ${990 + index}`));
    log.add('x'.repeat(95));
    expect(log.lines()).toEqual(['x'.repeat(95)]);
    log.add('x'.repeat(101));
    expect(log.lines()).toEqual([]);
  });
});
