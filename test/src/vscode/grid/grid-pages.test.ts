import { describe, expect, test } from 'vitest';
import { createEvidenceStore } from '../../../../src/agent/evidence/store.ts';
import type { ToolSpec } from '../../../../src/agent/tools.ts';
import { followPages, joinPages, nextPageCall } from '../../../../src/vscode/grid/grid-pages.ts';

const tool: ToolSpec = {
  name: 'postgres__query_database',
  plainName: 'query_database',
  server: 'postgres',
  title: 'Query the database',
  description: '',
  inputSchema: { type: 'object' },
  trusted: true,
  risk: 'read',
  preview: false,
  idempotent: false,
};

const columns = [{ name: 'id', type: 'int8' }];
const query = { query: 'SELECT id FROM orders ORDER BY id', limit: 2 };

function storeOf(
  ...pages: readonly { readonly arguments: Record<string, unknown>; readonly value: Record<string, unknown> }[]
) {
  const store = createEvidenceStore();
  for (const { arguments: input, value } of pages)
    store.add({ tool, arguments: input, time: '', outcome: { kind: 'result', text: '', structured: value } as never });
  const views = store.list().map((evidence) => evidence.view());
  const first = store.get('E1');
  if (first === undefined) throw new Error('there is no page');
  return { first, follow: () => followPages(first, views, async (id) => store.get(id)) };
}

const one = { columns, rows: [[1], [2]], row_count: 2, truncated: true, next_cursor: 'abc' };
const two = {
  columns,
  rows: [[3], [4]],
  row_count: 2,
  truncated: true,
  next_cursor: 'def',
  masked: ['orders.id'],
  cut_cells: [[1, 0]],
};
const three = { columns, rows: [[5]], row_count: 1, truncated: false };

describe('the pages of a result', () => {
  test('are joined in order, whoever read them, with what is masked and cut', async () => {
    const pages = await storeOf(
      { arguments: query, value: one },
      { arguments: { ...query, cursor: 'abc' }, value: two },
      { arguments: { ...query, cursor: 'def' }, value: three },
    ).follow();
    const { rows, ...joined } = joinPages(pages);
    expect(rows).toEqual([[1], [2], [3], [4], [5]]);
    expect(joined).toMatchObject({
      id: 'E1',
      rowCount: 5,
      truncated: false,
      masked: ['orders.id'],
      cutCells: [[3, 0]],
    });
  });

  test('the next one repeats the query with the last cursor', async () => {
    const { follow, first } = storeOf(
      { arguments: query, value: one },
      { arguments: { ...query, cursor: 'abc' }, value: two },
    );
    expect(nextPageCall(await follow())).toEqual({
      plainName: 'query_database',
      arguments: { ...query, cursor: 'def' },
    });
    expect(joinPages([first])).toMatchObject({ truncated: true, endsBecause: undefined });
  });

  test('a result of another query does not belong to it, even with the same cursor', async () => {
    const other = { query: 'SELECT id FROM customers', cursor: 'abc' };
    const pages = await storeOf({ arguments: query, value: one }, { arguments: other, value: two }).follow();
    expect(pages).toHaveLength(1);
  });

  test('without a cursor there is no next page, and the grid says so', async () => {
    const { next_cursor: _, ...cut } = one;
    const { first } = storeOf({ arguments: query, value: cut });
    expect(nextPageCall([first])).toBeUndefined();
    expect(joinPages([first]).endsBecause).toBe('it keeps no cursor for the rest');
  });

  test('a page of a third party is never asked of our database', () => {
    const { first } = storeOf({ arguments: query, value: one });
    expect(nextPageCall([{ ...first, server: 'other', value: one, rows: [] }])).toBeUndefined();
  });
});
