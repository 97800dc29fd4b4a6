import { describe, expect, test } from 'vitest';
import { ticketRequest, untilTicket } from '../../src/chat/recorded-run.ts';
import { after, button, card, usePanels } from './panel-play.ts';
import { eventually } from '../window/patience.ts';
import type { Panel } from './panel.ts';

usePanels();

const draft = { description: '{{E1.row_count}} codes, 12 of 15 orders.' };

/** The card with a draft that refers to evidence, with its form open. */
async function editing(): Promise<Panel> {
  const panel = await after(...untilTicket.slice(0, -1), { type: 'approval-requested', ...ticketRequest, draft });
  await button(panel, 'Edit').click();
  return panel;
}

const description = ({ page }: Panel) => page.getByRole('textbox', { name: 'Description' });

describe('the form of a card', () => {
  test('has the text as written, with references as chips', async () => {
    const panel = await editing();
    expect(await description(panel).inputValue()).toBe(draft.description);
    expect(await panel.page.locator('.chip-mark').allInnerTexts()).toEqual(['{{E1.row_count}}']);
  });

  test('checks figures during typing, and underlines those without evidence', async () => {
    const panel = await editing();
    await description(panel).press('Control+End');
    await description(panel).pressSequentially(' 99 left');
    const [asked] = await panel.sent();
    expect(asked).toMatchObject({ type: 'check-edit', ...card });
    const claims = [{ text: '12', supportedBy: 'E1[0].failed_count', evidence: 'E1' }, { text: '99' }];
    await panel.post({ type: 'edit-checked', requestId: card.requestId, claims, problem: undefined });
    // The newest text is checked once the previous check has finished.
    expect(await panel.sent()).toMatchObject([
      { type: 'check-edit', arguments: { description: `${draft.description} 99 left` } },
    ]);
    expect(await panel.page.locator('.open-figure').allInnerTexts()).toEqual(['99']);
    await panel.page.getByText('No evidence supports 99. Check before you approve.').waitFor();
    const problem = '{{E9}}: E9 does not exist.';
    await panel.post({ type: 'edit-checked', requestId: card.requestId, claims: [], problem });
    expect(await panel.page.getByRole('alert').innerText()).toContain(problem);
  });

  test('grows with the text, and underlines stay under their words', async () => {
    const panel = await editing();
    const lines = Array.from({ length: 60 }, (_, index) => `Line ${index} with {{E1.row_count}} and more words`);
    await description(panel).fill(`${lines.join('\n')}\n`);
    const heights = `(() => {
      const text = [...document.querySelectorAll('.text-editor textarea')].find((area) => area.value.startsWith('Line'));
      return [text.scrollHeight - text.clientHeight, text.previousElementSibling.scrollHeight - text.scrollHeight];
    })()`;
    await eventually(() => panel.page.evaluate(heights)).toEqual([0, 0]);
  });

  test("shows the differences from the model's draft", async () => {
    const panel = await editing();
    const summary = panel.page.getByRole('textbox', { name: 'Summary' });
    await summary.fill('7 orders failed');
    await panel.page.getByText("Changes from Claude's draft").first().click();
    expect(await panel.page.locator('.changes del').first().innerText()).toBe('{{E1.row_count}}');
    expect(await panel.page.locator('.changes ins').first().innerText()).toBe('7');
  });

  test('Escape in it affects neither the text nor the run', async () => {
    const panel = await editing();
    await description(panel).fill('Changed');
    await description(panel).press('Escape');
    expect((await panel.sent()).filter(({ type }) => type !== 'check-edit')).toEqual([]);
    expect(await description(panel).inputValue()).toBe('Changed');
  });
});
