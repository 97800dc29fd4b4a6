import { describe, expect, test } from 'vitest';
import { readDetail } from '../../../../src/chat/evidence-details.ts';
import { readForeignKey, readReference } from '../../../../src/webview/details/foreign-key.ts';
import { estimateError, factsOf, meaningOf, shareOf } from '../../../../src/webview/details/plan-words.ts';

const plan = {
  execution_ms: 20,
  total_cost: 100,
  hints: [],
  indexes: [],
  steps: [
    { depth: 0, what: 'Hash Join', estimated_rows: 10, cost: 100, rows: 2000, loops: 1, own_ms: 5, read_blocks: 256 },
    {
      depth: 1,
      what: 'Seq Scan on orders',
      estimated_rows: 10,
      cost: 60,
      rows: 10,
      loops: 3,
      own_ms: 15,
      hit_blocks: 4,
      discarded_rows: 90,
    },
    { depth: 1, what: 'Hash', estimated_rows: 5, cost: 30 },
    { depth: 2, what: 'Index Scan using a on b', estimated_rows: 5, cost: 30 },
  ],
};

describe('a plan in words', () => {
  test('says what a step does, and what it read', () => {
    expect(plan.steps.map(meaningOf)).toEqual([
      'Joins by a lookup table of the second step below.',
      'Reads the whole table.',
      'Builds the lookup table of a join.',
      'Finds the rows by an index.',
    ]);
    expect(plan.steps.slice(0, 3).map(factsOf)).toEqual([
      '2,000 rows (estimated 10), 2 MB from disk',
      '10 rows (estimated 10), 3 times, 90 discarded, 32 kB from memory',
      'about 5 rows',
    ]);
  });

  test('says how far the estimate was off, only where it matters', () => {
    expect(plan.steps.map(estimateError)).toEqual([
      expect.stringContaining('200 times more rows than estimated'),
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('a bar is a part of the time, or else of the cost without the steps below', () => {
    expect([0, 1].map((index) => shareOf(plan, index))).toEqual([0.25, 0.75]);
    const guessed = {
      ...plan,
      execution_ms: undefined,
      steps: plan.steps.map((step) => ({ ...step, own_ms: undefined })),
    };
    expect([0, 1, 2, 3].map((index) => shareOf(guessed, index))).toEqual([0.1, 0.6, 0, 0.3]);
  });
});

describe('keys', () => {
  test.each([
    ['FOREIGN KEY (customer_id) REFERENCES customers(id)', ['customer_id'], 'customers', 'id'],
    [
      'FOREIGN KEY (a, "B c") REFERENCES shop."Odd name"(x, y) ON DELETE CASCADE',
      ['a', 'B c'],
      'shop."Odd name"',
      'x, y',
    ],
  ])('%s', (text, columns, table, references) => {
    expect(readForeignKey(text)).toEqual({ columns, table, references });
  });

  test('what is written differently is no link', () => {
    expect(readForeignKey('CHECK (a > 1)')).toBeUndefined();
    expect(readReference('orders')).toBeUndefined();
    expect(readReference('shop.orders: FOREIGN KEY (a) REFERENCES b(c)')).toEqual({
      table: 'shop.orders',
      key: 'FOREIGN KEY (a) REFERENCES b(c)',
    });
  });
});

test('only results of the database server are drawn, and only if they have the shape', () => {
  const from = { server: 'postgres', tool: 'explain_query', value: plan };
  expect(readDetail(from)).toEqual({ kind: 'plan', plan });
  expect(readDetail({ ...from, server: 'other' })).toBeUndefined();
  expect(readDetail({ ...from, value: { plan: ['Seq Scan'] } })).toBeUndefined();
  expect(readDetail({ ...from, tool: 'query_database' })).toBeUndefined();
});
