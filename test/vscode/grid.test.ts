import type { FrameLocator } from 'playwright-core';
import { describe, expect } from 'vitest';
import { eventually } from './window/patience.ts';
import { scene } from './window/scene.ts';
import type { Workbench } from './window/workbench.ts';

const query = 'SELECT id, status, error_code, total, created_at FROM orders ORDER BY id';

/** The grid's own document, which was opened last. */
function gridOf({ chat }: Workbench): FrameLocator {
  return chat;
}

describe('a result in the grid', () => {
  scene(
    'takes the rows of the next page, which is a run of its own',
    { connected: true },
    async ({ window, stack }) => {
      stack.claude?.play(({ exchanges }) =>
        exchanges.length > 0
          ? { text: 'Here they are.' }
          : { text: 'I look.', calls: [{ name: 'postgres__query_database', input: { query, limit: 60 } }] },
      );
      await window.ask('Show the orders');
      await window.runEnds();
      await window.chat.locator('.call-toggle').first().click();
      await window.button('Open E1 in grid').click();
      await window.page.locator('.tab.active', { hasText: 'E1 - Switchboard' }).waitFor();
      const webviews = window.page.locator('iframe.webview');
      await eventually(() => webviews.count()).toBe(2);
      const grid = gridOf(window);
      await grid.getByRole('grid', { name: 'Rows of E1' }).waitFor();
      await grid.getByRole('button', { name: 'Load next page' }).click();
      await eventually(() => grid.getByRole('status').innerText()).toBe('the first 120 rows; the source has more');
      await grid.getByRole('button', { name: 'id', exact: true }).click();
      await grid.getByRole('button', { name: 'id', exact: true }).click();
      await eventually(() => grid.locator('#cell-0-0').innerText()).toBe('120');
      await window.screenshot('grid');
      // The page was read by the server's own checks, and is on record like any other call.
      expect(stack.claude?.requests()).toHaveLength(2);
    },
  );
});
