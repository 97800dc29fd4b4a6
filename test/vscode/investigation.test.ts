import { execFileSync } from 'node:child_process';
import type { Locator } from 'playwright-core';
import { describe, expect } from 'vitest';
import { eventually } from './window/patience.ts';
import { scene, shareScene } from './window/scene.ts';
import type { Workbench } from './window/workbench.ts';

/** Presses Tab until the button has the focus, as without a mouse. */
async function tabTo(window: Workbench, button: Locator): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await window.page.keyboard.press('Tab');
    if (await button.evaluate((element) => element.matches(':focus'))) return;
  }
  throw new Error('Tab does not reach the button.');
}

const withoutParameters = { connected: true, settings: { 'switchboard.runbooks.parameters': {} } };

const connectedScene = shareScene({ connected: true });

describe('investigating failed orders from the palette', () => {
  scene(
    'asks once where things go, and files nothing that was denied',
    withoutParameters,
    async ({ window, stack }) => {
      await window.run('Switchboard: Investigate Failed Orders');
      await window.quickInput.answer('Key of the Jira project', 'ENG');
      await window.quickInput.answer('Slack channel', '#operations');
      await window.button('Deny…').click();
      await window.chat.getByLabel('Reason for denial').fill('We know already');
      await window.button('Deny').click();
      await window.chat.getByText('Denied.', { exact: true }).waitFor();
      await window.runEnds();
      await window.screenshot('denied');
      expect(JSON.stringify(stack.claude?.requests().at(-1)?.body)).toContain('We know already');
      expect(stack.jira.issues()).toHaveLength(0);
      expect(stack.slack.messages('#operations').filter(({ text }) => text.includes('failed'))).toHaveLength(0);
      // The destinations are known now.
      await window.run('Switchboard: New Session');
      await window.run('Switchboard: Investigate Failed Orders');
      await window.button('Deny…').waitFor();
    },
  );

  connectedScene('files the ticket as the person has edited it, and posts once', async ({ window, stack }) => {
    const issues = stack.jira.issues().length;
    const messages = stack.slack.messages('#operations').length;
    await window.openFile('config.ts');
    await window.run('Switchboard: Investigate Failed Orders');
    await window.chat.locator('.call').first().waitFor();
    await window.screenshot('investigating');
    await window.button('Edit').click();
    await window.chat.getByLabel('Summary').fill('Orders fail since 2.14.0: payment timeout too short');
    await window.button('Update Preview').click();
    await window.approve.waitFor();
    await window.screenshot('approve-ticket');
    await window.approve.click();
    await window.chat.getByRole('heading', { name: /Post Slack message needs your approval/u }).waitFor();
    await window.screenshot('approve-message');
    await window.approve.click();
    await window.runEnds();
    await window.screenshot('investigated');
    const filed = stack.jira.issues().slice(issues);
    expect(filed.map(({ fields }) => fields['summary'])).toEqual([
      'Orders fail since 2.14.0: payment timeout too short',
    ]);
    const posted = stack.slack.messages('#operations').slice(messages);
    expect(posted).toHaveLength(1);
    expect(JSON.stringify(posted)).toContain(filed[0]?.key);
    // The rows behind an answer.
    await window.chat.getByRole('button', { name: /E\d+/u }).first().click();
    await window.chat.getByRole('table').first().waitFor();
    await window.screenshot('evidence');
    const open = window.chat.getByRole('button', { name: /^Open E\d+ in editor$/u }).first();
    const [, id] = /Open (E\d+) in editor/u.exec((await open.getAttribute('title')) ?? '') ?? [];
    await open.click();
    await window.page.locator('.tab.active', { hasText: `${id}.csv` }).waitFor();
    // What the walkthrough leads to has been done, whatever led to it.
    await window.run('Welcome: Open Walkthrough...');
    await window.quickInput.choose('Get started with Switchboard');
    await eventually(() => window.page.locator('.getting-started-step .complete:visible').count()).toBe(3);
    await window.screenshot('walkthrough');
  });
});

describe('filing a bug from a selection', () => {
  connectedScene('drafts it with a link to the code, and a notification opens the issue', async ({ window, stack }) => {
    const before = stack.jira.issues().length;
    const { folder, commit } = stack.workspace;
    execFileSync('git', ['remote', 'add', 'origin', 'git@github.com:acme/shop-orders.git'], { cwd: folder });
    await window.openFile('gateway.ts');
    await window.selectLines(4, 6);
    await window.takeFromMenu('File Jira Bug from Selection');
    await window.approve.waitFor();
    await window.screenshot('bug-from-selection');
    await window.approve.click();
    await window.notices.text(/ENG-\d+/u);
    const link = `https://github.com/acme/shop-orders/blob/${commit}/src/payments/gateway.ts#L4-L6`;
    expect(JSON.stringify(stack.jira.issues()[before]?.fields)).toContain(link);
    await window.runEnds();
  });

  connectedScene('works without a mouse: asks, reaches the card, and approves', async ({ window, stack }) => {
    const before = stack.jira.issues().length;
    await window.openFile('address.ts');
    await window.selectLines(10, 10);
    await window.run('Switchboard: File Jira Bug from Selection');
    await window.chat.locator('.approval.card:focus').waitFor();
    await tabTo(window, window.approve);
    await window.page.keyboard.press('Enter');
    await window.runEnds();
    await eventually(() => stack.jira.issues().length).toBe(before + 1);
    await window.page.keyboard.press('F1');
    await window.quickInput.field.waitFor();
    await window.page.keyboard.type('Switchboard: Open Chat');
    await window.quickInput.row('Switchboard: Open Chat').waitFor();
    await window.page.keyboard.press('Enter');
    await window.chat.locator('textarea:focus').waitFor();
  });
});
