import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { startStack, type Stack } from '../stack/stack.ts';
import { launchBrowser } from './browser.ts';
import { addressSettings } from './connected-settings.ts';
import { startEditor, type Editor } from './editor.ts';
import { quietSettings } from './quiet-settings.ts';
import { Workbench } from './workbench.ts';

// One VS Code, one window, one story in order: each part goes on from what the part before left.

let stack: Stack;
let editor: Editor;
let browser: Browser;
let window: Workbench;

beforeAll(async () => {
  stack = await startStack();
  editor = await startEditor({ settings: { ...quietSettings, ...addressSettings(stack.environment) } });
  browser = await launchBrowser();
  window = await Workbench.open(browser, editor.server.url, stack.workspace.folder);
});

afterAll(async () => {
  await browser?.close();
  await editor?.stop();
  await stack?.stop();
});

/** The screen as it was when a test failed. */
function keepScreen(): void {
  onTestFailed(async ({ task }) => {
    await window.screenshot(`failed-${task.name.replaceAll(/\W+/gu, '-').slice(0, 60)}`);
  });
}

function variable(name: string): string {
  const value = stack.environment[name];
  if (value === undefined) throw new Error(`The stack has no ${name}.`);
  return value;
}

/** A setting that belongs to a machine is kept apart where VS Code's window and its extensions run on different ones. */
async function settingsText(): Promise<string> {
  const files = ['user/User/settings.json', 'user/Machine/settings.json'];
  return (await Promise.all(files.map((file) => readFile(join(editor.folder, file), 'utf8')))).join('\n');
}

const approve = { name: 'Approve', exact: true } as const;

describe('first run', () => {
  it('shows what is not connected', async () => {
    keepScreen();
    await window.run('Switchboard: Open Chat');
    await window.chat.getByText('What needs looking into?').waitFor();
    await window.setSideBarWidth(480);
    expect(await window.chat.getByText('Not connected').count()).toBe(3);
    await window.screenshot('first-run');
  });

  it('says what to do when there is no model', async () => {
    keepScreen();
    await window.chat.getByLabel('Ask Switchboard').fill('How many orders failed?');
    await window.page.keyboard.press('Enter');
    await window.chat.getByText('No language model is connected.').first().waitFor();
    await window.screenshot('no-model');
    await window.run('Switchboard: New Session');
  });
});

describe('setting up connections by hand', () => {
  it('hides what is secret, and says in words that a password is wrong', async () => {
    keepScreen();
    await window.run('Switchboard: Set Up Connections...');
    await window.choose('PostgreSQL');
    await window.answer('Host of the PostgreSQL server', variable('DB_HOST'));
    await window.answer('Port', variable('DB_PORT'));
    await window.answer('Database', variable('DB_NAME'));
    await window.answer('Role', variable('DB_USER'));
    await window.quickInput.getByText('Password of that role').waitFor();
    expect(await window.input.getAttribute('type')).toBe('password');
    await window.answer('Password of that role', 'canary-wrong-password');
    await window.choose('disable');
    const refusal = window.notification(/PostgreSQL is not connected/u);
    await refusal.waitFor();
    expect(await refusal.innerText()).toMatch(/password/iu);
    await window.screenshot('wrong-password');
    await refusal.getByRole('button', { name: 'Change' }).click();
  });

  it('connects when it is right', async () => {
    keepScreen();
    // What was typed before is offered again, but for the password.
    for (const prompt of ['Host of the PostgreSQL server', 'Port', 'Database', 'Role']) {
      await window.quickInput.getByText(prompt).first().waitFor();
      await window.page.keyboard.press('Enter');
    }
    await window.answer('Password of that role', variable('DB_PASSWORD'));
    await window.choose('disable');
    await window.notification(/PostgreSQL is connected: shop on 127\.0\.0\.1/u).waitFor();
  });

  it('connects Jira, Slack and Claude', async () => {
    keepScreen();
    await window.choose('Jira');
    await window.answer('Address of the Jira site', variable('JIRA_URL'));
    await window.answer('E-mail address', variable('JIRA_EMAIL'));
    await window.answer('API token', variable('JIRA_TOKEN'));
    await window.answer('Keys of the only projects', 'ENG');
    await window.notification('Jira is connected').waitFor();
    await window.choose('Slack');
    await window.quickInput.getByText('Bot token').waitFor();
    await window.input.fill('not-a-token');
    await window.page.keyboard.press('Enter');
    await window.quickInput.getByText('It begins with xoxb-').waitFor();
    await window.answer('Bot token', variable('SLACK_BOT_TOKEN'));
    await window.answer('User token', variable('SLACK_USER_TOKEN'));
    await window.answer('The only channels', '#operations');
    await window.notification('Slack is connected').waitFor();
    await window.choose('Claude');
    await window.answer('Anthropic API key', variable('ANTHROPIC_API_KEY'));
    await window.notification('Claude is connected').waitFor();
    await window.quickInput.getByText('shop on 127.0.0.1').waitFor();
    await window.screenshot('set-up');
    await window.choose('Done');
    const settings = await settingsText();
    expect(settings).toContain('"switchboard.jira.url"');
    for (const secret of Object.values(stack.secrets)) expect(settings).not.toContain(secret);
  });

  it('tests them again on demand', async () => {
    keepScreen();
    await window.closeNotifications();
    await window.run('Switchboard: Test Connections');
    await window.notification('Connected: Claude, PostgreSQL, Jira, Slack.').waitFor();
    await window.closeNotifications();
  });
});

describe('investigating failed orders from the palette', () => {
  it('asks where things go, then files and posts what was approved', async () => {
    keepScreen();
    await window.run('Switchboard: Investigate Failed Orders');
    await window.answer('Key of the Jira project', 'ENG');
    await window.answer('Slack channel', '#operations');
    await window.chat.getByRole('button', approve).click();
    await window.chat.getByText('Post Slack message').first().waitFor();
    await window.screenshot('approve-message');
    expect(stack.jira.issues().filter(({ key }) => key.startsWith('ENG'))).not.toHaveLength(0);
    await window.chat.getByRole('button', approve).click();
  });
});
