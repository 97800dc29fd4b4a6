import { describe, expect, test } from 'vitest';
import { viewCell } from '../../../../src/webview/grid/cell-value.ts';
import { layColumns, visibleColumns } from '../../../../src/webview/grid/column-layout.ts';
import { moveCell } from '../../../../src/webview/grid/grid-keys.ts';
import { emptyView, pin, readView, sortBy } from '../../../../src/webview/grid/grid-view.ts';

const now = Date.UTC(2026, 10, 30, 3);

describe('a cell in full', () => {
  test('JSON keeps long numbers and keys that occur twice', () => {
    expect(viewCell('{"a":12345678901234567890, "a":[],"b":[1,{"c":"}"}]}', 'json', 'UTC', now)).toMatchObject({
      kind: 'json',
      pretty: '{\n  "a": 12345678901234567890,\n  "a": [],\n  "b": [\n    1,\n    {\n      "c": "}"\n    }\n  ]\n}',
    });
    expect(viewCell('[not json', 'text', 'UTC', now)).toEqual({ kind: 'text', text: '[not json' });
  });

  test('bytes are a dump, and text if they are', () => {
    expect(viewCell(String.raw`\x4f6b0a`, 'bytea', 'UTC', now)).toMatchObject({ kind: 'bytes', size: 3, text: 'Ok\n' });
    expect(viewCell(String.raw`\xff00`, 'bytea', 'UTC', now)).toMatchObject({ size: 2, text: undefined });
    expect(viewCell(String.raw`\x4f`, 'text', 'UTC', now).kind).toBe('text');
  });

  test('a moment is shown in UTC and in the zone of the reader', () => {
    const view = viewCell('2026-11-30 04:00:00.5+02', 'timestamptz', 'Europe/Berlin', now);
    expect(view.kind === 'time' ? view.moments.map(({ label, text }) => `${label}: ${text.slice(0, 19)}`) : []).toEqual(
      [
        'As stored: 2026-11-30 04:00:00',
        'UTC: 2026-11-30 02:00:00',
        'Europe/Berlin: 2026-11-30 03:00:00',
        'Unix time: 1796004000.5',
        'Distance: 60 minutes ago',
      ],
    );
  });

  test('a time without a zone is no moment', () => {
    const view = viewCell('2026-11-30 04:00:00', 'timestamp', 'Europe/Berlin', now);
    expect(JSON.stringify(view)).toContain('has no time zone');
    expect(JSON.stringify(view)).not.toContain('UTC');
  });

  test('null is not empty text', () => {
    expect([viewCell(null, 'text', 'UTC', now), viewCell('', 'text', 'UTC', now)]).toEqual([
      { kind: 'null' },
      { kind: 'text', text: '' },
    ]);
  });
});

describe('columns', () => {
  test('pinned ones come first and stay, and only those in view are drawn', () => {
    const layout = layColumns(
      Array.from({ length: 50 }, () => 100),
      [3],
    );
    expect(layout.placed[0]).toEqual({ index: 3, left: 64, width: 100, pinned: true });
    const seen = visibleColumns(layout, 2000, 500);
    expect(seen.columns.map(({ index }) => index)).toEqual([3, 21, 22, 23, 24]);
    expect(seen.before + 4 * 100 + seen.after).toBe(49 * 100);
  });
});

describe('keys', () => {
  const extent = { rows: 100, columns: 5, page: 20 };
  const press = (key: string, ctrlKey = false) => ({ key, ctrlKey, metaKey: false });

  test.each([
    ['ArrowUp', false, { row: 0, column: 2 }, { row: -1, column: 2 }],
    ['ArrowUp', false, { row: -1, column: 2 }, { row: -1, column: 2 }],
    ['PageDown', false, { row: 90, column: 2 }, { row: 99, column: 2 }],
    ['PageUp', false, { row: 5, column: 2 }, { row: 0, column: 2 }],
    ['End', true, { row: 0, column: 0 }, { row: 99, column: 4 }],
    ['Home', true, { row: 50, column: 3 }, { row: 0, column: 0 }],
    ['ArrowRight', true, { row: 50, column: 3 }, { row: 50, column: 4 }],
  ])('%s leads on', (key, ctrl, from, to) => {
    expect(moveCell(from, press(key, ctrl), extent)).toEqual(to);
  });

  test('other keys and an empty grid lead nowhere', () => {
    expect(moveCell({ row: 0, column: 0 }, press('x'), extent)).toBeUndefined();
    expect(moveCell({ row: -1, column: 0 }, press('ArrowDown'), { ...extent, rows: 0 })).toEqual({
      row: -1,
      column: 0,
    });
  });
});

describe('what a person has set', () => {
  test('a heading cycles, alone or beside the others', () => {
    const up = sortBy(emptyView, 1, false);
    expect(up.sorts).toEqual([{ column: 1, descending: false }]);
    const both = sortBy(up, 2, true);
    expect(sortBy(both, 1, true).sorts).toEqual([
      { column: 1, descending: true },
      { column: 2, descending: false },
    ]);
    expect(sortBy(sortBy(both, 1, true), 1, true).sorts).toEqual([{ column: 2, descending: false }]);
    expect(sortBy(both, 2, false).sorts).toEqual([{ column: 2, descending: true }]);
  });

  test('is read back, and what is odd is dropped', () => {
    const view = { ...pin(sortBy(emptyView, 1, false), 2), filters: { 0: 'x' } };
    expect(readView(JSON.parse(JSON.stringify(view)))).toEqual(view);
    expect(readView({ sorts: [{ column: 'a' }], filters: 5, pinned: ['x'], any: null })).toEqual(emptyView);
    expect(readView(undefined)).toEqual(emptyView);
  });
});
