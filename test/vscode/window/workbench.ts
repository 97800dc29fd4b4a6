import type { Browser, BrowserContext, FrameLocator, Locator, Page } from 'playwright-core';
import { keepClicked } from './click-row.ts';
import { Notices } from './notices.ts';
import { eventually, momentMs, patienceMs } from './patience.ts';
import { drawPicture } from './pictures.ts';
import { QuickInput, write } from './quick-input.ts';

/** One window of VS Code in the browser, used the way a person would: keys, clicks, and the screen. */
export class Workbench {
  readonly page: Page;
  readonly quickInput: QuickInput;
  readonly notices: Notices;
  /** Lines of the page's console, and its errors. */
  readonly console: readonly string[];
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
    this.quickInput = new QuickInput(page);
    this.notices = new Notices(page);
    const lines: string[] = [];
    page.on('console', (line) => lines.push(`${line.type()}: ${line.text()}`));
    page.on('pageerror', (error) => lines.push(`error: ${error.stack ?? error.message}`));
    this.console = lines;
  }

  static async open(browser: Browser, url: string, folder: string, language = 'en'): Promise<Workbench> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 860 },
      reducedMotion: 'reduce',
      // On one machine, compression takes longer than sending.
      extraHTTPHeaders: { 'accept-encoding': 'identity' },
    });
    context.setDefaultTimeout(patienceMs);
    const page = await context.newPage();
    await page.addInitScript({ content: keepClicked });
    // Where VS Code in a browser reads its language, which it tells its extensions.
    if (language !== 'en') await page.addInitScript({ content: `globalThis._VSCODE_NLS_LANGUAGE = '${language}';` });
    const workbench = new Workbench(context, page);
    await page.goto(`${url}/?folder=${encodeURIComponent(folder)}`);
    await workbench.ready();
    return workbench;
  }

  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench').waitFor();
    // Extensions are running once the git extension shows the branch.
    await this.page.locator('.part.statusbar .statusbar-item', { hasText: 'main' }).first().waitFor();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  /** By VS Code's own command, which stores first what is open. A reload by the browser may come before that. */
  async reloadWithEditors(): Promise<void> {
    const loaded = this.page.waitForEvent('load', { timeout: patienceMs });
    await this.run('Developer: Reload Window');
    await loaded;
    await this.ready();
  }

  /** The chat's own document: a webview is a frame in a frame. */
  get chat(): FrameLocator {
    return this.page.locator('iframe.webview').last().contentFrame().locator('#active-frame').contentFrame();
  }

  /** Of the chat. */
  button(name: string): Locator {
    return this.chat.getByRole('button', { name, exact: true });
  }

  /** Of the card that waits, whether or not all of it was in view. */
  get approve(): Locator {
    return this.chat.getByRole('button', { name: /^Approve(?: \(not all shown\))?$/u });
  }

  async run(command: string): Promise<void> {
    await this.quickInput.take('F1', `>${command}`, command);
  }

  /** Opens the chat and waits until it has the focus. Otherwise it would take the focus later. */
  async openChat(): Promise<void> {
    await this.run('Switchboard: Open Chat');
    await this.chat.locator('textarea:focus').waitFor();
  }

  async openFile(name: string): Promise<void> {
    await this.quickInput.take('Control+P', name, name);
    await this.page.locator('.tab.active', { hasText: name }).waitFor();
    await this.page.locator('.monaco-editor.focused').waitFor();
  }

  /** Sends a message in the chat. */
  async ask(text: string): Promise<void> {
    await this.openChat();
    const composer = this.chat.getByLabel('Ask Switchboard');
    await write(composer, text);
    await composer.press('Enter');
    await this.chat.locator('.prompt', { hasText: text }).first().waitFor();
  }

  /** Waits until this many runs of the session have ended and the next one could start. */
  async runEnds(count = 1): Promise<void> {
    await this.chat
      .locator('.run-end')
      .nth(count - 1)
      .waitFor();
    await this.button('Send').waitFor();
  }

  async closeNotifications(): Promise<void> {
    await this.run('Notifications: Clear All Notifications');
    await this.page.locator('.notification-list-item').first().waitFor({ state: 'hidden' });
  }

  /** Whole lines of the active editor, from 1, by keyboard. */
  async selectLines(first: number, last: number): Promise<void> {
    const position = this.page.locator('[id="status.editor.selection"]');
    await eventually(async () => {
      if (!(await this.quickInput.widget.isVisible())) await this.page.keyboard.press('Control+G');
      await this.quickInput.field.fill(`:${first}:1`, { timeout: momentMs });
      await this.quickInput.field.press('Enter', { timeout: momentMs });
      return position.innerText({ timeout: momentMs });
    }).toMatch(new RegExp(`Ln ${first}, Col 1$`, 'u'));
    await this.page.locator('.monaco-editor.focused').waitFor();
    for (let line = first; line < last; line += 1) await this.page.keyboard.press('Shift+ArrowDown');
    await this.page.keyboard.press('Shift+End');
    await eventually(() => position.innerText()).toMatch(new RegExp(`Ln ${last}, Col \\d+ \\(\\d+ selected\\)`, 'u'));
  }

  /** Takes an item of the context menu where the keyboard is. A menu that was just opened ignores the first click. */
  async takeFromMenu(name: string): Promise<void> {
    const item = this.page.getByRole('menuitem', { name });
    await this.page.keyboard.press('Shift+F10');
    await item.waitFor();
    await eventually(async () => {
      if (await item.isVisible()) await item.click({ timeout: momentMs });
      return item.isVisible();
    }).toBe(false);
  }

  /** Drags the edge of the side bar. */
  async setSideBarWidth(width: number): Promise<void> {
    const bar = this.page.locator('.part.sidebar');
    await eventually(async () => {
      const box = await bar.boundingBox({ timeout: momentMs });
      if (box === null) return 0;
      if (Math.abs(box.width - width) < 2) return width;
      const y = box.y + box.height / 2;
      await this.page.mouse.move(box.x + box.width, y);
      await this.page.mouse.down();
      await this.page.mouse.move(box.x + width, y, { steps: 4 });
      await this.page.mouse.up();
      return box.width;
    }).toBe(width);
  }

  /** A picture for people, into test/vscode/screenshots, where PICTURES=1 asks for them. */
  async screenshot(name: string): Promise<void> {
    await drawPicture(this.page, name);
  }

  async close(): Promise<void> {
    await this.#context.close();
  }
}
