import { describe, expect, test } from 'vitest';
import type { ApprovalRequest } from '../../../src/agent/approval.ts';
import type { ChatEvent } from '../../../src/chat/chat-state.ts';
import {
  createTicket,
  messagePreview,
  messageRequest,
  ticketRequest,
  untilEnd,
  untilMessage,
  untilTicket,
} from '../../src/chat/recorded-run.ts';
import { after, button, card, usePanels } from './panel-play.ts';
import type { Panel } from './panel.ts';

usePanels();

const asking = (request: ApprovalRequest): Promise<Panel> =>
  after(...untilTicket.slice(0, -1), { type: 'approval-requested', ...request } satisfies ChatEvent);

describe('the card of a message', () => {
  test('is the channel with who reads it, the app, and the parts of its thread', async () => {
    const parts = ['🚨 **14 orders failed**', 'The second part', 'The third part'];
    const preview = { ...messagePreview, body: parts.join('\n\n---\n\n'), parts };
    const { page, picture } = await asking({ ...messageRequest, preview });
    expect(await page.locator('.slack-bar').innerText()).toMatch(/#orders-oncall\s+214 members/u);
    expect(await page.locator('.slack .avatar').allInnerTexts()).toEqual(['S', 'S', 'S']);
    expect(await page.locator('.slack .badge').first().innerText()).toBe('APP');
    expect(await page.locator('.slack').innerText()).toContain('2 more messages in its thread');
    expect(await page.locator('.slack .preview-message.reply').allInnerTexts()).toEqual([
      expect.stringContaining('The second part'),
      expect.stringContaining('The third part'),
    ]);
    await picture('card-slack-thread');
  });
});

describe('the card of a ticket', () => {
  test('is the issue with its type, its key space, its priority and its fields', async () => {
    const { page } = await asking(ticketRequest);
    expect(await page.locator('.issue-key').innerText()).toMatch(/ENG-…\s+Bug/u);
    expect(await page.locator('.issue-key .codicon-bug').count()).toBe(1);
    expect(await page.locator('.issue dd .codicon-chevron-up.priority').count()).toBe(1);
    expect(await page.locator('.issue .lozenge').allInnerTexts()).toEqual(['orders', 'incident']);
    expect(await page.locator('.preview-body table').count()).toBe(1);
  });

  test.each([
    ['NOTE', 'Information'],
    ['TIP', 'Success'],
    ['IMPORTANT', 'Note'],
    ['WARNING', 'Warning'],
    ['CAUTION', 'Error'],
  ])('draws the panel %s', async (word, label) => {
    const body = `> [!${word}]\n>\n> Mind **this**.\n\n> only a quote`;
    const { page } = await asking({
      ...ticketRequest,
      preview: ticketRequest.preview && { ...ticketRequest.preview, body },
    });
    expect(await page.getByRole('note', { name: label }).innerText()).toBe('Mind this.');
    expect(await page.locator('.preview-body blockquote').innerText()).toBe('only a quote');
  });
});

describe("the card of a third party's tool", () => {
  const request: ApprovalRequest = {
    ...ticketRequest,
    preview: undefined,
    claims: [],
    warnings: [],
    tool: {
      ...createTicket,
      name: 'pager__page_team',
      plainName: 'page_team',
      server: 'pager',
      title: 'Page team',
      trusted: false,
      preview: false,
      inputSchema: {
        type: 'object',
        properties: {
          team: { type: 'string', description: 'Who is paged' },
          people: { type: 'array', items: { type: 'string' } },
          urgent: { type: 'boolean' },
          details: { type: 'object' },
          until: { type: 'string' },
        },
      },
    },
    arguments: { team: 'payments', people: ['ana', 'ben'], urgent: true, details: { orders: 14 }, unknown: 3 },
  };

  test('is a form of its schema, with what is given and what is not', async () => {
    const { page, picture } = await asking(request);
    const form = await page.locator('.schema-form').innerText();
    for (const text of ['team', 'payments', 'Who is paged', 'ana', 'ben', 'yes', '"orders": 14', 'unknown'])
      expect(form).toContain(text);
    await page.getByText('Left as the server has it: until').waitFor();
    await picture('card-third-party');
  });
});

describe('a figure that no evidence supports', () => {
  test('is underlined in the text, and one click writes what the evidence says, wherever it stands', async () => {
    const panel = await asking(ticketRequest);
    const figures = panel.page.locator('button.open-figure');
    expect(await figures.allInnerTexts()).toEqual(['06:02', '06:02']);
    await panel.page.getByText('E1[0].last_seen says 06:41').waitFor();
    await figures.first().click();
    const [sent, ...more] = await panel.sent();
    expect(more).toEqual([]);
    expect(sent).toEqual({
      type: 'revise',
      ...card,
      arguments: {
        ...ticketRequest.arguments,
        summary: String(ticketRequest.arguments['summary']).replace('06:02', '06:41'),
        description: String(ticketRequest.arguments['description']).replace('06:02', '06:41'),
      },
    });
  });

  test('is corrected with one key, from its line', async () => {
    const panel = await asking(ticketRequest);
    await button(panel, 'Use 06:41 instead of 06:02').focus();
    await panel.page.keyboard.press('Enter');
    expect(await panel.sent()).toMatchObject([{ type: 'revise', ...card }]);
  });

  test('is corrected in what is being edited without leaving the form', async () => {
    const panel = await asking(ticketRequest);
    await button(panel, 'Edit').click();
    const summary = panel.page.getByRole('textbox', { name: 'Summary' });
    await summary.fill('Since 06:02, 9 orders');
    await button(panel, 'Use 06:41 instead of 06:02').click();
    expect(await summary.inputValue()).toBe('Since 06:41, 9 orders');
    expect((await panel.sent()).filter(({ type }) => type !== 'check-edit')).toEqual([]);
  });

  test('is only underlined where there is nothing to write instead', async () => {
    const claims = [{ text: '06:02' }];
    const { page } = await asking({ ...ticketRequest, claims });
    expect(await page.locator('span.open-figure').count()).toBe(2);
    await page.getByText('No evidence supports 06:02. Check before you approve.').waitFor();
  });
});

describe('the reasons of a question', () => {
  test('open on request, in the words of the policy', async () => {
    const { page } = await asking(ticketRequest);
    const [reason = ''] = ticketRequest.reasons;
    expect(await page.getByText(reason).isVisible()).toBe(false);
    await page.getByText('Why am I asked?').click();
    await page.getByText(reason).waitFor();
  });

  test("are open if a third party's tool has changed: the change is what is approved", async () => {
    const change = { kind: 'changed', sha256: 'd'.repeat(64), parts: ['description'], diff: ['- a', '+ b'] } as const;
    const reasons = ['pager has changed its description of page_team. If you approve, it is accepted:\n- a\n+ b'];
    const { page } = await asking({ ...ticketRequest, reasons, tool: { ...ticketRequest.tool, change } });
    await page.getByText('pager has changed its description').waitFor();
  });
});

test('a ticket that was filed is a link wherever the answer names it, to where the server says it is', async () => {
  const panel = await after(...untilTicket, ...untilMessage, ...untilEnd);
  await panel.page
    .locator('markdown-text a')
    .filter({ hasText: /^ENG-57$/u })
    .click();
  expect(await panel.sent()).toEqual([{ type: 'open-link', url: 'https://shop.atlassian.net/browse/ENG-57' }]);
});
