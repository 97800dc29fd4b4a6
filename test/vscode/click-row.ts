import { errors, type Locator } from 'playwright-core';
import { momentMs } from './patience.ts';

/** Runs in a window before anything else: keeps what the last click has met. */
export const keepClicked = `addEventListener('click', ({ target }) => (window.clicked = target), true)`;

export interface RowPart {
  readonly css: string;
  readonly text?: string;
}

/**
 * Clicks on a row whose text holds `text`, or on a part of it; false where the click did not meet it. VS Code draws its
 * lists anew when what they show changes: a click whose press and release fall on two drawings is lost, or is another row's.
 */
export async function clickRow(row: Locator, text: string, part?: RowPart): Promise<boolean> {
  const page = row.page();
  try {
    await page.evaluate('window.clicked = undefined');
    const target = part === undefined ? row : row.locator(part.css, { hasText: part.text ?? '' });
    await target.first().click({ timeout: momentMs });
    const met: unknown = await page.evaluate(
      `window.clicked?.closest?.(${JSON.stringify(part?.css ?? '*')})?.closest('.monaco-list-row')?.textContent`,
    );
    return typeof met === 'string' && met.includes(text);
  } catch (error) {
    if (error instanceof errors.TimeoutError) return false;
    throw error;
  }
}
