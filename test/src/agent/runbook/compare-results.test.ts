import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareResults, describeDifferences, type Table } from '../../../../src/agent/runbook/compare-results.ts';

const columns = [
  { name: 'error_code', type: 'text' },
  { name: 'failed', type: 'int8' },
];

function table(rows: unknown[][]): Table {
  return { columns, rows };
}

describe('two results of one query', () => {
  it('differ by what is new, cleared, grown and shrunk', () => {
    const before = table([
      ['card_declined', '31'],
      ['gateway_timeout', '12'],
      ['fraud_review', '4'],
    ]);
    const now = table([
      ['gateway_timeout', '9'],
      ['card_declined', '44'],
      ['out_of_stock', '2'],
    ]);
    expect(describeDifferences(compareResults(before, now) ?? [])).toBe(
      [
        'shrunk  gateway_timeout: failed 12 -> 9',
        'grown  card_declined: failed 31 -> 44',
        'new  out_of_stock: failed 2',
        'cleared  fraud_review: failed 4',
      ].join('\n'),
    );
  });

  it('of one row without a name are compared by their figures', () => {
    const count = [{ name: 'failed_count', type: 'int8' }];
    const differences = compareResults({ columns: count, rows: [['47']] }, { columns: count, rows: [['6']] });
    expect(describeDifferences(differences ?? [])).toBe('shrunk  failed_count 47 -> 6');
  });

  it('are not compared when their columns differ', () => {
    expect(compareResults(table([]), { columns: columns.toReversed(), rows: [] })).toBeUndefined();
  });

  it('that are equal have no difference, in any order', () => {
    const row = fc.tuple(fc.string(), fc.integer());
    fc.assert(
      fc.property(fc.uniqueArray(row, { selector: ([key]) => key }), (rows) => {
        expect(compareResults(table(rows), table(rows.toReversed()))).toEqual([]);
      }),
    );
    expect(describeDifferences([])).toBe('Nothing has changed.');
  });
});
