import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { queryRows } from '../../../src/chat/evidence-query.ts';

function sorted(cells: readonly unknown[], descending = false): readonly unknown[] {
  const rows = cells.map((cell) => [cell]);
  return queryRows(rows, { filter: '', sort: { column: 0, descending } }).rows.map(([cell]) => cell);
}

describe('sorting', () => {
  test('puts numbers in order of value, even as text, and null last in both directions', () => {
    const cells = ['10', 9, '9.5', null, '1e2', '-3'];
    expect(sorted(cells)).toEqual(['-3', 9, '9.5', '10', '1e2', null]);
    expect(sorted(cells, true)).toEqual(['1e2', '10', '9.5', 9, '-3', null]);
    expect(sorted(['b10', 'a', 'b9'])).toEqual(['a', 'b9', 'b10']);
    expect(sorted(['9007199254740993', '9007199254740992'])).toEqual(['9007199254740992', '9007199254740993']);
  });

  test('is over all rows, of which the first are returned', () => {
    const rows = Array.from({ length: 50_000 }, (_, index) => [(index * 7919) % 50_000]);
    const answer = queryRows(rows, { filter: '', sort: { column: 0, descending: true } });
    expect(answer.matching).toBe(50_000);
    expect(answer.rows).toHaveLength(200);
    expect(answer.rows[0]).toEqual([49_999]);
  });

  test('backwards is the reverse for different values', () => {
    const cells = fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(cells, (values) => {
        expect(sorted(values, true)).toEqual(sorted(values).toReversed());
      }),
    );
  });
});

test('a filter finds any cell that contains it, in any case, among all rows', () => {
  const rows = Array.from({ length: 5000 }, (_, index) => [
    index,
    index % 2 === 0 ? 'Declined' : null,
    { code: index },
  ]);
  expect(queryRows(rows, { filter: ' declined ' })).toMatchObject({ matching: 2500 });
  expect(queryRows(rows, { filter: '"code":4999' }).rows).toEqual([[4999, null, { code: 4999 }]]);
  expect(queryRows(rows, { filter: 'nowhere' })).toEqual({ rows: [], matching: 0 });
});
