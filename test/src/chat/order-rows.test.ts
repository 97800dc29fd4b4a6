import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnTest, filterRows } from '../../../src/chat/filter-rows.ts';
import { orderRows, rankColumn } from '../../../src/chat/order-rows.ts';
import { orderTexts } from '../../../src/chat/order-texts.ts';

function inOrder(texts: readonly string[]): readonly (string | undefined)[] {
  return [...orderTexts(texts)].map((place) => texts[place]);
}

describe('texts in order', () => {
  test('numbers count, whatever is around them, and case and accents do not', () => {
    expect(inOrder(['b10', 'a', 'b9', 'B1', 'é2', 'e10', 'E1', ''])).toEqual([
      '',
      'a',
      'B1',
      'b9',
      'b10',
      'E1',
      'é2',
      'e10',
    ]);
    expect(inOrder(['v1.10.0', 'v1.9.3', 'v1.9', 'v01.9.4'])).toEqual(['v1.9', 'v1.9.3', 'v01.9.4', 'v1.10.0']);
    expect(inOrder(['2026-11-02T00:00Z', '2026-11-01T10:00Z'])).toEqual(['2026-11-01T10:00Z', '2026-11-02T00:00Z']);
    expect(inOrder(['Ж', 'а', 'Z'])).toEqual(['Z', 'а', 'Ж']);
  });

  test('long texts that begin alike differ in what follows', () => {
    const [a, b] = [`${'x'.repeat(1000)}a`, `${'x'.repeat(1000)}b`];
    expect(new Set(inOrder([b, a, a]))).toEqual(new Set([a, b]));
    expect(inOrder([b, a, a]).filter((text) => text === a)).toHaveLength(2);
  });

  test('is one order, in which every text is once', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 60 }), (texts) => {
        const once = inOrder(texts);
        expect(orderTexts(texts).toSorted()).toEqual(Uint32Array.from(texts.keys()));
        expect(inOrder(once.toReversed().map((text) => text ?? ''))).toEqual(once);
      }),
    );
  });
});

describe('rows in order', () => {
  const rows = [
    ['b', 2, null],
    ['a', 10, 'x'],
    ['b', 1, 'y'],
    ['a', 2, null],
  ];
  const all = Uint32Array.from(rows.keys());

  function sorted(...sorts: readonly (readonly [column: number, descending: boolean])[]): readonly number[] {
    return [
      ...orderRows(
        all,
        sorts.map(([column, descending]) => ({ ranks: rankColumn(rows, column), descending })),
      ),
    ];
  }

  test('by one column and then by the next, each in its direction, equal rows as they came', () => {
    expect(sorted([0, false])).toEqual([1, 3, 0, 2]);
    expect(sorted([0, true], [1, false])).toEqual([2, 0, 3, 1]);
    expect(sorted([2, false])).toEqual([1, 2, 0, 3]);
    expect(sorted([2, true])).toEqual([2, 1, 0, 3]);
  });

  test('whole numbers beyond 2^53 keep their order', () => {
    const exact = [['9007199254740993'], ['9007199254740992'], ['-9007199254740993'], [5]];
    expect([...orderRows(all, [{ ranks: rankColumn(exact, 0), descending: false }])]).toEqual([2, 3, 1, 0]);
  });

  test('no rows and columns without values', () => {
    expect(rankColumn([], 0).count).toBe(0);
    expect([...orderRows(all, [{ ranks: rankColumn(rows, 9), descending: true }])]).toEqual([0, 1, 2, 3]);
  });
});

describe('the filter of a column', () => {
  test.each<[string, readonly unknown[], readonly number[]]>([
    ['time', ['TIMEOUT', 'declined', null], [0]],
    ['=timeout', ['TIMEOUT', 'TIMEOUT_2'], [0]],
    ['!time', ['TIMEOUT', 'declined', null], [1, 2]],
    ['null', ['null value', null], [1]],
    ['!null', ['a', null], [0]],
    ['>9', [10, '9.5', 9, null, 'text'], [0, 1]],
    ['<= 9', [10, '9.5', 9, null], [2]],
    ['>=2026-11-02', ['2026-11-01T10:00Z', '2026-11-02T00:00Z'], [1]],
    ['>', ['a', null], [0, 1]],
    ['  ', ['a', null], [0, 1]],
  ])('%s', (typed, cells, expected) => {
    const rows = cells.map((cell) => [cell]);
    expect([...filterRows(rows, { any: '', columns: { 0: typed } })]).toEqual(expected);
  });

  test('one that is half typed looks for nothing', () => {
    expect(columnTest('<=')).toBeUndefined();
  });

  test('all must match, and what is looked for everywhere as well', () => {
    const rows = [
      ['a', 1],
      ['a', 2],
      ['b', 2],
    ];
    expect([...filterRows(rows, { any: '2', columns: { 0: 'a' } })]).toEqual([1]);
  });
});
