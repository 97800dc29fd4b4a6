import type { Locator, Page } from 'playwright-core';
import { awayFromHovers, clickRow } from './click-row.ts';
import { eventually, momentMs } from './patience.ts';

/**
 * VS Code's notifications. A message is shown for some seconds, and at most three at a time. If it is no longer on the
 * screen, the list behind the bell is opened.
 */
export class Notices {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  #item(text: string | RegExp): Locator {
    return this.#page.locator('.notification-list-item', { hasText: text }).first();
  }

  /** The full text of the notification that contains `text`, once it appears. */
  async text(text: string | RegExp): Promise<string> {
    let said = '';
    await eventually(async () => {
      if (await this.#shows(text)) said = await this.#item(text).innerText({ timeout: momentMs });
      return said;
    }).not.toBe('');
    return said;
  }

  /** Presses a button of the notification that contains `text`. */
  async press(text: string | RegExp, name: string): Promise<void> {
    const row = this.#page.locator('.monaco-list-row', { hasText: text }).first();
    const part = { css: '.monaco-button', text: name };
    await clickRow({ row, text: name, part, otherwise: () => this.#shows(text) });
  }

  /** Waits until none contains `text`, so that the next one is not confused with it. */
  async gone(text: string | RegExp): Promise<void> {
    await this.#item(text).waitFor({ state: 'hidden' });
  }

  async #shows(text: string | RegExp): Promise<boolean> {
    if (await this.#item(text).isVisible()) return true;
    if (await this.#page.locator('.notifications-center').isVisible()) return false;
    const toast = this.#page.locator('.notifications-toasts .notification-list-item').first();
    if (await toast.isVisible()) return false;
    // Its dot says that there is one that nobody has seen; its label says the same of every bell.
    const bell = this.#page.locator('[id="status.notifications"]');
    if (await bell.locator('.codicon-bell-dot').isVisible()) {
      await bell.click({ timeout: momentMs });
      await awayFromHovers(this.#page);
    }
    return this.#item(text).isVisible();
  }
}
