import { errors, type Locator } from 'playwright-core';
import { eventually, momentMs } from './patience.ts';

/** Runs in a window before anything else: keeps what the last click has met, as it was before the click took it away. */
export const keepClicked = `addEventListener('click', ({ target }) => {
  window.clicked = { target, row: target.closest?.('.monaco-list-row')?.textContent };
}, true)`;

export interface Click {
  /** Inside the row, and the row's text holds `text`. */
  readonly row: Locator;
  readonly text: string;
  /** Part of the row to click on: a CSS selector, and what it says where there are several. */
  readonly part?: { readonly css: string; readonly text?: string };
  /** What brings the row about while it is not to be seen. */
  readonly otherwise?: () => Promise<unknown>;
}

/**
 * Clicks on a row until the click has met it. VS Code draws its lists anew when what they show changes: a click whose press
 * and release fall on two drawings is lost, or is another row's. A click that was given up may still be made: what counts
 * is what the window has seen.
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
    await unlessLate(async () => {
      if (await target.isVisible()) await target.click({ timeout: momentMs });
      else await otherwise?.();
    });
    return hasMet();
  }).toBe(true);
}

async function unlessLate(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof errors.TimeoutError)) throw error;
  }
}
