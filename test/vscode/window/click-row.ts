import { errors, type Locator, type Page } from 'playwright-core';
import { eventually, momentMs } from './patience.ts';

/** Runs first in a window: records what the last click hit, before the click removed it. */
export const keepClicked = `addEventListener('click', ({ target }) => {
  window.clicked = { target, row: target.closest?.('.monaco-list-row')?.textContent };
}, true)`;

export interface Click {
  /** The click is inside the row, whose text contains `text`. */
  readonly row: Locator;
  readonly text: string;
  /** The part of the row to click: a CSS selector, and its text if there are several. */
  readonly part?: { readonly css: string; readonly text?: string };
  /** Makes the row appear if it is not visible. */
  readonly otherwise?: () => Promise<unknown>;
}

/**
 * Clicks on a row until the click has hit it. VS Code redraws its lists when they change, so a click during a redraw is
 * lost or hits another row. A click that timed out may still happen, so what the window recorded counts.
 */
export async function clickRow({ row, text, part, otherwise }: Click): Promise<void> {
  const page = row.page();
  const target = part === undefined ? row : row.locator(part.css, { hasText: part.text ?? '' }).first();
  const seen = `window.clicked?.target.closest?.(${JSON.stringify(part?.css ?? '*')}) && window.clicked.row`;
  const hasMet = async (): Promise<boolean> => {
    const met: unknown = await page.evaluate(seen);
    return typeof met === 'string' && met.includes(text);
  };
  await page.evaluate('window.clicked = undefined');
  await eventually(async () => {
    if (await hasMet()) return true;
    await unlessLate(page, async () => {
      if (await target.isVisible()) await target.click({ timeout: momentMs });
      else await otherwise?.();
    });
    return hasMet();
  }).toBe(true);
}

async function unlessLate(page: Page, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof errors.TimeoutError)) throw error;
    await awayFromHovers(page);
  }
}

/** What the mouse rests on shows its hover, which covers what is beside it for as long as the mouse stays. */
export async function awayFromHovers(page: Page): Promise<void> {
  await page.mouse.move(0, 0);
}
