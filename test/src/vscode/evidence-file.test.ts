import { expect, it } from 'vitest';
import { createEvidenceStore, type Evidence } from '../../../src/agent/evidence.ts';
import { addBounded } from '../../../src/chat/bounds.ts';
import { evidenceAsFile } from '../../../src/vscode/evidence-file.ts';

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

it('writes every row and cell whole, where the chat holds the beginning', () => {
  const rows = Array.from({ length: 300 }, (_, row) => [row, 'x'.repeat(1500)]);
  const evidence = tableOf(rows);
  const [held] = addBounded([], evidence.view());
  expect(held?.rows).toHaveLength(200);
  expect(evidenceAsFile(evidence).text).toBe(`c,c\r\n${rows.map((row) => `${row.join(',')}\r\n`).join('')}`);
});

it('says where the source had more', () => {
  expect(evidenceAsFile(tableOf([[1], [2]], { truncated: true })).name).toBe('E1-first-2.csv');
});

it('writes what is no table as JSON', () => {
  const { name, text } = evidenceAsFile(evidenceOf({ key: 'ENG-1', fields: { summary: 'x' } }));
  expect(name).toBe('E1.json');
  expect(JSON.parse(text)).toEqual({ key: 'ENG-1', fields: { summary: 'x' } });
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
