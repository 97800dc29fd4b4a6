import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, test } from 'vitest';
import type { HostMessage } from '../../../src/chat/messages.ts';
import type { Completion } from '../../../src/chat/mentions.ts';
import { after, composer, open, saying, usePanels } from './panel-play.ts';
import type { Panel } from './panel.ts';

usePanels();

const orders: Completion = {
  id: 'table:orders',
  kind: 'table',
  label: 'orders',
  detail: 'table, about 12,000 rows',
  insert: '@orders',
};
const items: readonly Completion[] = [
  orders,
  {
    id: 'column:orders.error_code',
    kind: 'column',
    label: 'orders.error_code',
    detail: 'text',
    insert: '@orders.error_code',
  },
  {
    id: 'ticket:ENG-12',
    kind: 'ticket',
    label: 'ENG-12',
    detail: 'Orders fail at checkout since the release of 1.8.0 (Open)',
    insert: '@ENG-12',
  },
  { id: 'person:slack:U1', kind: 'person', label: 'Orla Ordish', detail: 'Slack @orla', insert: '@Orla Ordish' },
  {
    id: 'file:src/checkout/order-service.ts',
    kind: 'file',
    label: 'order-service.ts',
    detail: 'src/checkout',
    insert: '@src/checkout/order-service.ts',
  },
  {
    id: 'symbol:src/orders.ts:12',
    kind: 'symbol',
    label: 'orderTotal',
    detail: 'src/orders.ts:12',
    insert: '@orderTotal',
  },
];

function answer(trigger: '@' | '#' | '/', query: string, found: readonly Completion[]): HostMessage {
  return { type: 'completions', trigger, query, items: found, loading: false };
}

function options({ page }: Panel) {
  return page.getByRole('option');
}

describe('names in the composer', () => {
  test('are asked for while one types, chosen by keys, and sent as text with what they stand for', async () => {
    const panel = await open();
    await panel.sent();
    const box = composer(panel);
    await box.pressSequentially('Is @or');
    expect(await panel.sent()).toEqual(['', 'o', 'or'].map((query) => ({ type: 'complete', trigger: '@', query })));
    await panel.post(answer('@', 'o', [orders]));
    expect(await options(panel).count()).toBe(0); // an answer to what is no longer typed
    await panel.post(answer('@', 'or', items));
    const active = () => box.getAttribute('aria-activedescendant');
    const first = await active();
    expect(await panel.page.locator(`#${first}`).getAttribute('aria-selected')).toBe('true');
    await box.press('ArrowUp');
    expect(await panel.page.locator(`#${await active()}`).innerText()).toContain('orderTotal');
    await box.press('ArrowDown');
    expect(await active()).toBe(first);
    await box.press('Enter');
    expect(await box.inputValue()).toBe('Is @orders ');
    expect(await options(panel).count()).toBe(0);
    await box.pressSequentially('slow?');
    await box.press('Enter');
    const sent = { type: 'send', text: 'Is @orders slow?', chips: [], mentions: ['table:orders'] };
    expect(await panel.sent()).toEqual([sent]);
  });

  test('that come later and fit better go first, unless another was chosen by then', async () => {
    const panel = await open();
    const box = composer(panel);
    const active = async () =>
      panel.page.locator(`#${(await box.getAttribute('aria-activedescendant')) ?? ''}`).innerText();
    const [file, symbol] = items.slice(-2);
    const first = [file, symbol].filter((item) => item !== undefined);
    await box.pressSequentially('@or');
    await panel.post(answer('@', 'or', first));
    expect(await active()).toContain('order-service.ts');
    await panel.post(answer('@', 'or', [orders, ...first]));
    expect(await active()).toContain('orders');
    await box.press('ArrowDown');
    await panel.post(answer('@', 'or', items));
    expect(await active()).toContain('order-service.ts');
  });

  test('that were chosen and then deleted are not sent; a name typed in full is', async () => {
    const panel = await open();
    await composer(panel).pressSequentially('@or');
    await panel.post(answer('@', 'or', items));
    await options(panel).filter({ hasText: 'ENG-12' }).click();
    await composer(panel).fill('See #operations');
    await panel.sent();
    await panel.post(
      answer('#', 'operations', [
        { id: 'channel:C1', kind: 'channel', label: '#operations', detail: '7 members', insert: '#operations' },
      ]),
    );
    await composer(panel).press('Enter');
    expect(await panel.sent()).toEqual([
      { type: 'send', text: 'See #operations', chips: [], mentions: ['channel:C1'] },
    ]);
  });

  test('Escape closes the list before it stops the run', async () => {
    const panel = await after(...saying('Working'));
    await composer(panel).pressSequentially('@or');
    await panel.post(answer('@', 'or', items));
    await panel.sent();
    await composer(panel).press('Escape');
    expect(await options(panel).count()).toBe(0);
    expect(await panel.sent()).toEqual([]);
    await composer(panel).press('Escape');
    expect(await panel.sent()).toEqual([{ type: 'stop' }]);
  });

  test('an input method that composes neither opens the list nor chooses from it', async () => {
    const panel = await open();
    await panel.sent();
    const box = composer(panel);
    await box.focus();
    const type = async (text: string, isComposing: boolean) =>
      box.evaluate(
        (input, event) => {
          if (!(input instanceof HTMLTextAreaElement)) return;
          input.value = event.text;
          input.setSelectionRange(event.text.length, event.text.length);
          input.dispatchEvent(new InputEvent('input', { isComposing: event.isComposing }));
        },
        { text, isComposing },
      );
    await type('@ち', true);
    expect(await panel.sent()).toEqual([]);
    await type('@注文', false);
    expect(await panel.sent()).toEqual([{ type: 'complete', trigger: '@', query: '注文' }]);
    await panel.post(answer('@', '注文', items));
    await box.evaluate((input) =>
      input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true })),
    );
    expect(await panel.sent()).toEqual([]);
    expect(await box.inputValue()).toBe('@注文');
  });

  test('Up brings back earlier prompts, Down the draft', async () => {
    const ask = (run: string, prompt: string) =>
      [
        { type: 'run-started', session: 's', run, time: '', model: 'm', prompt },
        { type: 'run-finished', reason: 'completed', message: '', writeNotGranted: false },
      ] as const;
    const panel = await after(...ask('1', 'First?'), ...ask('2', 'Second?'), ...ask('3', 'Second?'));
    const box = composer(panel);
    await box.fill('draft');
    const shown: string[] = [];
    for (const key of ['ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowDown', 'ArrowDown', 'ArrowDown']) {
      await box.press(key);
      shown.push(await box.inputValue());
    }
    expect(shown).toEqual(['Second?', 'First?', 'First?', 'Second?', 'draft', 'draft']);
  });

  test('fit into 300 pixels, also from right to left, without findings of axe', async () => {
    const themes = process.env['PICTURES'] === '1' ? (['dark', 'high-contrast', 'light'] as const) : ['light' as const];
    let panel: Panel | undefined;
    for (const theme of themes) {
      panel = await open(theme, 300);
      await composer(panel).pressSequentially(theme === 'light' ? 'لماذا @or' : 'Is @or');
      await panel.post(answer('@', 'or', items));
      await composer(panel).press('ArrowDown');
      await panel.picture(`completions-${theme}`);
    }
    if (panel === undefined) return;
    const box = await panel.page.getByRole('listbox').boundingBox();
    expect((box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? 999) <= 300).toBe(true);
    const { violations } = await new AxeBuilder({ page: panel.page }).include('.dock').analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  });
});
