import type { Locator } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { ChatEvent } from '../../../src/chat/chat-state.ts';
import { failures, untilEnd, untilMessage, untilTicket } from '../../src/chat/recorded-run.ts';
import { settled, type Panel } from './panel.ts';
import { after, button, composer, open, saying, usePanels } from './panel-play.ts';
import { eventually } from '../window/patience.ts';

// The scroll position of the conversation, with motion.

usePanels();

async function read({ page }: Panel, figure: 'place' | 'below'): Promise<number> {
  const [top, height, view] = await page
    .locator('.transcript')
    .evaluate(({ scrollTop, scrollHeight, clientHeight }) => [scrollTop, scrollHeight, clientHeight] as const);
  return figure === 'place' ? top : height - top - view;
}

async function grow(panel: Panel, text = 'more\n\n'.repeat(20)): Promise<void> {
  await panel.post(panel.projection.apply([{ type: 'text-delta', text }]));
}

/** The position once the view no longer moves. */
async function atRest(panel: Panel): Promise<number> {
  let place = -1;
  await eventually(async () => {
    const before = place;
    place = await read(panel, 'place');
    return place - before;
  }).toBe(0);
  return place;
}

function newest({ page }: Panel): Locator {
  return page.getByRole('button', { name: /^Newest/u });
}

/** A long answer, with motion, after its first screens. */
async function longAnswer(): Promise<Panel> {
  const panel = await after(...saying('line\n\n'.repeat(60)));
  await panel.page.emulateMedia({ reducedMotion: 'no-preference' });
  await eventually(() => read(panel, 'below')).toBeLessThan(2);
  return panel;
}

/** Ways to scroll up. */
const gestures: Readonly<Record<string, (panel: Panel) => Promise<unknown>>> = {
  wheel: async ({ page }) => {
    await page.locator('.transcript').hover();
    await page.mouse.wheel(0, -400);
  },
  keys: async ({ page }) => {
    await page.locator('.transcript').focus();
    await page.keyboard.press('PageUp');
  },
  bar: ({ page }) => page.evaluate(`document.querySelector('.transcript').scrollBy(0, -400)`),
};

/** Where it is once it has stopped: a key scrolls with motion. */
async function restingPlace(panel: Panel): Promise<number> {
  let last = Number.NaN;
  await eventually(async () => {
    await panel.page.evaluate(settled);
    const [earlier, now] = [last, await read(panel, 'place')];
    last = now;
    return now - earlier;
  }).toBe(0);
  return last;
}

