import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EvidenceView } from '../../../src/agent/events.ts';
import { chartShape } from '../../../src/webview/format/chart-shape.ts';
import { failures, hourly } from '../chat/recorded-run.ts';

function table(names: readonly string[], rows: readonly (readonly unknown[])[], type = 'text'): EvidenceView {
  return { ...failures, columns: names.map((name) => ({ name, type })), rows };
}

describe('the shape of a chart', () => {
  test('times and numbers make a line chart', () => {
    const shape = chartShape(hourly);
    expect(shape).toMatchObject({ kind: 'time', x: 'hour', series: ['orders', 'failed'] });
    expect(shape?.points).toHaveLength(48);
    expect(shape?.points[0]).toEqual({ x: new Date('2026-11-21T00:00:00Z'), y: 40, series: 'orders' });
  });

  test('names and numbers make a bar chart, even with numbers as text and long names', () => {
    const shape = chartShape(
      table(
        ['code', 'orders'],
        [
          ['A', '12'],
          [`B ${'x'.repeat(50)}`, '2.5'],
        ],
      ),
    );
    expect(shape).toMatchObject({ kind: 'category', x: 'code', series: ['orders'] });
    expect(shape?.points.map(({ x, y }) => [x, y])).toEqual([
      ['A', 12],
      [`B ${'x'.repeat(50)}`, 2.5],
    ]);
  });

  test('two keys in long form make one series for each value of the second', () => {
    const long = table(
      ['region', 'code', 'orders'],
      [
        ['eu', 'A', 1],
        ['eu', 'B', 2],
        ['us', 'A', 3],
        ['us', null, 4],
      ],
    );
    expect(chartShape(long)).toMatchObject({ kind: 'category', x: 'region', series: ['A', 'B', '(none)'] });
  });

  test('of two keys, time is the axis, whichever comes first', () => {
    const [name, at] = [
      { name: 'code', type: 'text' },
      { name: 'at', type: 'timestamptz' },
    ];
    const rows = [
      ['A', '2026-11-22T00:00:00Z', 1],
      ['B', '2026-11-22T00:00:00Z', 2],
      ['A', '2026-11-22T01:00:00Z', 3],
    ];
    const evidence = { ...failures, columns: [name, at, { name: 'orders', type: 'int8' }], rows };
    expect(chartShape(evidence)).toMatchObject({ kind: 'time', x: 'at', series: ['A', 'B'] });
  });

  test('the same keys twice, or more series than can be told apart, make no chart', () => {
    const rows = (second: (index: number) => string): unknown[][] =>
      [0, 1, 2, 3, 4, 5].map((index) => ['x', second(index), index]);
    expect(chartShape(table(['a', 'b', 'n'], [...rows(String), ['y', 'z', 1]]))).toBeUndefined();
    expect(chartShape(table(['a', 'b', 'n'], [...rows(() => 'same'), ['y', 'z', 1]]))).toBeUndefined();
  });

  test('names with the same beginning stay apart, but names that look the same make no chart', () => {
    const rows = (gap: string): unknown[][] => [
      [`${'x'.repeat(40)} A`, 1],
      [`${'x'.repeat(40)}${gap}`, 2],
    ];
    expect(new Set(chartShape(table(['code', 'orders'], rows(' B')))?.points.map(({ x }) => x)).size).toBe(2);
    expect(chartShape(table(['code', 'orders'], rows('  A')))).toBeUndefined();
  });

  test('two columns with the same name stay separate', () => {
    const rows = [
      ['A', 1, 10],
      ['B', 2, 20],
    ];
    const shape = chartShape(table(['code', 'count', 'count'], rows));
    expect(shape?.series).toEqual(['count']);
    expect(shape?.points.map(({ y }) => y)).toEqual([1, 2]);
  });

  test.each([
    ['2026-11-22', '2026-11-22T00:00:00.000Z'],
    ['2026-11-22 06:02', '2026-11-22T06:02:00.000Z'],
    ['2026-11-22T06:02:03.5', '2026-11-22T06:02:03.500Z'],
    ['2026-11-22 06:02:03+00', '2026-11-22T06:02:03.000Z'],
    ['2026-11-22T06:02:03+05:30', '2026-11-22T00:32:03.000Z'],
  ])('%s is the time %s in any time zone, and lines go forward in time', (text, moment) => {
    const shape = chartShape(
      table(
        ['at', 'orders'],
        [
          ['2027-01-01', 2],
          [text, 1],
        ],
      ),
    );
    expect(shape?.points.map(({ x }) => x)).toEqual([new Date(moment), new Date('2027-01-01T00:00:00Z')]);
  });

  test.each([
    ['a single row', table(['code', 'orders'], [['A', 1]])],
    [
      'no numbers',
      table(
        ['code', 'note'],
        [
          ['A', 'x'],
          ['B', 'y'],
        ],
      ),
    ],
    [
      'only numbers',
      table(
        ['id', 'orders'],
        [
          [1, 5],
          [2, 6],
        ],
      ),
    ],
    [
      'repeated names',
      table(
        ['code', 'orders'],
        [
          ['A', 1],
          ['A', 2],
        ],
      ),
    ],
    [
      'a missing name',
      table(
        ['code', 'orders'],
        [
          ['A', 1],
          [null, 2],
        ],
      ),
    ],
    [
      'too many names',
      table(
        ['code', 'orders'],
        Array.from({ length: 31 }, (_, index) => [`n${index}`, index]),
      ),
    ],
    ['an empty table', table([], [])],
  ])('%s makes no chart', (_, evidence) => {
    expect(chartShape(evidence)).toBeUndefined();
  });

  test('for any table, all points are finite and belong to a series', () => {
    const cell = fc.oneof(fc.jsonValue(), fc.constantFrom('2026-11-22', '2026-99-99T00:00', '1e999', '5'));
    const rows = fc.array(fc.array(cell, { maxLength: 4 }), { maxLength: 40 });
    fc.assert(
      fc.property(rows, fc.constantFrom('text', 'timestamptz', 'int8'), (values, type) => {
        const shape = chartShape(table(['a', 'b', 'c'], values, type));
        for (const { x, y, series } of shape?.points ?? []) {
          expect(Number.isFinite(y)).toBe(true);
          expect(x instanceof Date ? Number.isFinite(x.getTime()) : x.length <= 200).toBe(true);
          expect(shape?.series).toContain(series);
        }
      }),
      { numRuns: 500 },
    );
  });
});
