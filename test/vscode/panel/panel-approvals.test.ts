import { describe, expect, test } from 'vitest';
import type { ApprovalRequest } from '../../../src/agent/approval.ts';
import type { ChatEvent } from '../../../src/chat/chat-state.ts';
import type { WebviewMessage } from '../../../src/chat/messages.ts';
import {
  messagePreview,
  messageRequest,
  ticketRequest,
  untilMessage,
  untilTicket,
} from '../../src/chat/recorded-run.ts';
import { after, approve, button, card, composer, open, usePanels } from './panel-play.ts';
import type { Panel } from './panel.ts';
import { eventually } from '../window/patience.ts';

usePanels();

/** What was sent, without the figure checks during typing. */
async function answers(panel: Panel): Promise<readonly WebviewMessage[]> {
  return (await panel.sent()).filter(({ type }) => type !== 'check-edit');
}

describe('an approval', () => {
  test('takes the keyboard focus, but no stray key approves', async () => {
    const panel = await after(...untilTicket);
    for (const key of ['Enter', 'Space', 'y']) await panel.page.keyboard.press(key);
    expect(await answers(panel)).toEqual([]);
    await panel.page.keyboard.press('Control+Enter');
    expect(await answers(panel)).toEqual([{ type: 'approve', ...card, scope: 'once' }]);
  });

  test('takes the focus that was sent to it, also before it is drawn and after the composer', async () => {
    const panel = await open();
    // Focus from within the page is for later, when VS Code has moved there.
    await panel.page.evaluate(() => {
      document.hasFocus = () => false;
    });
    await panel.post(
      panel.projection.apply(untilTicket),
      { type: 'focus', target: 'composer' },
      { type: 'focus', target: 'approval' },
    );
    await panel.page.locator('.approval.card:focus').waitFor();
  });

  test('Escape on a waiting card, or anywhere beside the composer, does not end the run', async () => {
    const panel = await after(...untilTicket);
    await panel.page.keyboard.press('Escape');
    await button(panel, 'Raw').press('Escape');
    await panel.page.locator('.call-toggle').first().press('Escape');
    expect(await answers(panel)).toEqual([]);
    await panel.page.locator('.approval.card:focus').waitFor();
    await composer(panel).press('Escape');
    expect(await answers(panel)).toEqual([{ type: 'stop' }]);
  });

  test('does not take the focus from a user who is typing', async () => {
    const panel = await open();
    await composer(panel).pressSequentially('I am wri');
    await panel.post(panel.projection.apply(untilTicket));
    await panel.page.keyboard.type('ting');
    expect(await composer(panel).inputValue()).toBe('I am writing');
  });

  test('is announced immediately', async () => {
    const { page } = await after(...untilTicket);
    expect(await page.locator('[aria-live=assertive]').textContent()).toBe(
      'Approval needed: Create Jira ticket, Engineering (ENG).',
    );
  });

  test.each<[string, WebviewMessage]>([
    ['Approve', { type: 'approve', ...card, scope: 'once' }],
    ['Approve for This Run', { type: 'approve', ...card, scope: 'run' }],
    ['Always Allow Here', { type: 'approve', ...card, scope: 'always' }],
    [
      'Use ENG-41 Instead',
      {
        type: 'deny',
        ...card,
        reason: 'ENG-41 covers the same problem. Do not create another one. Add to ENG-41 instead.',
      },
    ],
  ])('%s answers the shown card, once', async (name, message) => {
    const panel = await after(...untilTicket);
    await (name === 'Approve' ? approve(panel) : button(panel, name)).dblclick();
    await panel.page.keyboard.press('Control+Enter');
    expect(await answers(panel)).toEqual([message]);
  });

  test('is denied with a reason by keyboard only; Escape discards only the reason', async () => {
    const panel = await after(...untilTicket);
    const { page } = panel;
    await button(panel, 'Deny…').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await button(panel, 'Deny…').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('Wrong project');
    await page.keyboard.press('Enter');
    expect(await answers(panel)).toEqual([{ type: 'deny', ...card, reason: 'Wrong project' }]);
  });

  test('that was edited is previewed again before approval', async () => {
    const panel = await after(...untilTicket);
    const { page, projection } = panel;
    await button(panel, 'Edit').click();
    await page.getByRole('textbox', { name: 'Summary' }).fill('Orders to PR fail');
    await page.getByRole('textbox', { name: 'Labels' }).fill('orders,  tax , ');
    await eventually(() => approve(panel).count()).toBe(0);
    await button(panel, 'Update Preview').click();
    const revised = { ...ticketRequest.arguments, summary: 'Orders to PR fail', labels: ['orders', 'tax'] };
    expect(await answers(panel)).toEqual([{ type: 'revise', ...card, arguments: revised }]);
    const request = { ...ticketRequest, id: 'approval-1b', sha256: 'd'.repeat(64), arguments: revised };
    await panel.post(projection.apply([{ type: 'approval-requested', ...request }]));
    await approve(panel).click();
    expect(await answers(panel)).toEqual([
      { type: 'approve', requestId: 'approval-1b', sha256: 'd'.repeat(64), scope: 'once' },
    ]);
  });

  test('discarded edits leave the card unchanged', async () => {
    const panel = await after(...untilTicket);
    await button(panel, 'Edit').click();
    const priority = panel.page.getByRole('textbox', { name: 'Priority' });
    await priority.fill('Low');
    await priority.fill('High');
    await approve(panel).click();
    expect(await answers(panel)).toEqual([{ type: 'approve', ...card, scope: 'once' }]);
  });

  test('for a tool without preview is a form from its schema, and an invalid value is named', async () => {
    const tool = {
      ...ticketRequest.tool,
      title: 'Do something',
      preview: false,
      inputSchema: { type: 'object', properties: { retries: { type: 'integer' }, note: { type: 'string' } } },
    };
    const request = { ...ticketRequest, tool, preview: undefined, arguments: { retries: 3 } };
    const panel = await after(...untilTicket.slice(0, -1), { type: 'approval-requested', ...request });
    await button(panel, 'Edit').click();
    await panel.page.getByRole('textbox', { name: 'retries' }).fill('many');
    await button(panel, 'Update Preview').click();
    expect(await panel.page.getByRole('alert').textContent()).toBe('retries must be a number, like 5.');
    await panel.page.getByRole('textbox', { name: 'retries' }).fill('4');
    await panel.page.getByRole('textbox', { name: 'note' }).fill('x');
    await button(panel, 'Update Preview').click();
    expect(await answers(panel)).toEqual([{ type: 'revise', ...card, arguments: { retries: 4, note: 'x' } }]);
  });

  test('keeps edits when the state is sent again, and returns the focus to the composer when it is gone', async () => {
    const panel = await after(...untilTicket);
    const { page, projection } = panel;
    await button(panel, 'Edit').click();
    await page.getByRole('textbox', { name: 'Priority' }).fill('Low');
    await panel.post(projection.snapshot());
    await page.keyboard.press('Escape');
    expect(await answers(panel)).toEqual([]);
    expect(await page.getByRole('textbox', { name: 'Priority' }).inputValue()).toBe('Low');
    await page.keyboard.press('Control+Enter');
    expect(await answers(panel)).toMatchObject([{ type: 'revise', arguments: { priority: 'Low' } }]);
    await panel.post(projection.apply(untilMessage.slice(0, -2)));
    await page.keyboard.type('Next');
    expect(await composer(panel).inputValue()).toBe('Next');
  });

  test('still waits after a reload of the page', async () => {
    const panel = await after(...untilTicket);
    await panel.page.reload();
    await panel.page.waitForSelector('.composer');
    expect(await answers(panel)).toEqual([{ type: 'ready' }]);
    await panel.post(panel.projection.snapshot());
    await approve(panel).click();
    expect(await answers(panel)).toEqual([{ type: 'approve', ...card, scope: 'once' }]);
  });

  test('shows who is reached, and invisible characters', async () => {
    const preview = { ...messagePreview, body: 'Pay \u202Eevil\u202C now\u{E0041}' };
    const request = { ...messageRequest, preview };
    const { page } = await after(...untilTicket, ...untilMessage.slice(0, -1), approval(request));
    const text = await page.locator('approval-card').innerText();
    expect(text).toContain('214 members, 3 from outside the company');
    expect(text).toContain('Notifies @here');
    expect(text).toContain('Pay [U+202E]evil[U+202C] now[U+E0041]');
  });
});

function approval(request: ApprovalRequest): ChatEvent {
  return { type: 'approval-requested', ...request };
}