describe('the end of a long answer', () => {
  test('is followed, however fast it grows and whatever else changes its size', async () => {
    const panel = await longAnswer();
    for (const lines of [1, 40, 400]) {
      await grow(panel, 'more\n\n'.repeat(lines));
      await eventually(() => read(panel, 'below')).toBeLessThan(2);
    }
    await composer(panel).fill('A draft\n'.repeat(8));
    await eventually(() => read(panel, 'below')).toBeLessThan(2);
    await panel.page.setViewportSize({ width: 320, height: 500 });
    await eventually(() => read(panel, 'below')).toBeLessThan(2);
  });

  test.each(Object.entries(gestures))(
    'is no longer followed after %s; the place is kept, and a button leads back',
    async (_, gesture) => {
      const panel = await longAnswer();
      const end = await read(panel, 'place');
      await gesture(panel);
      await eventually(() => read(panel, 'place')).toBeLessThan(end - 100);
      await eventually(() => newest(panel).innerText()).toBe('Newest');
      const place = await restingPlace(panel);
      await grow(panel);
      await grow(panel);
      expect(await read(panel, 'place')).toBe(place);
      expect(await newest(panel).innerText()).toBe('Newest (40 new)');
      await newest(panel).click();
      await eventually(() => read(panel, 'below')).toBeLessThan(2);
      await grow(panel);
      await eventually(() => read(panel, 'below')).toBeLessThan(2);
      expect(await newest(panel).count()).toBe(0);
    },
  );

  test('is followed again after scrolling down to it', async () => {
    const panel = await longAnswer();
    await panel.page.locator('.transcript').hover();
    await panel.page.mouse.wheel(0, -400);
    await newest(panel).waitFor();
    await panel.page.mouse.wheel(0, 2000);
    await eventually(() => newest(panel).count()).toBe(0);
    await grow(panel);
    await eventually(() => read(panel, 'below')).toBeLessThan(2);
  });

  test('is still followed after scrolling inside a table', async () => {
    const rows = Array.from({ length: 60 }, (_, index) => [`CODE_${index}`, index, null]);
    const panel = await after(
      ...saying('line\n\n'.repeat(60)),
      {
        type: 'tool-call-proposed',
        callId: 'c',
        tool: 't',
        server: 'postgres',
        title: 'Query',
        risk: 'read',
        arguments: {},
      },
      { type: 'evidence-added', callId: 'c', evidence: { ...failures, rows, rowCount: rows.length } },
    );
    await panel.page.locator('.call-toggle').click();
    const inside = panel.page.locator('.evidence .scroll');
    await inside.evaluate((element) => element.scrollTo(0, 300));
    // Opening it has put its top in view.
    await newest(panel).click();
    await eventually(() => read(panel, 'below')).toBeLessThan(2);
    await inside.hover();
    await panel.page.mouse.wheel(0, -100);
    await eventually(() => inside.evaluate(({ scrollTop }) => scrollTop)).toBe(200);
    await grow(panel);
    await eventually(() => read(panel, 'below')).toBeLessThan(2);
  });

  test.each<[string, ChatEvent]>([
    ['a prompt that is sent', { type: 'prompt-sent', text: 'Next', context: [] }],
    ['a run that starts', { type: 'run-started', session: 's', run: 'r2', time: '', model: 'm', prompt: 'Next' }],
  ])('is reached by %s', async (_, event) => {
    const panel = await longAnswer();
    await panel.page.locator('.transcript').hover();
    await panel.page.mouse.wheel(0, -2000);
    await newest(panel).waitFor();
    await panel.post(panel.projection.apply([event]));
    await eventually(() => read(panel, 'below')).toBeLessThan(2);
  });

  test('is where an opened session starts', async () => {
    const panel = await open();
    await panel.post(panel.projection.reset([...untilTicket, ...untilMessage, ...untilEnd]));
    await eventually(() => read(panel, 'below')).toBeLessThan(2);
    expect(await read(panel, 'place')).toBeGreaterThan(0);
  });
});

describe("a reader's place further up", () => {
  test('is kept when an approval is requested, and the button says so', async () => {
    const panel = await longAnswer();
    await panel.page.locator('.transcript').hover();
    await panel.page.mouse.wheel(0, -2000);
    await newest(panel).waitFor();
    const place = await atRest(panel);
    const asked = untilTicket.filter(({ type }) => type === 'approval-requested');
    await panel.post(panel.projection.apply(asked), { type: 'focus', target: 'approval' });
    await button(panel, 'Approval needed').waitFor();
    expect(await read(panel, 'place')).toBe(place);
    await button(panel, 'Approval needed').click();
    await panel.page.locator('.approval.card:focus').waitFor();
  });
});

describe('opened details', () => {
  test('come into view and stay there while the answer continues', async () => {
    const panel = await open();
    await panel.page.emulateMedia({ reducedMotion: 'no-preference' });
    await panel.post(panel.projection.apply([...untilTicket, ...untilMessage]));
    for (const line of await panel.page.locator('.call-toggle').all()) {
      await line.click();
      const call = panel.page.locator('tool-call', { has: panel.page.locator('[aria-expanded=true]') }).last();
      const seen = await call.evaluate((element) => {
        const box = element.getBoundingClientRect();
        const view = element.closest('.transcript')?.getBoundingClientRect();
        const room = view?.height ?? 0;
        return {
          top: box.top >= (view?.top ?? 0),
          bottom: box.bottom <= (view?.bottom ?? 0) || box.height > room - 60,
        };
      });
      expect(seen).toEqual({ top: true, bottom: true });
    }
  });

  test('leaves the prompt pinned at the top of its run, and a click leads to it', async () => {
    const panel = await longAnswer();
    const pin = panel.page.locator('.pin');
    await panel.picture('pinned-dark-400');
    expect(await pin.innerText()).toBe('Hello');
    const [top, view] = await Promise.all([pin.boundingBox(), panel.page.locator('.transcript').boundingBox()]);
    expect(top?.y).toBe(view?.y);
    await pin.locator('button').click();
    await eventually(() => pin.count()).toBe(0);
    expect(
      await panel.page.locator('.prompt').evaluate((element) => element.getBoundingClientRect().top),
    ).toBeGreaterThan(0);
    await grow(panel);
    expect(await read(panel, 'place')).toBeLessThan(20);
  });
});
