import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { errors, type Browser, type BrowserContext, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';

const screenshots = fileURLToPath(new URL('screenshots/', import.meta.url));

/** One window of VS Code in the browser, driven the way a person would: keys, clicks, and what is on the screen. */
export class Workbench {
  readonly page: Page;
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
  }

  static async open(browser: Browser, url: string, folder: string): Promise<Workbench> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, reducedMotion: 'reduce' });
    // For a machine with other work to do; what takes too long in earnest meets the limit of the test.
    context.setDefaultTimeout(90_000);
    const page = await context.newPage();
    const workbench = new Workbench(context, page);
    await page.goto(`${url}/?folder=${encodeURIComponent(folder)}`);
    await workbench.ready();
    return workbench;
  }

  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench').waitFor();
    // Extensions run once that of git has said which branch it is.
    await this.page
      .locator('.part.statusbar .statusbar-item', { hasText: 'main' })
      .first()
      .waitFor({ timeout: 120_000 });
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget');
  }

  get input(): Locator {
    return this.quickInput.locator('input.input, input[type=text], input[type=password]').first();
  }

  /** The chat's own document: a webview is a frame in a frame. */
  get chat(): FrameLocator {
    return this.page.locator('iframe.webview').last().contentFrame().locator('#active-frame').contentFrame();
  }

  async run(command: string): Promise<void> {
    await this.#quickOpen('F1', `>${command}`, command);
  }

  async openFile(name: string): Promise<void> {
    const tab = this.page.locator('.tab.active', { hasText: name });
    // The list of files grows while it is clicked on.
    do await this.#quickOpen('Control+P', name, name);
    while (!(await shows(tab)));
    await this.page.locator('.monaco-editor.focused').waitFor();
  }

  /**
   * Commands of an extension are known some time after the window is there, and a webview that takes the focus closes
   * the palette: asks until it is answered, each time with more patience.
   */
  async #quickOpen(key: string, text: string, wanted: string): Promise<void> {
    const row = this.quickInput.locator('.monaco-list-row', { hasText: wanted }).first();
    const nothing = this.quickInput.locator('.monaco-list-row', { hasText: /^No matching/u });
    for (let attempt = 1; ; attempt += 1) {
      const timeout = attempt * 1000;
      try {
        await this.page.keyboard.press(key);
        await this.input.fill(text, { timeout });
        await row.or(nothing).first().waitFor({ timeout });
        await row.click({ timeout: (await row.isVisible()) ? 4000 + timeout : 1 });
        return;
      } catch (error) {
        if (attempt === 12) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Answers the input box whose prompt or title holds `prompt`. */
  async answer(prompt: string, text: string): Promise<void> {
    await this.quickInput.getByText(prompt).first().waitFor();
    await write(this.input, text);
    await this.input.press('Enter');
  }

  /** Sends a message in the chat. */
  async ask(text: string): Promise<void> {
    await this.run('Switchboard: Open Chat');
    const composer = this.chat.getByLabel('Ask Switchboard');
    await write(composer, text);
    await composer.press('Enter');
  }

  async choose(label: string): Promise<void> {
    await this.quickInput.locator('.monaco-list-row', { hasText: label }).first().click();
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item', { hasText: text }).first();
  }

  async closeNotifications(): Promise<void> {
    await this.run('Notifications: Clear All Notifications');
  }

  /** Whole lines of the active editor, from 1, by keyboard. */
  async selectLines(first: number, last: number): Promise<void> {
    await this.page.keyboard.press('Control+G');
    await this.input.fill(`:${first}:1`);
    await this.page.keyboard.press('Enter');
    await this.page.locator('.monaco-editor.focused').waitFor();
    for (let line = first; line < last; line += 1) await this.page.keyboard.press('Shift+ArrowDown');
    await this.page.keyboard.press('Shift+End');
  }

  /** Drags the edge of the side bar. */
  async setSideBarWidth(width: number): Promise<void> {
    const box = await this.page.locator('.part.sidebar').boundingBox();
    if (box === null) throw new Error('The side bar is hidden.');
    const y = box.y + box.height / 2;
    await this.page.mouse.move(box.x + box.width, y);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + width, y, { steps: 4 });
    await this.page.mouse.up();
  }

  async screenshot(name: string): Promise<void> {
    await mkdir(screenshots, { recursive: true });
    await this.page.screenshot({ path: `${screenshots}${name}.png` });
  }

  async close(): Promise<void> {
    await this.#context.close();
  }
}

/** Text goes to what has the focus: a command that takes the focus meanwhile takes the text. */
async function write(field: Locator, text: string): Promise<void> {
  const written = async (): Promise<string> => {
    await field.fill(text);
    return field.inputValue();
  };
  await expect.poll(written, { timeout: 30_000 }).toBe(text);
}

async function shows(locator: Locator): Promise<boolean> {
  try {
    await locator.waitFor({ timeout: 5000 });
    return true;
  } catch (error) {
    if (error instanceof errors.TimeoutError) return false;
    throw error;
  }
}
