import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import {
  gridMessageSchema,
  type GridHostMessage,
  type GridMessage,
  type GridResult,
} from '../../../src/chat/grid-messages.ts';
import { keepRemains } from '../window/remains.ts';
import { patienceMs } from '../window/patience.ts';
import { drawPicture } from '../window/pictures.ts';
import { browser } from '../window/scene.ts';
import { installThemes, settled, startPanelSite, type PanelSite, type Theme } from './panel.ts';

// The page of a result in an editor tab, with its real content security policy. Every test opens a fresh one.

let site: PanelSite;
let page: Page;
let problems: string[] = [];
const lines: string[] = [];

export function useGrids(): void {
  beforeAll(async () => {
    site = await startPanelSite();
    const context = await (await browser()).newContext({ reducedMotion: 'reduce' });
    page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (line) => {
      lines.push(`${line.type()}: ${line.text()}`);
      if (line.type() === 'error') problems.push(line.text());
    });
    await installThemes(page);
  });

  afterEach(async ({ task }) => {
    if (problems.length > 0) throw new Error(`the page reported: ${problems.join('; ')}`);
    const [error] = task.result?.errors ?? [];
    if (error === undefined) return;
    const { message } = await keepRemains(task.name, new Error(error.message), { page, console: lines });
    error.message = message;
  });

  afterAll(async () => {
    await page?.context().close();
    await site?.close();
  });
}

export interface Grid {
  readonly page: Page;
  readonly post: (...messages: readonly GridHostMessage[]) => Promise<void>;
  /** What was sent since the last call. Fails if the host would not accept all of it. */
  readonly sent: () => Promise<readonly GridMessage[]>;
  readonly grid: Locator;
  /** The texts of the drawn cells of a row, without its number. */
  readonly row: (shown: number) => Promise<readonly string[]>;
  /** A drawn cell, by its place in the order shown. */
  readonly cell: (shown: number, column: number) => Locator;
  readonly picture: (name: string) => Promise<void>;
}

type Rows = readonly (readonly unknown[])[];

export function resultOf(columns: readonly (readonly [name: string, type: string])[], rows: Rows): GridResult {
  return {
    id: 'E1',
    title: 'Query the database',
    query: 'SELECT * FROM orders',
    columns: columns.map(([name, type]) => ({ name, type })),
    rowCount: rows.length,
    truncated: false,
    masked: [],
    cutCells: [],
    endsBecause: 'it keeps no cursor for the rest',
  };
}

export async function openGrid(
  result: GridResult,
  rows: Rows,
  { theme = 'dark', width = 900 }: { readonly theme?: Theme; readonly width?: number } = {},
): Promise<Grid> {
  problems = [];
  lines.length = 0;
  await page.setViewportSize({ width, height: 500 });
  await page.mouse.move(0, 0);
  await page.goto(`${site.origin}/grid?theme=${theme}&new`);
  await page.waitForSelector('grid-tab', { state: 'attached' });
  const post = async (...messages: readonly GridHostMessage[]): Promise<void> => {
    await page.evaluate(
      `for (const message of ${JSON.stringify(messages)}) window.postMessage(message, '*'); ${settled}`,
    );
  };
  const sent = async (): Promise<readonly GridMessage[]> => {
    await page.evaluate(settled);
    const messages: unknown = await page.evaluate('window.sent.splice(0)');
    return gridMessageSchema.array().parse(messages);
  };
  await post({ type: 'grid-result', session: 's', result }, { type: 'grid-rows', id: result.id, from: 0, rows });
  const grid = page.getByRole('grid', { name: 'Rows of E1' });
  await grid.waitFor();
  await sent();
  return {
    page,
    post,
    sent,
    grid,
    row: async (shown) => grid.locator(`[aria-rowindex="${shown + 3}"] [role=gridcell]`).allInnerTexts(),
    cell: (shown, column) => grid.locator(`[aria-rowindex="${shown + 3}"] [aria-colindex="${column + 2}"]`),
    picture: async (name) => {
      await page.evaluate(settled);
      await drawPicture(page, `grid-${name}`);
    },
  };
}
