import { describe, expect, test } from 'vitest';
import { untilEnd, untilMessage, untilTicket } from '../src/chat/recorded-run.ts';
import { after, button, open, saying, usePanels } from './panel-play.ts';
import { eventually } from './patience.ts';

usePanels();

describe('the projection', () => {
  test('text that streams in leaves what stands before it untouched', async () => {
    const panel = await after(...saying('First paragraph.\n\n```sql\nSELECT 1;\n```\n\n| a |\n| - |\n| 1 |\n\nLast'));
    const { page, projection } = panel;
    await page.evaluate(`for (const node of document.querySelectorAll('.markdown *')) node.kept = true`);
    for (const text of [' words', ' and **bold', '** and\n\n- a', '\n- b\n\n1. c']) {
      await panel.post(projection.apply([{ type: 'text-delta', text }]));
    }
    const kept = `['.markdown > p', '.markdown pre', '.markdown table td'].map((part) => document.querySelector(part).kept)`;
    expect(await page.evaluate(kept)).toEqual([true, true, true]);
    expect(await page.locator('.markdown').innerText()).toMatch(/Last words and bold and\s+a\s+b\s+c/u);
  });

  test('shows nothing before the host has told what there is', async () => {
    const panel = await after(...saying('Hello'));
    await panel.page.reload();
    await panel.page.waitForSelector('.composer');
    await panel.post();
    expect(await panel.page.locator('.empty, run-view').count()).toBe(0);
    await panel.post(panel.projection.snapshot());
    expect(await panel.page.locator('run-view').count()).toBe(1);
  });

  test('a message in no known shape changes nothing', async () => {
    const panel = await after(...saying('Hello'));
    const odd = [null, 'state', [], {}, { type: 'constructor' }, { type: 'state' }, { type: 'state', state: null }];
    const more = [
      { type: 'events', events: 5, sequence: 9 },
      { type: 'events', events: [null], sequence: 3 },
    ];
    const others = ['context', 'connections', 'insert-prompt', 'notice', 'focus'].map((type) => ({ type }));
    await panel.page.evaluate(
      `for (const message of ${JSON.stringify([...odd, ...more, ...others])}) window.postMessage(message, '*')`,
    );
    await panel.post(panel.projection.apply([{ type: 'text-delta', text: ' again' }]));
    expect(await panel.page.locator('.markdown').innerText()).toBe('Hello again');
    expect(await panel.page.locator('.bar').count()).toBe(0);
    expect(await panel.sent()).toEqual([]);
  });

  test('a session that is opened stands at its end', async () => {
    const panel = await open();
    await panel.post(panel.projection.reset([...untilTicket, ...untilMessage, ...untilEnd]));
    const below = `(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)(document.querySelector('.transcript'))`;
    expect(await panel.page.evaluate(`document.querySelector('.transcript').scrollTop > 0`)).toBe(true);
    await eventually(() => panel.page.evaluate(below)).toBeLessThan(2);
  });

  test('a missed message is noticed, and the whole state asked for again', async () => {
    const panel = await after(...saying('One'));
    panel.projection.apply([{ type: 'text-delta', text: ' two' }]);
    await panel.post(panel.projection.apply([{ type: 'text-delta', text: ' three' }]));
    expect(await panel.sent()).toEqual([{ type: 'ready' }]);
    await panel.post(panel.projection.snapshot());
    expect(await panel.page.locator('.markdown').innerText()).toBe('One two three');
  });

  test('follows the newest text until the person scrolls up, and not then', async () => {
    const panel = await after(...saying('line\n\n'.repeat(60)));
    const { page, projection } = panel;
    const place = async (): Promise<unknown> => page.evaluate(`document.querySelector('.transcript').scrollTop`);
    const low = Number(await place());
    await panel.post(projection.apply([{ type: 'text-delta', text: 'more\n\n'.repeat(20) }]));
    expect(Number(await place())).toBeGreaterThan(low);
    await page.evaluate(`document.querySelector('.transcript').scrollTo(0, 10)`);
    await panel.post(projection.apply([{ type: 'text-delta', text: 'more\n\n'.repeat(20) }]));
    expect(await place()).toBe(10);
    await button(panel, 'Latest').click();
    await eventually(place).toBeGreaterThan(low);
  });

  test('a notice is shown until it is dismissed', async () => {
    const panel = await open();
    await panel.post({ type: 'notice', level: 'error', message: 'The session could not be saved: disk full.' });
    expect(await panel.page.locator('.bar').innerText()).toContain('disk full');
    await button(panel, 'Dismiss').click();
    await eventually(() => panel.page.locator('.bar').count()).toBe(0);
  });
});
