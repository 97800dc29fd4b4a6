import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, test } from 'vitest';
import type { ContextChip, HostMessage } from '../../../src/chat/messages.ts';
import { eventually } from '../window/patience.ts';
import { button, composer, open, usePanels } from './panel-play.ts';
import type { Panel } from './panel.ts';

usePanels();

const csv: ContextChip = {
  id: 'attached-1',
  kind: 'attachment',
  label: 'errors.csv',
  detail: 'File errors.csv (120 rows)',
  suggested: true,
  warning: '2 secrets were masked',
};
const connections: HostMessage = {
  type: 'connections',
  model: { label: 'claude-sonnet-5-5', state: 'untested', detail: 'claude-sonnet-5-5' },
  servers: [{ id: 'postgres', title: 'PostgreSQL', state: 'ready', detail: 'shop on db.internal' }],
};

/** As the browser does when files, or addresses of files, are pasted or dropped. */
function give(panel: Panel, kind: 'paste' | 'drop', what: { readonly text?: string; readonly uris?: string }) {
  return composer(panel).evaluate(
    (input, { kind, what }) => {
      const transfer = new DataTransfer();
      if (what.text !== undefined) transfer.items.add(new File([what.text], 'errors.csv', { type: 'text/csv' }));
      if (what.uris !== undefined) transfer.setData('application/vnd.code.uri-list', what.uris);
      const options = { bubbles: true, cancelable: true };
      const event =
        kind === 'drop'
          ? new DragEvent('drop', { ...options, dataTransfer: transfer })
          : new ClipboardEvent('paste', { ...options, clipboardData: transfer });
      input.dispatchEvent(event);
      return event.defaultPrevented;
    },
    { kind, what },
  );
}

describe('what is given to the composer', () => {
  test('files that are pasted or dropped go to the host; pasted text stays text', async () => {
    const panel = await open();
    await panel.sent();
    expect(await give(panel, 'paste', { text: 'code,failed\nE1,3' })).toBe(true);
    await panel.page.waitForFunction('window.sent.length > 0');
    expect(await panel.sent()).toEqual([
      { type: 'attach', name: 'errors.csv', kind: 'text', size: 16, data: 'code,failed\nE1,3' },
    ]);
    expect(await give(panel, 'drop', { uris: 'file:///work/src/tax.ts\nhttps://example.com/x' })).toBe(true);
    expect(await panel.sent()).toEqual([{ type: 'attach-files', uris: ['file:///work/src/tax.ts'] }]);
    expect(await give(panel, 'paste', {})).toBe(false);
  });

  test('is shown with its warning, removed by its button, and sent with the prompt', async () => {
    const panel = await open('light', 300);
    await panel.post(connections, { type: 'attached', chips: [csv, { ...csv, id: 'attached-2', label: 'shot.png' }] });
    await panel.sent();
    await panel.picture('attached');
    const { violations } = await new AxeBuilder({ page: panel.page }).include('.dock').analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    expect(await panel.page.locator('.chip-warning').first().innerText()).toContain('2 secrets were masked');
    await button(panel, 'Remove shot.png').click();
    expect(await panel.sent()).toEqual([{ type: 'detach', id: 'attached-2' }]);
    await panel.post({ type: 'attached', chips: [csv] });
    await composer(panel).fill('Why?');
    await composer(panel).press('Enter');
    expect(await panel.sent()).toEqual([{ type: 'send', text: 'Why?', chips: ['attached-1'] }]);
  });

  test('the model is chosen from the composer, and first questions are those of the database', async () => {
    const panel = await open();
    await panel.post(connections, {
      type: 'questions',
      questions: [
        'Why do 12 of @orders have TAX_RATE_MISSING in the last hour?',
        '40 new in @payments in the last hour: how does that compare?',
      ],
    });
    await panel.sent();
    await panel.picture('first-questions');
    await panel.page.getByRole('button', { name: 'Choose model and effort' }).click();
    expect(await panel.sent()).toEqual([{ type: 'run-command', command: 'switchboard.chooseModel' }]);
    await panel.page.getByRole('button', { name: /TAX_RATE_MISSING/u }).click();
    await eventually(() => composer(panel).inputValue()).toContain('Why do 12 of @orders');
  });
});
