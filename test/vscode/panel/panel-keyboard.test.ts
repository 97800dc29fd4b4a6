import type { Locator } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { ChatEvent } from '../../../src/chat/chat-state.ts';
import type { WebviewMessage } from '../../../src/chat/messages.ts';
import { messageRequest, ticketRequest, untilMessage, untilTicket } from '../../src/chat/recorded-run.ts';
import { after, button, card, composer, open, usePanels } from './panel-play.ts';
import type { Panel } from './panel.ts';

usePanels();

// No mouse: everything is reached with Tab from where the keyboard is.

/** Presses Tab until the keyboard is there. */
async function tabTo({ page }: Panel, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const isThere = (): Promise<boolean> =>
    target.evaluate((node) => {
      // Within a component, its own root knows what has the keyboard.
      const root = node.getRootNode();
      const active = root instanceof ShadowRoot ? root.activeElement : document.activeElement;
      return node.contains(active);
    });
  for (let presses = 0; presses < 60; presses += 1) {
    if (await isThere()) return;
    await page.keyboard.press(key);
  }
  throw new Error('the keyboard does not get there');
}

const answers = async (panel: Panel): Promise<readonly WebviewMessage[]> =>
  (await panel.sent()).filter(({ type }) => !['check-edit', 'ready', 'complete'].includes(type));

describe('with the keyboard alone', () => {
  test('a question is asked, its card read, approved, and the next one denied with a reason', async () => {
    const panel = await open();
    await panel.sent();
    await panel.post({ type: 'focus', target: 'composer' });
    await tabTo(panel, composer(panel));
    await panel.page.keyboard.type('Why are orders failing?');
    await panel.page.keyboard.press('Enter');
    expect(await answers(panel)).toMatchObject([{ type: 'send', text: 'Why are orders failing?' }]);
    await panel.post(panel.projection.apply(untilTicket), { type: 'focus', target: 'approval' });
    await tabTo(panel, panel.page.locator('.why summary'));
    await panel.page.keyboard.press('Enter');
    await panel.page.getByText(ticketRequest.reasons[0] ?? '').waitFor();
    await panel.page.keyboard.press('Control+Enter');
    expect(await answers(panel)).toEqual([{ type: 'approve', ...card, scope: 'once' }]);
    await panel.post(panel.projection.apply(untilMessage), { type: 'focus', target: 'approval' });
    await tabTo(panel, button(panel, 'Deny…'));
    await panel.page.keyboard.press('Enter');
    await panel.page.keyboard.type('Too loud');
    await panel.page.keyboard.press('Enter');
    expect(await answers(panel)).toMatchObject([{ type: 'deny', requestId: messageRequest.id, reason: 'Too loud' }]);
  });

  test('a card is edited and its preview updated', async () => {
    const panel = await after(...untilTicket);
    await panel.post({ type: 'focus', target: 'approval' });
    await tabTo(panel, button(panel, 'Edit'));
    await panel.page.keyboard.press('Enter');
    await tabTo(panel, panel.page.getByRole('textbox', { name: 'Summary' }));
    await panel.page.keyboard.press('Control+A');
    await panel.page.keyboard.type('Orders to PR fail');
    await panel.page.keyboard.press('Control+Enter');
    expect(await answers(panel)).toMatchObject([
      { type: 'revise', ...card, arguments: { summary: 'Orders to PR fail' } },
    ]);
  });

  test('some of a plan are approved together', async () => {
    const requests = [ticketRequest, messageRequest].map((request, at) => ({
      ...request,
      warnings: [],
      batch: { id: 'call-3', index: at + 1, count: 2 },
    }));
    const asked = requests.map((request): ChatEvent => ({ type: 'approval-requested', ...request }));
    const panel = await after(...untilTicket.slice(0, -1), ...asked);
    await panel.post({ type: 'focus', target: 'approval' });
    const boxes = panel.page.getByRole('checkbox');
    await tabTo(panel, boxes.last(), 'Shift+Tab');
    await panel.page.keyboard.press('Space');
    await button(panel, 'Approve 1 of 2 (not all shown)').waitFor();
    await panel.page.keyboard.press('Space');
    await tabTo(panel, panel.page.getByRole('button', { name: /^Approve all 2/u }));
    await panel.page.keyboard.press('Enter');
    expect(await answers(panel)).toEqual(
      requests.map(({ id, sha256 }) => ({ type: 'approve', requestId: id, sha256, scope: 'once' })),
    );
  });

  test('a write is taken back', async () => {
    const done: ChatEvent = {
      type: 'tool-call-finished',
      callId: 'call-3',
      outcome: 'ok',
      durationMs: 10,
      summary: 'ENG-57',
      undo: 'deletes the ticket, or closes it',
    };
    const panel = await after(...untilTicket, done);
    await panel.post({ type: 'focus', target: 'composer' });
    await tabTo(panel, panel.page.locator('.call-toggle').last(), 'Shift+Tab');
    await panel.page.keyboard.press('Enter');
    await tabTo(panel, button(panel, 'Undo…'));
    await panel.page.keyboard.press('Enter');
    expect(await answers(panel)).toEqual([{ type: 'undo', callId: 'call-3' }]);
  });
});
