import { describe, expect, test } from 'vitest';
import { renderFile, tableOfQuery, type Table } from '../../../../src/agent/evidence/table-file.ts';

const table: Table = {
  columns: [
    { name: 'id', type: 'int8' },
    { name: 'note', type: 'text' },
    { name: 'note', type: 'jsonb' },
  ],
  rows: [
    ['9007199254740993', "it's", { a: 1 }],
    [2, null, true],
  ],
  notes: ['E1 is not complete: the source has\nmore rows.'],
  name: 'shop.orders',
};

function withText(text: string): Table {
  return { ...table, columns: [{ name: 'note', type: 'text' }], rows: [[text]], notes: [] };
}

describe('a table as a file', () => {
  test('JSON keeps exact numbers, null and a name that occurs twice', () => {
    expect(JSON.parse(renderFile('json', table))).toEqual([
      { id: '9007199254740993', note: "it's", note_2: { a: 1 } },
      { id: 2, note: null, note_2: true },
    ]);
  });

  test('INSERT statements quote what is not a number, and say what is missing', () => {
    expect(renderFile('insert', table)).toBe(
      [
        '-- E1 is not complete: the source has more rows.',
        'INSERT INTO "shop"."orders" ("id", "note", "note") VALUES',
        `  (9007199254740993, 'it''s', '{"a":1}'),`,
        '  (2, NULL, true);',
        '',
      ].join('\n'),
    );
  });

  test.each([
    ["'); DROP TABLE orders; --", "'''); DROP TABLE orders; --'"],
    [String.raw`\'; DROP TABLE orders; --`, String.raw`E'\\''; DROP TABLE orders; --'`],
    ['-- \n; x', "'-- \n; x'"],
  ])('no value ends its literal: %s', (text, literal) => {
    expect(renderFile('insert', withText(text))).toContain(`(${literal});`);
  });

  test('text in a column of numbers is quoted, and so is a name', () => {
    const odd = { ...table, columns: [{ name: 'a"b', type: 'int4' }], rows: [['1; DROP']], notes: [], name: 'x' };
    expect(renderFile('insert', odd)).toBe(`INSERT INTO "x" ("a""b") VALUES\n  ('1; DROP');\n`);
  });

  test('CSV and TSV defuse formulas', () => {
    expect(renderFile('csv', withText('=1+1'))).toBe("note\r\n'=1+1\r\n");
    expect(renderFile('tsv', { ...withText('=1+1'), rows: [['@x'], ['a\tb']] })).toBe('note\r\n\'@x\r\n"a\tb"\r\n');
  });

  test('Markdown cells are inert, and notes follow', () => {
    expect(renderFile('markdown', { ...table, rows: [[1, '[x](https://evil.example) | y', null]] })).toContain(
      String.raw`\[x\](`,
    );
    expect(renderFile('markdown', table)).toContain('E1 is not complete');
  });
});

test.each([
  ['SELECT * FROM orders WHERE id > 5', 'orders'],
  ['select a from Shop.Orders o', 'shop.orders'],
  ['SELECT * FROM a JOIN b ON true', 'table_name'],
  ['SELECT 1', 'table_name'],
  ['SELECT * FROM "odd name"', 'table_name'],
  [undefined, 'table_name'],
])('%s reads %s', (query, name) => {
  expect(tableOfQuery(query)).toBe(name);
});
