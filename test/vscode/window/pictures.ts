import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

const folder = process.env['PICTURES_FOLDER'] ?? fileURLToPath(new URL('../screenshots/', import.meta.url));

/** For people, where PICTURES=1 asks for them: drawing them costs as much as some of the tests. */
export async function drawPicture(page: Page, name: string): Promise<void> {
  if (process.env['PICTURES'] !== '1') return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
