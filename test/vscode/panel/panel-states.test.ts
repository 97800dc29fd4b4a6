import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, test } from 'vitest';
import type { ApprovalRequest } from '../../../src/agent/approval.ts';
import type { ChatEvent } from '../../../src/chat/chat-state.ts';
import type { HostMessage } from '../../../src/chat/messages.ts';
import {
  messageRequest,
  ticketRequest,
  troubled,
  troubledEnd,
  untilEnd,
  untilMessage,
  untilTicket,
} from '../../src/chat/recorded-run.ts';
import type { Panel, Theme } from './panel.ts';
import { button, chips, open, usePanels } from './panel-play.ts';

usePanels();

const otherEnds = (['cancelled', 'inconclusive', 'budget', 'refused', 'denied'] as const).flatMap(
  (reason): readonly ChatEvent[] => [
    { type: 'run-started', session: 'session-1', run: reason, time: '', model: 'm', prompt: `A run that is ${reason}` },
    { type: 'run-finished', reason, message: 'Why it ended, and what can be done.', writeNotGranted: false },
  ],
);

/** Two cards of one turn, the second of which has failed once. */
function planOf(...requests: readonly ApprovalRequest[]): readonly ChatEvent[] {
  return requests.map((request, at) => ({
    type: 'approval-requested',
    ...request,
    sha256: String(at).repeat(64),
    batch: { id: 'call-3', index: at + 1, count: 3 },
    ...(at > 0 && { failed: 'Slack did not answer.' }),
  }));
}

const connections: HostMessage = {
  type: 'connections',
  model: { label: 'Claude Opus 5.5', state: 'untested', detail: 'Claude Opus 5.5' },
  servers: [
    { id: 'postgres', title: 'PostgreSQL', state: 'ready', detail: 'shop on db.internal' },
    { id: 'jira', title: 'Jira', state: 'failed', detail: 'the token was refused' },
    { id: 'slack', title: 'Slack', state: 'not-configured', detail: '' },
  ],
};

async function violations({ page }: Panel): Promise<readonly string[]> {
  // One page without frames. Checking frames and reporting passes would make axe seven times slower.
  const { violations: found } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .analyze();
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

describe.each<[Theme, number]>([
  ['light', 300],
  ['dark', 400],
  ['high-contrast', 700],
  ['high-contrast-light', 500],
])('in %s, %d px wide', (theme, width) => {
  test('every state is accessible, and only tables and code scroll sideways', async () => {
    const panel = await open(theme, width);
    const { page, projection } = panel;
    const check = async (state: string): Promise<void> => {
      // What moves under the mouse is drawn as pointed at, some time after.
      await page.mouse.move(0, 0);
      await panel.picture(`${state}-${theme}-${width}`);
      expect(await violations(panel), state).toEqual([]);
      const [inner, outer] = await Promise.all(
        ['scrollWidth', 'clientWidth'].map((key) => page.evaluate(`document.querySelector('.transcript').${key}`)),
      );
      expect(inner, `${state} is wider than the view`).toBe(outer);
    };
    await panel.post(connections, { type: 'context', chips });
    await check('empty');
    await panel.post(projection.apply(untilTicket));
    await check('card');
    await button(panel, 'Edit').click();
    await check('card-edit');
    await button(panel, 'Raw').click();
    await check('card-raw');
    await panel.post(projection.apply(planOf(ticketRequest, messageRequest)));
    await check('plan');
    await panel.post(projection.apply([{ type: 'approval-requested', ...ticketRequest }, ...untilMessage]));
    await check('message');
    for (const line of await page.locator('.call-toggle').all()) await line.click();
    await page.locator('.prompt').first().scrollIntoViewIfNeeded();
    await check('calls');
    await panel.post(projection.apply([...untilEnd, ...troubled]));
    await check('retry');
    await panel.post(projection.apply([troubledEnd]));
    // The view follows after an answered card. The button down exists only if it does not.
    const newest = page.getByRole('button', { name: /^Newest/u });
    if (await newest.isVisible()) await newest.click();
    await check('failed');
    await panel.post(projection.apply(otherEnds));
    await check('ends');
  });
});
