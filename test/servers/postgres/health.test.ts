import { expect, it } from 'vitest';
import { judgeHealth, sections } from '../../../servers/postgres/health.ts';

const reader = { user: 'reader', findings: [] };
const answersWith = (name: string, row: readonly (string | null)[]) =>
  sections.map((section) => (section.name === name ? [row] : []));
const database = (cache: string, deadlocks: string, age: string) =>
  answersWith('database', [cache, '0', '5000', deadlocks, '0', '1', age]);

it('a quiet database is ok', () => {
  expect(judgeHealth(database('99.5', '0', '100'), reader)).toEqual({
    status: 'ok',
    acute: [],
    standing: [],
    problems: [],
  });
});

it('permanent conditions are reported but need no attention', () => {
  const role = { user: 'app', findings: ['may create roles', 'may write to public.orders'] };
  const judged = judgeHealth(database('85', '3', '100'), role);
  expect(judged.problems.map(({ severity }) => severity)).toEqual(['low', 'low', 'low']);
  expect(judged.problems.map(({ action }) => action).join(' ')).toMatch(/lock rows in the same order.*may only read/u);
  expect(judged).toMatchObject({
    status: 'ok',
    acute: [],
    standing: [
      'only 85 % of reads since the statistics were reset came from memory',
      '3 deadlocks since the statistics were reset',
      "this connection's role app may create roles, may write to public.orders",
    ],
  });
});

it.each([
  ['connections', ['99', '1', '0', '100'], '99 of 100 connections are in use'],
  ['long_queries', ['7', 'a', 'active', null, '61', 'q'], 'process 7 has been running a query for 61 s'],
  ['blocked', ['7', '8', '9', 'orders', 'q', 'q'], 'process 7 has waited 9 s for a lock (orders) held by process 8'],
  [
    'dead_rows',
    ['public.t', '10', '2000', null, null],
    'public.t has 2000 dead rows and 10 live rows: vacuum is falling behind',
  ],
  [
    'prepared_transactions',
    ["it's 1", 'shop', 'alice', '90000.5'],
    "prepared transaction 'it''s 1' of alice in shop has been open for 90000.5 s: it holds its locks and blocks vacuum until COMMIT PREPARED or ROLLBACK PREPARED 'it''s 1';",
  ],
  ['replication', ['replica', 'streaming', '1', '61'], 'replica is 61 s behind'],
  ['indexes', ['i', 'invalid', '8192'], 'index i is invalid: it slows down writes and no query uses it'],
  [
    'database',
    ['99', '0', '1', '0', '0', '1', '1500000000'],
    'the oldest transaction id is 1500000000 transactions old: wraparound is near',
  ],
])('%s with current problems need attention', (section, row, finding) => {
  const { problems, ...judged } = judgeHealth(answersWith(section, row), reader);
  expect(judged).toEqual({ status: 'attention', acute: [finding], standing: [] });
  expect(problems).toEqual([
    {
      severity: expect.stringMatching(/high|medium/u) as string,
      finding,
      action: expect.stringMatching(/\.$/u) as string,
    },
  ]);
});
