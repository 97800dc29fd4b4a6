import type { Locator, Page } from 'playwright-core';
import { clickRow } from './click-row.ts';
import { eventually, momentMs } from './patience.ts';

/** The palette, and every list and box shown in its place. Each step checks what is shown and does what is missing. */
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
   * Opens the palette by a key, types, and takes a row. A view that takes the focus closes it, and a key pressed while
   * a view loads is lost. Both are detected, and it is opened again.
   */
  async take(key: string, text: string, label: string): Promise<void> {
    // The previous question is gone.
    await this.widget.waitFor({ state: 'hidden' });
    const otherwise = async (): Promise<void> => {
      if (!(await this.widget.isVisible())) {
        await this.#page.keyboard.press(key);
        await this.widget.waitFor({ timeout: momentMs });
      } else if ((await this.field.inputValue({ timeout: momentMs })) !== text) {
        await this.field.fill(text, { timeout: momentMs });
      }
    };
    await clickRow({ row: this.row(label), text: label, otherwise });
    // Only then is it closed, or something else in its place.
    await eventually(async () => (await this.widget.isVisible()) && (await this.field.inputValue())).not.toBe(text);
  }

  /** Takes a row of a list that is shown, or will be. */
  async choose(label: string): Promise<void> {
    await clickRow({ row: this.row(label), text: label });
  }

  /** Filters a list to the rows that contain the text. */
  async filter(text: string): Promise<void> {
    await this.widget.locator('.monaco-list-row').first().waitFor();
    await write(this.field, text);
  }

  async close(): Promise<void> {
    await this.field.press('Escape');
    await this.widget.waitFor({ state: 'hidden' });
  }

  /** Accepts the default of the box whose message contains `prompt`. */
  async accept(prompt: string): Promise<void> {
    await this.#submit(prompt, () => Promise.resolve());
  }

  /** Answers the box whose message contains `prompt` and waits until it is gone. */
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
