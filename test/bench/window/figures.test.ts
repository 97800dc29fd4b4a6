import { describe } from 'vitest';
import { scene, type Scene } from '../../vscode/window/scene.ts';
import { measureGrid } from './grid.ts';
import { measureKeys } from './keys.ts';
import { measureMessages } from './messages.ts';
import { measureStarts } from './starts.ts';

// What a person feels in the real VS Code. Prints figures and expects none: a busy machine must not fail a test.

const query = 'SELECT id, status, error_code, total, created_at FROM orders ORDER BY id';

async function openGrid({ window, stack }: Scene): Promise<void> {
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
  await window.page.locator('iframe.webview').nth(1).waitFor();
  await window.chat.getByRole('grid', { name: 'Rows of E1' }).waitFor();
}

describe('the window', () => {
  scene('shows the first event after Enter', { connected: true }, measureStarts);

  scene('paints keys while 50 kB of an answer stream', { connected: true, paceMs: 4 }, measureKeys);

  scene('holds a hundred messages', { connected: true }, measureMessages);

  scene('scrolls and sorts a grid of 100,000 rows', { connected: true }, async (given) => {
    await openGrid(given);
    await given.window.page.emulateMedia({ reducedMotion: 'no-preference' });
    await measureGrid(given.window.chat);
  });
});
