import { describe, expect } from 'vitest';
import { eventually } from './window/patience.ts';
import { scene } from './window/scene.ts';
import type { Workbench } from './window/workbench.ts';

/** Opens the line of a call and asks to undo it. */
async function undo({ chat }: Workbench, title: string): Promise<void> {
  const call = chat.locator('tool-call').filter({ hasText: title }).first();
  await call.locator('.call-toggle').click();
  await call.getByRole('button', { name: 'Undo…' }).click();
}

describe('what was filed and posted', () => {
  scene(
    'is undone after a reload, each with a card and a record of its own',
    { connected: true },
    async ({ window, stack }) => {
      const before = stack.slack.messages('#operations').length;
      await window.run('Switchboard: Investigate Failed Orders');
      await window.chat.getByRole('heading', { name: /Create Jira ticket/u }).waitFor();
      await window.chat.getByText('Can be undone afterwards: deletes the ticket, or closes it.').waitFor();
      await window.approve.click();
      await window.chat.getByRole('heading', { name: /Post Slack message/u }).waitFor();
      await window.approve.click();
      await window.runEnds();
      expect(stack.slack.messages('#operations')).toHaveLength(before + 1);

      await window.reload();
      await window.openChat();
      await undo(window, 'Post Slack message');
      await window.chat.getByRole('heading', { name: /Delete Slack message/u }).waitFor();
      expect(stack.slack.messages('#operations')).toHaveLength(before + 1);
      await window.screenshot('undo-message');
      await window.approve.click();
      await window.runEnds(2);
      expect(stack.slack.messages('#operations')).toHaveLength(before);

      await undo(window, 'Create Jira ticket');
      await window.chat.getByRole('heading', { name: /Undo Jira change/u }).waitFor();
      await window.chat.getByText('The account may not delete it, so it is closed.').waitFor();
      await window.approve.click();
      await window.runEnds(3);
      const [issue] = stack.jira.issues();
      await eventually(() => JSON.stringify(issue?.fields['status'])).toContain('Done');

      // What was taken back is not offered again, also after another reload.
      await window.reload();
      await window.openChat();
      const calls = window.chat.locator('tool-call').filter({ hasText: /Create Jira ticket|Post Slack message/u });
      for (const call of await calls.all()) await call.locator('.call-toggle').click();
      await eventually(() => window.chat.getByText('Undone.', { exact: true }).count()).toBe(2);
      expect(await window.chat.getByRole('button', { name: 'Undo…' }).count()).toBe(0);
    },
  );
});
