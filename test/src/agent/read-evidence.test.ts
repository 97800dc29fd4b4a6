import { describe, expect, it } from 'vitest';
import { createEvidenceStore } from '../../../src/agent/evidence.ts';
import { createReadEvidenceTool } from '../../../src/agent/read-evidence.ts';
import { addObject, addTable } from './evidence-samples.ts';

function largeStore() {
  const store = createEvidenceStore({ delimiter: () => 'x' });
  const rows = Array.from({ length: 10_000 }, (_, i) => [
    i,
    i % 10 === 0 ? 'card_declined' : 'ok',
    `2026-11-22T0${i % 10}:00:00.000Z`,
    i === 77 ? null : i / 2,
  ]);
  addTable(store, { id: 'int8', code: 'text', at: 'timestamptz', amount: 'float8' }, rows);
  return store;
}

function read(input: Record<string, unknown>, store = largeStore()): string {
  return createReadEvidenceTool(store)
    .call(input)
    .text.replaceAll(/data-\w+/g, 'data');
}

describe('a result of ten thousand rows', () => {
  const store = largeStore();
  const [evidence] = store.list();
  const text = 'x'.repeat(600_000);
  const shown = evidence === undefined ? '' : store.toModelText(evidence, text);

  it('is given by its ends and statistics, at little cost', () => {
    expect(shown.length).toBeLessThan(5000);
    expect(shown).toMatch(
      /^E1 \(query_database, 10000 rows\)\n<data-x>\nFirst 20 of 10000 rows:\nid,code,at,amount\n0,card_declined/,
    );
    expect(shown).toContain('9999,ok,2026-11-22T09:00:00.000Z,4999.5');
    expect(shown).toContain('code: 2 different, most common "ok" 9000×, "card_declined" 1000×');
    expect(shown).toContain('at: 10 different, 2026-11-22T00:00:00.000Z to 2026-11-22T09:00:00.000Z');
    expect(shown).toContain('amount: 9999 different, 1 null, 0 to 4999.5');
    expect(shown).toMatch(/read_evidence reads any part of E1/);
  });

  it('is read in pages, by column, filtered and sorted', () => {
    expect(read({ evidence: 'E1', from: 5000, rows: 2, columns: ['id'] })).toBe(
      'E1: 10000 of 10000 rows match. Rows 5000 to 5001 of them:\n<data>\nid\n5000\n5001\n\n</data>',
    );
    const declined = [{ column: 'code', is: 'equal', value: 'card_declined' }];
    const last = {
      evidence: 'E1',
      where: declined,
      order_by: 'id',
      descending: true,
      rows: 2,
      columns: ['id', 'code'],
    };
    expect(read(last)).toContain(
      '1000 of 10000 rows match. Rows 0 to 1 of them:\n<data>\nid,code\n9990,card_declined\n9980,',
    );
    expect(read({ evidence: 'E1', where: [{ column: 'amount', is: 'null' }], columns: ['id'] })).toContain('\n77\n');
    expect(read({ evidence: 'E1', where: [{ column: 'id', is: 'greater', value: 9997 }], columns: ['id'] })).toContain(
      '2 of 10000',
    );
    expect(read({ evidence: 'E1', where: declined, statistics: true, columns: ['amount'] })).toContain(
      'amount: 1000 different, 0 to 4995',
    );
  });

  it.each([
    [{ evidence: 'E7' }, /There is no E7\.\nHint: There is E1 \(query_database\)/],
    [{ evidence: 'E1', columns: ['nope'] }, /no column 'nope'\.\nHint: Its columns: id, code, at, amount/],
    [{ evidence: 'E1', order_by: 'nope' }, /no column 'nope'/],
    [{ evidence: 'E1', rows: 501 }, /'rows'/],
    [{}, /'evidence'/],
  ])('%j is refused in words', (input, message) => {
    expect(read(input)).toMatch(message);
  });
});

it('a long result that is no table is given by its ends, and read by lines', () => {
  const store = createEvidenceStore({ delimiter: () => 'x' });
  const value = { comments: Array.from({ length: 500 }, (_, i) => `comment ${i}`) };
  const evidence = addObject(store, 'get_jira_issue', value);
  const shown = store.toModelText(evidence, 'a'.repeat(10_000) + 'b'.repeat(10_000));
  expect(shown).toMatch(/a\n… 12000 characters left out …\nb/);
  expect(read({ evidence: 'E1', from: 2, rows: 2 }, store)).toBe(
    'E1: lines 2 to 3 of 504.\n<data>\n  "comment 0",\n  "comment 1",\n</data>',
  );
});
