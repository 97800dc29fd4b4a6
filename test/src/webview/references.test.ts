import { describe, expect, test } from 'vitest';
import { countGroupKeys } from '../../../src/webview/format/group-keys.ts';
import { splitReferences, withoutUnfinished } from '../../../src/webview/markdown/references.ts';
import { failures, hourly } from '../chat/recorded-run.ts';

const known = new Map([failures, hourly].map((view) => [view.id, view]));

describe('a reference in an answer', () => {
  test('stands for a table, a chart, a value or a name', () => {
    const text =
      'See {{E1}}, {{ E2 chart }}, {{E1[0].failed_count}} of {{E1.row_count}}, {{E1[7].nothing}} and {{E99}}.';
    expect(splitReferences(text, known)).toEqual([
      'See ',
      { kind: 'table', view: failures, chart: false },
      ', ',
      { kind: 'table', view: hourly, chart: true },
      ', ',
      { kind: 'value', id: 'E1', text: '12' },
      ' of ',
      { kind: 'value', id: 'E1', text: '2' },
      ', ',
      { kind: 'name', id: 'E1' },
      ' and ',
      { kind: 'name', id: 'E99' },
      '.',
    ]);
  });

  test('takes the columns and rows that it names', () => {
    const [part] = splitReferences('{{E1 columns=failed_count,error_code rows=1}}', known);
    expect(part).toMatchObject({ view: { rows: [[12, 'TAX_REGION_MISSING']], rowCount: 1 } });
    expect(splitReferences('{{E1 columns=no_such}}', known)).toMatchObject([{ view: { columns: failures.columns } }]);
  });

  test('that is still being written is not shown', () => {
    for (const end of ['{', '{{', '{{E', '{{E1', '{{E1 cha', '{{E1}'])
      expect(withoutUnfinished(`So: ${end}`)).toBe('So: ');
    expect(withoutUnfinished('So: {{E1}}')).toBe('So: {{E1}}');
    expect(withoutUnfinished('A set {1, 2} of {x')).toBe('A set {1, 2} of {x');
  });
});

test.each([
  ['SELECT code, count(*) FROM orders GROUP BY code ORDER BY 2 DESC, 1', 1],
  ["SELECT date_trunc('hour', at), code, count(*) FROM t GROUP BY date_trunc('hour', at), code HAVING count(*) > 1", 2],
  ['SELECT * FROM (SELECT a, b, c, count(*) FROM t GROUP BY a, b, c) AS x', 3],
  ['WITH x AS (SELECT a FROM t GROUP BY a) SELECT b FROM x group by b, a', 2],
  ['SELECT a FROM t GROUP BY ROLLUP (a, b)', 0],
  ['SELECT a FROM t', 0],
  [undefined, 0],
])('%s groups by %d keys', (query, keys) => {
  expect(countGroupKeys(query)).toBe(keys);
});
