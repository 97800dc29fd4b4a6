import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, test } from 'vitest';
import type { Theme } from './panel.ts';
import { openGrid, resultOf, useGrids, type Grid } from './grid-play.ts';
import { eventually } from '../window/patience.ts';

useGrids();

const columns = [
  ['id', 'int8'],
  ['customer', 'text'],
  ['error_code', 'text'],
  ['total', 'numeric'],
  ['created_at', 'timestamptz'],
  ['payload', 'jsonb'],
  ['signature', 'bytea'],
] as const;

const codes = ['GATEWAY_TIMEOUT', 'CARD_DECLINED', null];

function order(index: number): readonly unknown[] {
  const id = (index * 7919) % 100_003;
  return [
    id,
    `customer-${id % 977}@example.com`,
    codes[index % 3],
    (id / 7).toFixed(2),
    new Date(Date.UTC(2026, 10, 1) + id * 60_000).toISOString(),
    { attempt: index % 5, note: 'Zahlung "später"' },
    String.raw`\x4f6b0a00ff`,
  ];
}

const rows = Array.from({ length: 500 }, (_, index) => order(index));

async function open(width = 900): Promise<Grid> {
  return openGrid(resultOf(columns, rows), rows, { width });
}

function status({ page }: Grid): Promise<string> {
  return page.getByRole('status').innerText();
}

async function focused({ grid }: Grid): Promise<string | null> {
  return grid.getAttribute('aria-activedescendant');
}

