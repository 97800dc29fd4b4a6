import { errors, type Locator, type Page } from 'playwright-core';
import { clickRow } from './click-row.ts';
import { eventually, momentMs } from './patience.ts';

/** The palette, and every list and box in its place. Each step looks at what is shown, and does what is missing. */
export class QuickInput {
  readonly #page: Page;
  readonly widget: Locator;
  readonly field: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.widget = page.locator('.quick-input-widget');
    this.field = this.widget.locator('input.input, input[type=text], input[type=password]').first();
  }

  /** By the beginning of its label or of the description beside it. */
  row(label: string): Locator {
    const beginning = new RegExp(`^${label.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`)}`, 'u');
    const name = this.#page.locator('.label-name, .label-description', { hasText: beginning });
    return this.widget.locator('.monaco-list-row', { has: name }).first();
  }

  /**
   * Opens the palette by a key, types, and takes a row. A view that takes the focus meanwhile closes it, and a key that is
   * pressed while a view is loading is heard by nobody: both show, and it is opened again.
   */
  async take(key: string, text: string, label: string): Promise<void> {
    // What was asked before is over.
    await this.widget.waitFor({ state: 'hidden' });
    let taken = false;
    const step = async (): Promise<string> => {
      const isOpen = await this.widget.isVisible();
      const typed = isOpen ? await this.field.inputValue({ timeout: momentMs }) : undefined;
      if (taken && typed !== text) return 'taken';
      if (!isOpen) await this.#open(key);
      else if (typed !== text) await this.field.fill(text, { timeout: momentMs });
      else taken = await clickRow(this.row(label), label);
      return isOpen ? `open with '${typed}'` : 'closed';
    };
    await eventually(step).toBe('taken');
  }

  async #open(key: string): Promise<void> {
    await this.#page.keyboard.press(key);
    await shows(this.widget);
  }

  /** Takes a row of a list that is shown, or will be. */
  async choose(label: string): Promise<void> {
    await eventually(() => clickRow(this.row(label), label)).toBe(true);
  }

  /** Leaves those rows of a list that hold the text. */
  async filter(text: string): Promise<void> {
    await this.widget.locator('.monaco-list-row').first().waitFor();
    await write(this.field, text);
  }

  async close(): Promise<void> {
    await this.field.press('Escape');
    await this.widget.waitFor({ state: 'hidden' });
  }

  /** Takes what the box whose message holds `prompt` offers. */
  async accept(prompt: string): Promise<void> {
    await this.#submit(prompt, () => Promise.resolve());
  }

  /** Answers the box whose message holds `prompt`, and sees it go. */
  async answer(prompt: string, text: string): Promise<void> {
    await this.#submit(prompt, () => write(this.field, text));
  }

  async #submit(prompt: string, fill: () => Promise<void>): Promise<void> {
    const message = this.widget.locator('.quick-input-message');
    await message.filter({ hasText: prompt }).waitFor();
    const asked = await message.innerText();
    await fill();
    await this.field.press('Enter');
    await eventually(async () => (await message.isVisible()) && (await message.innerText()) === asked).toBe(false);
  }
}

/** Text goes to what has the focus: what takes the focus meanwhile takes the text. */
export async function write(field: Locator, text: string): Promise<void> {
  await eventually(async () => {
    await field.fill(text, { timeout: momentMs });
    return field.inputValue({ timeout: momentMs });
  }).toBe(text);
}

async function shows(locator: Locator): Promise<boolean> {
  try {
    await locator.waitFor({ timeout: momentMs });
    return true;
  } catch (error) {
    if (error instanceof errors.TimeoutError) return false;
    throw error;
  }
}
