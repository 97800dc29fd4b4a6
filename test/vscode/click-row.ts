import { errors, type Locator } from 'playwright-core';
import { momentMs } from './patience.ts';

/** Runs in a window before anything else: keeps the text of the row that the last click has met. */
export const keepClickedRow = `addEventListener('click', ({ target }) => {
  window.clickedRow = target.closest?.('.monaco-list-row')?.textContent;
}, true)`;

/**
 * Clicks on a row, or on something in it; false where the click did not meet it. VS Code draws its lists anew when what
 * they show changes: a click that falls on a row between two drawings is lost, or is another row's.
 */
export async function clickRow(target: Locator, text: string): Promise<boolean> {
  const page = target.page();
  try {
    await page.evaluate('window.clickedRow = undefined');
    await target.click({ timeout: momentMs });
    const met: unknown = await page.evaluate('window.clickedRow');
    return typeof met === 'string' && met.includes(text);
  } catch (error) {
    if (error instanceof errors.TimeoutError) return false;
    throw error;
  }
}
