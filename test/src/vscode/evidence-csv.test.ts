import { expect, it } from 'vitest';
import { evidenceAsCsv } from '../../../src/vscode/evidence-csv.ts';

const evidence = {
  id: 'E1',
  tool: 'query_database',
  title: 'Query',
  arguments: {},
  time: '2026-11-22T08:00:00Z',
  rowCount: 1,
  truncated: false,
  sha256: '',
  columns: [{ name: 'id', type: 'integer' }],
};

function csvOf(...cells: unknown[]): string {
  return evidenceAsCsv({ ...evidence, columns: cells.map(() => ({ name: 'c', type: 'text' })), rows: [cells] })
    .split('\r\n')
    .slice(1)
    .join('\r\n');
}

it('writes a header and rows', () => {
  expect(evidenceAsCsv({ ...evidence, rows: [[1], [2]] })).toBe('id\r\n1\r\n2\r\n');
});

it('quotes what would break a row', () => {
  expect(csvOf('a,b', 'say "hi"', 'two\nlines', null, { a: 1 })).toBe(
    '"a,b","say ""hi""","two\nlines",,"{""a"":1}"\r\n',
  );
});

it('takes the power from formulas, and leaves numbers alone', () => {
  expect(csvOf('=HYPERLINK("http://evil")', '+1-2', '@x', '-4.50', '-1e9', -3)).toBe(
    `"'=HYPERLINK(""http://evil"")",'+1-2,'@x,-4.50,-1e9,-3\r\n`,
  );
});