describe('the grid', () => {
  test('draws only what can be seen of 100,000 rows, and reaches the last one', async () => {
    const many = Array.from({ length: 100_000 }, (_, index) => order(index).slice(0, 5));
    const grid = await openGrid(resultOf(columns.slice(0, 5), many), many);
    expect(await grid.grid.getAttribute('aria-rowcount')).toBe('100002');
    await grid.grid.focus();
    await grid.page.keyboard.press('Control+End');
    await grid.grid.locator('[aria-rowindex="100002"]').waitFor();
    expect((await grid.row(99_999))[0]).toBe(String(order(99_999)[0]));
    expect(await grid.page.locator('.grid .row').count()).toBeLessThan(60);
    // Sorted over all of them.
    await grid.page.getByRole('button', { name: 'id', exact: true }).click();
    await grid.page.getByRole('button', { name: 'id', exact: true }).click();
    await grid.page.keyboard.press('Control+Home');
    const ids = many.map(([id]) => Number(id));
    await eventually(async () => (await grid.row(0))[0]).toBe(String(ids.reduce((a, b) => Math.max(a, b))));
  });

  test('sorts by several columns, numbers as numbers and without a value last', async () => {
    const grid = await open();
    await grid.page.getByRole('button', { name: 'error_code', exact: true }).click();
    await grid.page.getByRole('button', { name: 'total', exact: true }).click({ modifiers: ['Shift'] });
    const expected = rows.filter((row) => row[2] === 'CARD_DECLINED').map((row) => Number(row[3]));
    await eventually(async () => Number((await grid.row(0))[3])).toBe(expected.reduce((a, b) => Math.min(a, b)));
    expect(await grid.page.locator('[aria-sort=ascending]').count()).toBe(2);
    await grid.grid.focus();
    await grid.page.keyboard.press('Control+End');
    await eventually(() => grid.cell(499, 2).innerText()).toBe('null');
  });

  test('filters by several columns, and says over what', async () => {
    const grid = await open();
    await grid.page.getByLabel('Filter error_code').fill('=card_declined');
    await grid.page.getByLabel('Filter id').fill('>50000');
    const matching = rows.filter((row) => row[2] === 'CARD_DECLINED' && Number(row[0]) > 50_000);
    await eventually(() => status(grid)).toBe(`${matching.length} of 500 rows match`);
    await grid.page.getByLabel('Filter error_code').fill('null');
    await grid.page.getByLabel('Filter id').fill('');
    await eventually(async () => (await grid.row(0))[2]).toBe('null');
    await grid.page.getByLabel('Filter error_code').fill('');
    await grid.page.getByLabel('Find in all columns').fill(String(rows[7]?.[1]));
    await eventually(async () => (await grid.row(0))[1]).toBe(rows[7]?.[1]);
  });

  test('says what it does not hold, and what is masked', async () => {
    const grid = await openGrid({ ...resultOf(columns, rows), truncated: true, masked: ['orders.customer'] }, rows);
    expect(await status(grid)).toBe(
      'The first 500 rows; the source has more; it keeps no cursor for the rest; masked: orders.customer',
    );
    await grid.page.getByRole('button', { name: 'id', exact: true }).click();
    await eventually(() => status(grid)).toBe(
      'The first 500 rows; only these are sorted: the source has more; it keeps no cursor for the rest; masked: orders.customer',
    );
    expect(await grid.page.getByRole('button', { name: 'Load next page' }).count()).toBe(0);
  });

  test('loads the next page, which takes part in the order', async () => {
    const grid = await openGrid({ ...resultOf(columns, rows), truncated: true, endsBecause: undefined }, rows);
    await grid.page.getByRole('button', { name: 'id', exact: true }).click();
    await grid.page.getByRole('button', { name: 'Load next page' }).click();
    expect(await grid.sent()).toEqual([{ type: 'grid-next-page', id: 'E1' }]);
    await grid.page.getByRole('button', { name: 'Loading…' }).waitFor();
    await grid.post(
      { type: 'grid-result', session: 's', result: { ...resultOf(columns, rows), rowCount: 501 } },
      { type: 'grid-rows', id: 'E1', from: 500, rows: [[-1, ...order(1).slice(1)]] },
    );
    await eventually(async () => (await grid.row(0))[0]).toBe('-1');
    expect(await status(grid)).toBe('501 rows');
  });

  test('a failed page says why, and can be asked for again', async () => {
    const grid = await openGrid({ ...resultOf(columns, rows), truncated: true, endsBecause: undefined }, rows);
    await grid.page.getByRole('button', { name: 'Load next page' }).click();
    await grid.post({ type: 'grid-notice', level: 'error', message: 'A run is in progress.' });
    expect(await grid.page.getByRole('alert').innerText()).toContain('A run is in progress.');
    await grid.page.getByRole('button', { name: 'Load next page' }).waitFor();
  });

  test('copies and saves what is shown, or the selected cells, in the chosen format', async () => {
    const grid = await open();
    await grid.page.getByLabel('Filter error_code').fill('timeout');
    await eventually(() => status(grid)).toBe('167 of 500 rows match');
    const shown = rows.flatMap((row, index) => (row[2] === 'GATEWAY_TIMEOUT' ? [index] : []));
    await grid.page.getByLabel('Format to copy and save').selectOption('insert');
    await grid.page.getByRole('button', { name: 'Save 167 rows as INSERT statements' }).click();
    const all = [0, 1, 2, 3, 4, 5, 6];
    expect(await grid.sent()).toEqual([{ type: 'grid-save', id: 'E1', format: 'insert', rows: shown, columns: all }]);
    await grid.grid.locator('#cell-1-1').click();
    await grid.grid.locator('#cell-3-2').click({ modifiers: ['Shift'] });
    await grid.page.getByRole('button', { name: 'Copy 3 rows as INSERT statements' }).click();
    await grid.grid.focus();
    await grid.page.keyboard.press('Control+c');
    const part = { type: 'grid-copy', id: 'E1', format: 'insert', rows: shown.slice(1, 4), columns: [1, 2] };
    expect(await grid.sent()).toEqual([part, part]);
  });

  test('a cell opens in full: JSON, bytes, time in zones, null', async () => {
    const grid = await open(1500);
    const cell = grid.page.getByRole('region', { name: 'Cell' });
    await grid.grid.locator('#cell-0-5').dblclick();
    expect(await cell.locator('pre').innerText()).toBe('{\n  "attempt": 0,\n  "note": "Zahlung \\"später\\""\n}');
    await grid.picture('cell-json-dark-900');
    await grid.page.keyboard.press('ArrowRight');
    await eventually(() => cell.innerText()).toContain('000000  4f 6b 0a 00 ff');
    expect(await cell.innerText()).toContain('5 bytes');
    await grid.grid.locator('#cell-0-4').click();
    await eventually(() => cell.locator('dt').first().innerText()).toBe('As stored');
    expect(await cell.innerText()).toContain('2026-11-01, 00:00:00 UTC'.replace(',', ''));
    await grid.picture('cell-time-dark-900');
    await grid.grid.locator('#cell-2-2').click();
    await eventually(() => cell.innerText()).toContain('No value (null)');
    await grid.page.keyboard.press('Escape');
    await eventually(() => cell.count()).toBe(0);
    expect(await grid.page.evaluate('document.activeElement.role')).toBe('grid');
  });

  test('a copied cell is its plain value', async () => {
    const grid = await open();
    await grid.grid.locator('#cell-0-1').click();
    await grid.page.keyboard.press('Control+c');
    expect(await grid.sent()).toEqual([{ type: 'copy-text', text: rows[0]?.[1] }]);
  });

  test('columns are resized and pinned, by mouse and by keyboard, and the tab remembers it', async () => {
    const grid = await openGrid(resultOf(columns, rows), rows, { width: 500 });
    const heading = grid.grid.getByRole('columnheader', { name: /^error_code/u });
    const width = async (): Promise<number> => (await heading.boundingBox())?.width ?? 0;
    const before = await width();
    const box = await heading.locator('.resize').boundingBox();
    if (box === null) throw new Error('there is no handle');
    await grid.page.mouse.move(box.x + 3, box.y + 10);
    await grid.page.mouse.down();
    await grid.page.mouse.move(box.x + 43, box.y + 10, { steps: 3 });
    await grid.page.mouse.up();
    expect(Math.round((await width()) - before)).toBe(40);
    await grid.grid.focus();
    await grid.page.keyboard.press('ArrowUp');
    for (const key of ['ArrowRight', 'ArrowRight', 'Alt+ArrowLeft', 'p']) await grid.page.keyboard.press(key);
    expect(Math.round((await width()) - before)).toBe(24);
    await eventually(() => heading.getAttribute('aria-colindex')).toBe('2');
    await grid.page.keyboard.press('End');
    // Still there when the last column is in view.
    await eventually(async () => (await grid.row(0))[0]).toBe('GATEWAY_TIMEOUT');
    await grid.picture('pinned-dark-500');
    await grid.page.reload();
    await grid.post(
      { type: 'grid-result', session: 's', result: resultOf(columns, rows) },
      { type: 'grid-rows', id: 'E1', from: 0, rows },
    );
    await eventually(() => heading.getAttribute('aria-colindex')).toBe('2');
    expect(Math.round((await width()) - before)).toBe(24);
  });

  test('is used by keyboard alone, and says where one is', async () => {
    const grid = await open();
    await grid.grid.focus();
    for (const key of ['ArrowDown', 'ArrowRight', 'Shift+ArrowDown']) await grid.page.keyboard.press(key);
    expect(await focused(grid)).toBe('cell-2-1');
    expect(await grid.page.locator('[aria-selected=true]').count()).toBe(2);
    await grid.page.keyboard.press('Control+ArrowUp');
    expect(await focused(grid)).toBe('cell--1-1');
    await grid.page.keyboard.press('Enter');
    await eventually(() => grid.page.locator('[aria-sort=ascending]').count()).toBe(1);
    await grid.page.keyboard.press('f');
    await grid.page.keyboard.type('customer-1@');
    await grid.page.keyboard.press('Enter');
    await eventually(async () => (await grid.row(0))[1]).toBe('customer-1@example.com');
    await grid.page.keyboard.press('PageDown');
    await grid.page.keyboard.press('Enter');
    await grid.page.getByRole('region', { name: 'Cell' }).waitFor();
  });

  test('shows what a stranger has written as text', async () => {
    const hostile = [['<img src=x onerror=alert(1)>', 'a\u202Eb', { key: '</script>' }]];
    const grid = await openGrid(
      resultOf(
        [
          ['<b>a</b>', 'text'],
          ['b', 'text'],
          ['c', 'jsonb'],
        ],
        hostile,
      ),
      hostile,
    );
    expect(await grid.row(0)).toEqual(['<img src=x onerror=alert(1)>', 'a[U+202E]b', '{"key":"</script>"}']);
    expect(await grid.page.locator('img, b > *').count()).toBe(0);
  });

  test.each<[Theme, number]>([
    ['light', 300],
    ['dark', 400],
    ['high-contrast', 700],
    ['high-contrast-light', 1000],
  ])('is accessible in %s, %d px wide', async (theme, width) => {
    const result = { ...resultOf(columns, rows), truncated: true, endsBecause: undefined, masked: ['orders.customer'] };
    const grid = await openGrid(result, rows, { theme, width });
    await grid.page.getByRole('button', { name: 'id', exact: true }).click();
    await grid.grid.locator('#cell-1-0').click();
    await grid.grid.locator('#cell-3-1').click({ modifiers: ['Shift'] });
    await grid.picture(`${theme}-${width}`);
    expect(await violations(grid)).toEqual([]);
    await grid.page.keyboard.press('Enter');
    await grid.page.getByRole('region', { name: 'Cell' }).waitFor();
    await grid.picture(`cell-${theme}-${width}`);
    expect(await violations(grid)).toEqual([]);
    expect(
      await grid.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
    ).toBe(0);
  });
});

async function violations({ page }: Grid): Promise<readonly string[]> {
  const { violations: found } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .analyze();
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
