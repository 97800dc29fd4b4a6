import type { Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { ChatEvent } from '../../../src/chat/chat-state.ts';
import type { ContextChip } from '../../../src/chat/messages.ts';
import { ticketRequest } from '../../src/chat/recorded-run.ts';
import { openStage, startPanelSite, type Panel, type PanelSite, type PanelStage, type Theme } from './panel.ts';
import { keepRemains } from '../window/remains.ts';
import { browser } from '../window/scene.ts';

// Shared by the tests of the chat panel. Every test opens a fresh panel.

let site: PanelSite;
let stage: PanelStage;

/** To be called once by a file whose tests use `open` and `after`. */
export function usePanels(): void {
  beforeAll(async () => {
    site = await startPanelSite();
    stage = await openStage(await browser(), site);
  });

  afterEach(async ({ task }) => {
    const [error] = task.result?.errors ?? [];
    if (error === undefined) return stage.check();
    const { message } = await keepRemains(task.name, new Error(error.message), {
      page: stage.page,
      console: stage.console,
    });
    error.message = message;
  });

  afterAll(async () => {
    await stage?.close();
    await site?.close();
  });
}

export const chips: readonly ContextChip[] = [
  {
    id: 'selection',
    kind: 'selection',
    label: 'tax.ts:38-44',
    detail: 'src/tax.ts, lines 38 to 44',
    suggested: true,
  },
  { id: 'file', kind: 'file', label: 'tax.ts', detail: 'src/tax.ts', suggested: false },
  { id: 'problems', kind: 'diagnostics', label: '3 problems', detail: '3 problems in src/tax.ts', suggested: false },
];

/** The id and hash of the card in `untilTicket`. */
export const card = { requestId: ticketRequest.id, sha256: ticketRequest.sha256 };

export async function open(theme: Theme = 'dark', width = 400): Promise<Panel> {
  return stage.open(theme, width);
}

export async function openGerman(theme: Theme, width: number): Promise<Panel> {
  return stage.open(theme, width, 'german');
}

/** A panel after these events. What it sent because of them is discarded. */
export async function after(...events: readonly ChatEvent[]): Promise<Panel> {
  const panel = await open();
  await panel.post(panel.projection.apply(events));
  await panel.sent();
  return panel;
}

export function saying(text: string): readonly ChatEvent[] {
  return [
    { type: 'run-started', session: 's', run: 'r', time: '', model: 'm', prompt: 'Hello' },
    { type: 'text-delta', text },
  ];
}

export function button({ page }: Panel, name: string): Locator {
  return page.getByRole('button', { name, exact: true });
}

/** Works for the waiting card, even if not all of it was in view. */
export function approve({ page }: Panel): Locator {
  return page.getByRole('button', { name: /^Approve(?: \(not all shown\))?$/u });
}

export function composer({ page }: Panel): Locator {
  return page.getByRole('textbox', { name: 'Ask Switchboard' });
}
