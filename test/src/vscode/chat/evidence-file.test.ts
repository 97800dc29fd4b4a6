import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createEvidenceStore } from '../../../../src/agent/evidence/store.ts';
import type { Evidence } from '../../../../src/agent/evidence/types.ts';
import { addBounded } from '../../../../src/chat/bounds.ts';
import { evidenceAsFile } from '../../../../src/vscode/chat/evidence-file.ts';

function evidenceOf(structured: Record<string, unknown>): Evidence {
  const tool = {
    name: 'postgres__query_database',
    plainName: 'query_database',
    server: 'postgres',
    title: 'Query',
    description: '',
    risk: 'read',
    trusted: true,
    inputSchema: {},
    preview: false,
    idempotent: false,
  } as const;
  const time = '2026-11-22T08:00:00Z';
  return createEvidenceStore().add({ tool, arguments: {}, time, outcome: { kind: 'result', structured, text: '' } });
}

function tableOf(rows: unknown[][], more: Record<string, unknown> = {}): Evidence {
  const columns = (rows[0] ?? []).map(() => ({ name: 'c', type: 'text' }));
  return evidenceOf({ columns, rows, row_count: rows.length, ...more });
}

const csvOf = (...cells: unknown[]): string =>
  evidenceAsFile(tableOf([cells]))
    .text.split('\r\n')
    .slice(1)
    .join('\r\n');

it('writes a header and rows', () => {
  expect(evidenceAsFile(tableOf([[1], [2]]))).toEqual({ name: 'E1.csv', text: 'c\r\n1\r\n2\r\n' });
});

it('writes every row and cell in full, even if the chat keeps only the beginning', () => {
  const rows = Array.from({ length: 300 }, (_, row) => [row, 'x'.repeat(1500)]);
  const evidence = tableOf(rows);
  const [held] = addBounded([], evidence.view());
  expect(held?.rows).toHaveLength(200);
  expect(evidenceAsFile(evidence).text).toBe(`c,c\r\n${rows.map((row) => `${row.join(',')}\r\n`).join('')}`);
});

it('says when the source had more rows', () => {
  expect(evidenceAsFile(tableOf([[1], [2]], { truncated: true })).name).toBe('E1-first-2.csv');
});

it('writes evidence without columns as JSON', () => {
  const { name, text } = evidenceAsFile(evidenceOf({ key: 'ENG-1', fields: { summary: 'x' } }));
  expect(name).toBe('E1.json');
  expect(JSON.parse(text)).toEqual({ key: 'ENG-1', fields: { summary: 'x' } });
});

it('quotes cells that would break a row', () => {
  expect(csvOf('a,b', 'say "hi"', 'two\nlines', null, { a: 1 })).toBe(
    '"a,b","say ""hi""","two\nlines",,"{""a"":1}"\r\n',
  );
});

/** Reads a file like a spreadsheet: quotes count only at the start of a cell, and the rest of such a cell is appended. */
function readCells(text: string, separator: string): readonly string[] {
  const cells: string[] = [];
  let at = 0;
  while (at < text.length) {
    let value = '';
    if (text[at] === '"') {
      for (at += 1; at < text.length; at += 1) {
        if (text[at] === '"' && text[at + 1] === '"') at += 1;
        else if (text[at] === '"') break;
        value += text[at];
      }
      at += 1;
    }
    while (at < text.length && text[at] !== separator && text[at] !== '\r' && text[at] !== '\n') {
      value += text[at];
      at += 1;
    }
    cells.push(value);
    at += 1;
  }
  return cells;
}

const runs = /^[\s\p{C}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/u;

it.each([
  'y;=1+1',
  'z\t=1+1',
  'a\n=1+1',
  'a\r\n-1+cmd',
  '\uFF1D1+1',
  '\u200B=1+1',
  '\u0000=1+1',
  'y;\u0007=1+1',
  ';"=1+1&"',
  'x ; @SUM(A1)',
  '\t=1',
  '\n=1',
  ' =1+1',
  '"";"" =1+1',
  '\uFEFF=1',
])('%j is not a formula in any spreadsheet, whatever the separator', (text) => {
  const line = csvOf('first', text, 'last');
  for (const separator of [',', ';', '\t'])
    for (const cell of readCells(line, separator)) expect(cell).not.toMatch(runs);
});

it('no text becomes a formula, and with commas, cells without formulas are read back unchanged', () => {
  const text = fc
    .array(fc.constantFrom('=', '+', '-', '@', '\uFF1D', ';', ',', '\t', '\r', '\n', '"', ' ', 'a', '1'), {
      maxLength: 12,
    })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(text, { minLength: 2, maxLength: 4 }), (cells) => {
      const line = csvOf(...cells);
      const isNumber = /^\s*[+-]?[\d.]+\s*"?$/u;
      for (const separator of [',', ';', '\t'])
        for (const cell of readCells(line, separator)) if (!isNumber.test(cell)) expect(cell).not.toMatch(runs);
      if (cells.every((cell) => !/[=+\-@\uFF1D]/u.test(cell) && !/^[\t\r\n]/u.test(cell)))
        expect(readCells(line, ',').slice(0, cells.length)).toEqual(cells);
    }),
  );
});

it('disarms formulas and leaves numbers alone', () => {
  expect(csvOf('=HYPERLINK("http://evil")', '+1-2', '@x', '-4.50', '-1e9', -3)).toBe(
    `"'=HYPERLINK(""http://evil"")",'+1-2,'@x,-4.50,-1e9,-3\r\n`,
  );
});
