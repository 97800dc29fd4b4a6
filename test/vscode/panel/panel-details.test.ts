import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, test } from 'vitest';
import type { EvidenceDetail } from '../../../src/chat/evidence-details.ts';
import { failures, untilTicket } from '../../src/chat/recorded-run.ts';
import { button, open, usePanels } from './panel-play.ts';
import type { Panel, Theme } from './panel.ts';

usePanels();

const plan: EvidenceDetail = {
  kind: 'plan',
  plan: {
    execution_ms: 48.2,
    total_cost: 2400,
    hints: ['orders is read in full and 19995 rows are discarded: an index on (error_code) could help'],
    indexes: [
      {
        statement: 'CREATE INDEX CONCURRENTLY ON public.orders (error_code);',
        why: 'public.orders is read in full (20000 rows) for 5 of its rows, and no index begins with error_code.',
      },
    ],
    steps: [
      {
        depth: 0,
        what: 'Hash Join',
        condition: '(o.customer_id = c.id)',
        estimated_rows: 12,
        cost: 2400,
        rows: 1840,
        loops: 1,
        own_ms: 3.1,
        hit_blocks: 900,
        read_blocks: 300,
      },
      {
        depth: 1,
        what: 'Seq Scan on orders',
        condition: "(error_code = 'GATEWAY_TIMEOUT'::text)",
        estimated_rows: 12,
        cost: 2000,
        rows: 1840,
        loops: 1,
        own_ms: 41,
        discarded_rows: 19_995,
      },
      { depth: 1, what: 'Hash', estimated_rows: 600, cost: 300, rows: 600, loops: 1, own_ms: 1 },
      { depth: 2, what: 'Seq Scan on customers', estimated_rows: 600, cost: 300, rows: 600, loops: 1, own_ms: 3 },
    ],
  },
};

const table: EvidenceDetail = {
  kind: 'table',
  table: {
    schema: 'public',
    table: 'orders',
    kind: 'table',
    comment: 'One row a purchase',
    estimated_rows: 20_000,
    columns: [
      { name: 'id', type: 'bigint', nullable: false, default: 'generated as identity' },
      { name: 'customer_id', type: 'integer', nullable: false },
      { name: 'status', type: 'order_status', nullable: false, default: "'new'", values: ['new', 'paid', 'failed'] },
      { name: 'note', type: 'text', nullable: true, comment: '<img src=x>', masked: true },
    ],
    primary_key: ['id'],
    foreign_keys: ['FOREIGN KEY (customer_id) REFERENCES customers(id)'],
    referenced_by: ['order_items: FOREIGN KEY (order_id) REFERENCES orders(id)'],
    unique: [],
    checks: ['CHECK (total >= 0::numeric)'],
    indexes: ['orders_created: btree (created_at)'],
  },
};

const health: EvidenceDetail = {
  kind: 'health',
  health: {
    status: 'attention',
    problems: [
      {
        severity: 'low',
        finding: '3 deadlocks since the statistics were reset',
        action: 'Lock rows in the same order.',
      },
      {
        severity: 'high',
        finding: '99 of 100 connections are in use',
        action: 'Find the clients that hold connections.',
      },
      { severity: 'medium', finding: 'public.t has 2000 dead rows', action: 'VACUUM (ANALYZE) the table.' },
    ],
  },
};

const tools = { plan: 'explain_query', table: 'get_table_schema', health: 'get_database_health' } as const;

/** The opened call whose result this is. */
async function show(detail: EvidenceDetail, theme: Theme = 'dark', width = 400): Promise<Panel> {
  const panel = await open(theme, width);
  const evidence = { ...failures, id: 'E1', tool: tools[detail.kind], columns: [], rows: [], rowCount: 0 };
  await panel.post(
    panel.projection.apply([
      ...untilTicket.filter(({ type }) => type !== 'evidence-added'),
      { type: 'evidence-added', callId: 'call-1', evidence },
    ]),
  );
  await panel.page.locator('.call-toggle').first().click();
  await panel.page.locator('evidence-detail').waitFor({ state: 'attached' });
  expect((await panel.sent()).at(-1)).toEqual({ type: 'read-detail', id: 'E1' });
  await panel.post({ type: 'evidence-detail', id: 'E1', detail });
  return panel;
}

describe('results that are no tables', () => {
  test('a plan is a tree with times, estimates and an index to copy', async () => {
    const panel = await show(plan);
    const steps = panel.page.locator('.query-plan li');
    expect(await steps.count()).toBe(4);
    const scan = await steps.nth(1).innerText();
    expect(scan).toContain('41 ms, 85 %');
    expect(scan).toContain('Reads the whole table. 1,840 rows (estimated 12), 19,995 discarded');
    expect(scan).toContain('153 times more rows than estimated');
    await button(panel, 'Copy CREATE INDEX').click();
    expect(await panel.sent()).toEqual([
      { type: 'copy-text', text: 'CREATE INDEX CONCURRENTLY ON public.orders (error_code);' },
    ]);
  });

  test('a schema has its keys as links to the other tables, and nothing in it is markup', async () => {
    const panel = await show(table);
    const rows = panel.page.locator('.schema tbody tr');
    expect(await rows.nth(0).innerText()).toContain('primary');
    expect(await rows.nth(3).innerText()).toContain('masked; <img src=x>');
    expect(await panel.page.locator('.schema img').count()).toBe(0);
    await button(panel, 'customers(id)').click();
    await button(panel, 'order_items').click();
    expect(await panel.sent()).toEqual([
      { type: 'describe-table', id: 'E1', table: 'customers' },
      { type: 'describe-table', id: 'E1', table: 'order_items' },
    ]);
  });

  test('findings of health come by severity, with what to do', async () => {
    const panel = await show(health);
    expect(await panel.page.locator('.findings b').allInnerTexts()).toEqual(['High', 'Medium', 'Low']);
    expect(await panel.page.locator('.findings li').first().innerText()).toContain('Find the clients');
  });

  test.each<[Theme, number]>([
    ['light', 300],
    ['dark', 400],
    ['high-contrast', 700],
  ])('are accessible in %s, %d px wide', async (theme, width) => {
    for (const detail of [plan, table, health]) {
      const panel = await show(detail, theme, width);
      await panel.page.locator('evidence-detail').scrollIntoViewIfNeeded();
      await panel.picture(`${detail.kind}-${theme}-${width}`);
      const { violations } = await new AxeBuilder({ page: panel.page })
        .setLegacyMode()
        .options({ resultTypes: ['violations'] })
        .analyze();
      expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
      const wide = await panel.page.evaluate(
        `document.querySelector('.transcript').scrollWidth - document.querySelector('.transcript').clientWidth`,
      );
      expect(wide).toBe(0);
    }
  });
});
