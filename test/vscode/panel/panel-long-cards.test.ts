import { describe, expect, test } from 'vitest';
import type { ChatEvent } from '../../../src/chat/chat-state.ts';
import { ticketRequest, untilTicket } from '../../src/chat/recorded-run.ts';
import { after, button, card, usePanels } from './panel-play.ts';
import { eventually } from '../window/patience.ts';
import type { Panel } from './panel.ts';

usePanels();

const paragraph = 'Orders to this region fail at checkout since the deploy, and the customer sees an empty page.\n\n';

/** A card whose text has sections with this many paragraphs. */
function ticketOf(sections: number, paragraphs: number): ChatEvent & { readonly type: 'approval-requested' } {
  const body = Array.from(
    { length: sections },
    (_, index) => `## Section ${index + 1}\n\n${paragraph.repeat(paragraphs)}`,
  ).join('');
  const { preview } = ticketRequest;
  if (preview === undefined) throw new Error('the ticket has no preview');
  const raw = JSON.stringify({ fields: { description: body } }, undefined, 2);
  const shown = { ...preview, body, raw, fields: preview.fields.slice(0, 1), duplicates: [] };
  return { type: 'approval-requested', ...ticketRequest, preview: shown };
}

/** What is cut off or only visible by scrolling inside the card. */
async function hidden({ page }: Panel): Promise<unknown> {
  return page.evaluate(`[...document.querySelectorAll('.approval, .approval *')].filter((part) =>
    part.scrollHeight > part.clientHeight + 1 && ['auto', 'scroll', 'hidden'].includes(getComputedStyle(part).overflowY)
    && !part.matches('.hidden')).map((part) => part.className)`);
}

async function scroll({ page }: Panel, pixels: number): Promise<void> {
  const box = await page.locator('.transcript').boundingBox();
  if (box === null) throw new Error('there is no transcript');
  await page.mouse.move(box.x + box.width / 2, box.y + 60);
  await page.mouse.wheel(0, pixels);
}

const unread = 'Approve (not all shown)';

describe('a card with a long text', () => {
  test('shows all of it in the transcript, with the buttons always in view', async () => {
    const panel = await after(...untilTicket.slice(0, -1), ticketOf(4, 2));
    expect(await hidden(panel)).toEqual([]);
    await button(panel, 'Raw').click();
    expect(await hidden(panel)).toEqual([]);
    await button(panel, 'Preview').click();
    await panel.page.evaluate(`document.querySelector('.approval header').scrollIntoView()`);
    const [answer, screen] = await Promise.all([
      panel.page.locator('.answer').boundingBox(),
      panel.page.locator('.transcript').boundingBox(),
    ]);
    if (answer === null || screen === null) throw new Error('the answer is not there');
    expect(answer.y + answer.height).toBeLessThanOrEqual(screen.y + screen.height + 4);
  });

  test('says that not everything was shown until its end was in view', async () => {
    const panel = await after(...untilTicket.slice(0, -1), ticketOf(4, 3));
    await panel.page.evaluate(`document.querySelector('.approval header').scrollIntoView()`);
    await button(panel, unread).waitFor();
    expect(await button(panel, 'Approve').count()).toBe(0);
    await eventually(async () => {
      await scroll(panel, 200);
      return button(panel, 'Approve').count();
    }).toBe(1);
    await button(panel, 'Approve').click();
    expect(await panel.sent()).toEqual([{ type: 'approve', ...card, scope: 'once' }]);
  });

  test('does not count as read after a jump to its end', async () => {
    const panel = await after(...untilTicket.slice(0, -1), ticketOf(4, 5));
    await panel.page.evaluate(`document.querySelector('.approval header').scrollIntoView()`);
    await panel.page.evaluate(`document.querySelector('.transcript').scrollTop = 1e6`);
    await panel.page.evaluate(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`);
    expect(await button(panel, unread).count()).toBe(1);
  });

  test('of more than three screens ends in a fade, and opens on request', async () => {
    const panel = await after(...untilTicket.slice(0, -1), ticketOf(5, 12));
    await button(panel, unread).waitFor();
    expect(await hidden(panel)).toEqual(['approval-body folded']);
    await button(panel, 'Show all (5 sections)').click();
    await button(panel, 'Approve').waitFor();
    expect(await hidden(panel)).toEqual([]);
    expect(await button(panel, 'Show all (5 sections)').count()).toBe(0);
  });

  test('that fits on the screen needs no scrolling', async () => {
    const panel = await after(...untilTicket.slice(0, -1), ticketOf(1, 1));
    expect(await button(panel, 'Approve').count()).toBe(1);
  });

  test('stays read when the state is sent again, and is unread when its text changes', async () => {
    const panel = await after(...untilTicket.slice(0, -1), ticketOf(5, 12));
    await button(panel, 'Show all (5 sections)').click();
    await panel.post(panel.projection.snapshot());
    expect(await button(panel, 'Approve').count()).toBe(1);
    await panel.post(panel.projection.apply([{ ...ticketOf(6, 12), sha256: 'd'.repeat(64) }]));
    await button(panel, 'Show all (6 sections)').waitFor();
    expect(await button(panel, unread).count()).toBe(1);
  });
});
