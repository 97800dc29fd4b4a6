import { describe, expect, test } from 'vitest';
import type { ChatEvent } from '../../../src/chat/chat-state.ts';
import { createTicket, messageRequest, ticketRequest, untilTicket } from '../../src/chat/recorded-run.ts';
import { after, button, usePanels } from './panel-play.ts';
import type { Panel } from './panel.ts';

usePanels();

type Asked = Extract<ChatEvent, { type: 'approval-requested' }>;

/** The ticket, a comment and a message, as Claude asked for them in one turn. */
const cards = [
  { ...ticketRequest, preview: ticketRequest.preview && { ...ticketRequest.preview, body: 'Short.', fields: [] } },
  {
    ...messageRequest,
    id: 'approval-3',
    callId: 'call-5',
    sha256: 'e'.repeat(64),
    tool: { ...createTicket, name: 'jira__add_jira_comment', plainName: 'add_jira_comment', title: 'Add Jira comment' },
    preview: messageRequest.preview && { ...messageRequest.preview, title: 'Comment on ENG-41' },
  },
  messageRequest,
].map((request, at): Asked => ({
  type: 'approval-requested',
  ...request,
  warnings: [],
  batch: { id: 'call-3', index: at + 1, count: 3 },
}));

const planned = (): Promise<Panel> => after(...untilTicket.slice(0, -1), ...cards);
const answerTo = (at: number) => ({ requestId: cards[at]?.id, sha256: cards[at]?.sha256 });
const row = ({ page }: Panel, name: string | RegExp) =>
  page.locator('.approval-plan > ol > li').filter({ hasText: name });
const shownCard = ({ page }: Panel) => page.locator('approval-card:visible h3');

describe('the writes of one turn', () => {
  test('are one list, with the card of the first open', async () => {
    const panel = await planned();
    expect(await panel.page.locator('.approval-plan > h3').innerText()).toBe('3 changes to approve');
    expect(await panel.page.locator('.approval-plan > ol > li').count()).toBe(3);
    expect(await shownCard(panel).allInnerTexts()).toEqual([expect.stringContaining('Create Jira ticket')]);
    await panel.page.locator('approval-card:visible').getByText('1 of 3').waitFor();
  });

  test('are approved together, in order, each as it was shown', async () => {
    const panel = await planned();
    for (const name of ['Comment on ENG-41', 'Message to']) await row(panel, name).getByRole('button').click();
    await panel.page.getByRole('button', { name: /^Approve all 3/u }).click();
    expect(await panel.sent()).toEqual([0, 1, 2].map((at) => ({ type: 'approve', ...answerTo(at), scope: 'once' })));
  });

  test('say that not all of them was shown, until each card was open', async () => {
    const panel = await planned();
    await button(panel, 'Approve all 3 (not all shown)').waitFor();
  });

  test('are approved without those that are not ticked, which stay', async () => {
    const panel = await planned();
    await row(panel, 'Comment on ENG-41').getByRole('checkbox').uncheck();
    await panel.page.getByRole('button', { name: /^Approve 2 of 3/u }).click();
    expect(await panel.sent()).toEqual([0, 2].map((at) => ({ type: 'approve', ...answerTo(at), scope: 'once' })));
  });

  test('are answered one by one, and the next one comes into view with the keyboard on it', async () => {
    const panel = await planned();
    const answered: ChatEvent = {
      type: 'approval-resolved',
      callId: 'call-3',
      decision: 'allowed',
      by: 'person',
      reason: 'Approved once.',
    };
    await panel.page.keyboard.press('Control+Enter');
    expect(await panel.sent()).toEqual([{ type: 'approve', ...answerTo(0), scope: 'once' }]);
    await panel.post(panel.projection.apply([answered]));
    expect(await shownCard(panel).allInnerTexts()).toEqual([expect.stringContaining('Add Jira comment')]);
    await panel.page.locator('approval-card:visible .approval:focus').waitFor();
    expect(await panel.page.locator('.approval-plan > h3').innerText()).toBe('2 changes to approve');
  });

  test('keep what was typed into one while another is answered, and are not approved over it', async () => {
    const panel = await planned();
    await row(panel, 'Message to').getByRole('button').click();
    await panel.page.locator('approval-card:visible').getByRole('button', { name: 'Edit' }).click();
    await panel.page.locator('approval-card:visible').getByRole('textbox', { name: 'Text' }).fill('Mine');
    await panel.page.getByText('Update or discard your changes to').waitFor();
    expect(await panel.page.getByRole('button', { name: /^Approve (?:all|\d of)/u }).count()).toBe(0);
    await row(panel, /Create|14 orders/u)
      .getByRole('button')
      .click();
    await row(panel, 'Message to').getByRole('button').click();
    expect(await panel.page.locator('approval-card:visible').getByRole('textbox', { name: 'Text' }).inputValue()).toBe(
      'Mine',
    );
  });

  test('show what was done when one fails in the middle, and it is tried again or skipped', async () => {
    const panel = await planned();
    const [, second] = cards;
    if (second === undefined) throw new Error('there is no second card');
    await panel.post(
      panel.projection.apply([
        ...cards.map(({ callId }): ChatEvent => ({
          type: 'approval-resolved',
          callId,
          decision: 'allowed',
          by: 'person',
          reason: 'Approved once.',
        })),
        { type: 'tool-call-finished', callId: 'call-3', outcome: 'ok', durationMs: 10, summary: 'ENG-57' },
        { type: 'tool-call-finished', callId: 'call-5', outcome: 'failed', durationMs: 10, summary: 'Jira said no.' },
        { ...second, id: 'approval-4', failed: 'Jira said no.', scopes: [] },
      ]),
    );
    expect(await row(panel, 'done').count()).toBe(1);
    expect(await row(panel, 'approved, waits for its turn').count()).toBe(1);
    await panel.page.getByText('It failed: Jira said no. Try it again, or skip it').waitFor();
    await panel.picture('plan-failed');
    await button(panel, 'Try Again').click();
    expect(await panel.sent()).toEqual([
      { type: 'approve', requestId: 'approval-4', sha256: second.sha256, scope: 'once' },
    ]);
    await panel.post(panel.projection.apply([{ ...second, id: 'approval-5', failed: 'Jira said no.', scopes: [] }]));
    await button(panel, 'Skip').click();
    expect(await panel.sent()).toEqual([{ type: 'deny', requestId: 'approval-5', sha256: second.sha256 }]);
  });
});

describe('a write that was done', () => {
  const done: readonly ChatEvent[] = [
    { type: 'approval-resolved', callId: 'call-3', decision: 'allowed', by: 'person', reason: 'Approved once.' },
    {
      type: 'tool-call-finished',
      callId: 'call-3',
      outcome: 'ok',
      durationMs: 10,
      summary: 'ENG-57',
      undo: 'closes the ticket',
    },
  ];

  test('can be undone, which only asks', async () => {
    const panel = await after(...untilTicket, ...done);
    await panel.page.locator('.call-toggle').last().click();
    await button(panel, 'Undo…').click();
    expect(await panel.sent()).toEqual([{ type: 'undo', callId: 'call-3' }]);
  });

  test('says before it is approved whether it can be undone', async () => {
    const panel = await after(...untilTicket);
    await panel.page.getByText('This cannot be undone from here.').waitFor();
    const request = { ...ticketRequest, undo: 'closes the ticket', sha256: 'f'.repeat(64) };
    await panel.post(panel.projection.apply([{ type: 'approval-requested', ...request }]));
    await panel.page.getByText('Can be undone afterwards: closes the ticket.').waitFor();
  });
});
