import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { Client } from 'pg';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { standInScript } from '../stack/claude/scripts/stand-in.ts';
import { startStack, type Stack } from '../stack/stack.ts';
import { launchBrowser } from './browser.ts';
import { addressSettings } from './connected-settings.ts';
import { startEditor, type Editor } from './editor.ts';
import { descendants, filesHolding } from './processes.ts';
import { quietSettings } from './quiet-settings.ts';
import { Workbench } from './workbench.ts';

// One VS Code, one window, one story in order: each part goes on from what the part before left.

let stack: Stack;
let editor: Editor;
let browser: Browser;
let window: Workbench;

beforeAll(async () => {
  stack = await startStack();
  editor = await startEditor({ settings: quietSettings, machineSettings: addressSettings(stack.environment) });
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

function button(name: string) {
  return window.chat.getByRole('button', { name, exact: true });
}

async function newSession(): Promise<void> {
  await window.run('Switchboard: New Session');
  await window.chat.getByText('What needs looking into?').waitFor();
  await window.chat.locator('textarea:focus').waitFor();
}

/** The composer can be sent again once the run is over. */
async function runEnd(): Promise<void> {
  await button('Send').waitFor();
}

/** Presses Tab until the button has the focus, as somebody without a mouse does. */
async function tabTo(name: string): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await window.page.keyboard.press('Tab');
    if (await button(name).evaluate((element) => element.matches(':focus'))) return;
  }
  throw new Error(`Tab does not reach '${name}'.`);
}

async function runningQueries(query: string): Promise<number> {
  const client = new Client({ connectionString: stack.database.url });
  await client.connect();
  try {
    const text = `SELECT count(*)::int AS running FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1 || '%' AND pid <> pg_backend_pid()`;
    const { rows } = await client.query<{ running: number }>(text, [query]);
    return rows[0]!.running;
  } finally {
    await client.end();
  }
}

function serverProcesses(server: string) {
  return descendants(editor.server.pid).filter(({ commandLine }) => commandLine.includes(`servers/${server}.cjs`));
}

/** Of the chat alone: the rest of the window is VS Code's. */
async function seriousFaults(): Promise<readonly string[]> {
  // VS Code draws the ground behind the frame, where axe does not look.
  await window.chat.locator('body').evaluate((body) => {
    body.style.backgroundColor = 'var(--vscode-sideBar-background)';
  });
  const { violations } = await new AxeBuilder({ page: window.page })
    .include(['iframe.webview', '#active-frame', 'body'])
    .analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

describe('first run', () => {
  it('shows what is not connected', async () => {
    keepScreen();
    await window.run('Switchboard: Open Chat');
    await window.chat.getByText('What needs looking into?').waitFor();
    await window.setSideBarWidth(480);
    await expect.poll(() => window.chat.getByText('Not connected').count(), { timeout: 60_000 }).toBe(3);
    await window.screenshot('first-run');
  });

  it('says what to do when there is no model', async () => {
    keepScreen();
    await window.chat.getByLabel('Ask Switchboard').fill('How many orders failed?');
    await window.page.keyboard.press('Enter');
    await window.chat.getByText('No language model is connected.').first().waitFor();
    await window.screenshot('no-model');
    await newSession();
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
    await window.input.fill(variable('SLACK_BOT_TOKEN'));
    await window.page.keyboard.press('Enter');
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
  it('asks where things go, and files nothing that was denied', async () => {
    keepScreen();
    const before = stack.jira.issues().length;
    await window.run('Switchboard: Investigate Failed Orders');
    await window.answer('Key of the Jira project', 'ENG');
    await window.answer('Slack channel', '#operations');
    await button('Deny…').click();
    await window.chat.getByLabel('Reason for denying').fill('We know already');
    await button('Deny').click();
    await window.chat.getByText('Denied.', { exact: true }).waitFor();
    await runEnd();
    await window.screenshot('denied');
    expect(JSON.stringify(stack.claude?.requests().at(-1)?.body)).toContain('We know already');
    expect(stack.jira.issues()).toHaveLength(before);
    expect(stack.slack.messages('#operations').filter(({ text }) => text.includes('failed'))).toHaveLength(0);
  });

  it('files the ticket as the person has edited it, and posts once', async () => {
    keepScreen();
    const issues = stack.jira.issues().length;
    const messages = stack.slack.messages('#operations').length;
    await window.openFile('config.ts');
    await newSession();
    // The destinations are known now: nothing is asked.
    await window.run('Switchboard: Investigate Failed Orders');
    await button('Edit').click();
    await window.chat.getByLabel('Summary').fill('Orders fail since 2.14.0: payment timeout too short');
    await button('Update Preview').click();
    await button('Approve').waitFor();
    await window.screenshot('approve-ticket');
    await button('Approve').click();
    await window.chat.getByRole('heading', { name: /Post Slack message needs your approval/u }).waitFor();
    await window.screenshot('approve-message');
    await button('Approve').click();
    await runEnd();
    await window.screenshot('investigated');
    const filed = stack.jira.issues().slice(issues);
    expect(filed.map(({ fields }) => fields['summary'])).toEqual([
      'Orders fail since 2.14.0: payment timeout too short',
    ]);
    const posted = stack.slack.messages('#operations').slice(messages);
    expect(posted).toHaveLength(1);
    expect(JSON.stringify(posted)).toContain(filed[0]!.key);
  });

  it('shows the rows behind an answer', async () => {
    keepScreen();
    await window.chat.getByRole('button', { name: /E\d+/u }).first().click();
    await window.chat.getByRole('table').first().waitFor();
    await window.screenshot('evidence');
    const open = window.chat.getByRole('button', { name: /^Open E\d+ in editor$/u }).first();
    const [, id] = /Open (E\d+) in editor/u.exec((await open.getAttribute('title')) ?? '') ?? [];
    await open.click();
    await window.page.locator('.tab.active', { hasText: `${id}.csv` }).waitFor();
  });
});

describe('filing a bug from a selection', () => {
  it('drafts it with a link to the code, and a notification opens the issue', async () => {
    keepScreen();
    execFileSync('git', ['remote', 'add', 'origin', 'git@github.com:acme/shop-orders.git'], {
      cwd: stack.workspace.folder,
    });
    const issues = stack.jira.issues().length;
    await newSession();
    await window.openFile('gateway.ts');
    await window.selectLines(4, 6);
    await window.page.keyboard.press('Shift+F10');
    await window.page.getByRole('menuitem', { name: 'File Jira Bug from Selection' }).click();
    await window.answer('Key of the Jira project', 'ENG');
    await button('Approve').waitFor();
    await window.screenshot('bug-from-selection');
    await button('Approve').click();
    await window.notification(/ENG-\d+/u).waitFor();
    const [bug] = stack.jira.issues().slice(issues);
    const link = `https://github.com/acme/shop-orders/blob/${stack.workspace.commit}/src/payments/gateway.ts#L4-L6`;
    expect(JSON.stringify(bug?.fields)).toContain(link);
    await runEnd();
    await window.closeNotifications();
  });
});

describe('what goes wrong', () => {
  it('asks again after the window was reloaded while an approval waited, and files once', async () => {
    keepScreen();
    const issues = stack.jira.issues().length;
    await newSession();
    await window.openFile('checkout.ts');
    await window.selectLines(8, 9);
    await window.run('Switchboard: File Jira Bug from Selection');
    await button('Approve').waitFor();
    await window.reload();
    await window.run('Switchboard: Open Chat');
    await window.chat.getByText('The window was closed or reloaded during this run').waitFor();
    expect(await button('Approve').count()).toBe(0);
    const offer = window.notification(/was interrupted when the window was closed or reloaded/u);
    await offer.waitFor();
    await window.screenshot('reloaded');
    await offer.getByRole('button', { name: 'Continue' }).click();
    await button('Approve').click();
    await runEnd();
    expect(stack.jira.issues()).toHaveLength(issues + 1);
  });

  it('stops a query in the database when the person cancels, and goes on when the person says so', async () => {
    keepScreen();
    const query =
      'WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers) SELECT count(*) FROM numbers';
    stack.claude?.play((conversation) =>
      conversation.exchanges.length > 0
        ? { text: 'Done.' }
        : { text: 'I count.', calls: [{ name: conversation.find('query_database')!, input: { query } }] },
    );
    await newSession();
    await window.ask('Count without end');
    await expect.poll(() => runningQueries(query), { timeout: 60_000 }).toBe(1);
    await window.screenshot('running');
    await window.run('Switchboard: Cancel Run');
    await expect.poll(() => runningQueries(query), { timeout: 60_000 }).toBe(0);
    await window.chat
      .getByText(/cancelled/iu)
      .first()
      .waitFor();
    // Goes on with the same question: nothing is asked anew.
    await button('Continue').click();
    await window.chat.getByText('Continued').waitFor();
    await runEnd();
    const last = stack.claude?.requests().at(-1)?.conversation;
    expect(last?.prompt).toContain('Count without end');
    expect(last?.exchanges.map(({ tool }) => tool)).toEqual(['query_database']);
    stack.claude?.play(standInScript);
  });

  it('starts a server again that was killed', async () => {
    keepScreen();
    const [killed] = serverProcesses('postgres');
    process.kill(killed!.pid, 'SIGKILL');
    await expect
      .poll(() => serverProcesses('postgres').map(({ pid }) => pid), { timeout: 60_000 })
      .not.toContain(killed!.pid);
    await expect.poll(() => serverProcesses('postgres').length, { timeout: 60_000 }).toBe(1);
    await window.run('Switchboard: Focus on Connections View');
    await window.page.getByRole('treeitem', { name: /PostgreSQL, ready.*1 restart/u }).waitFor();
    await window.screenshot('connections');
    await window.ask('How many customers are there?');
    await window.chat.getByText(/The count is in E\d+/u).waitFor();
  });
});

describe('the Connections view', () => {
  it('turns a tool off for the agent', async () => {
    keepScreen();
    await window.run('Switchboard: Focus on Connections View');
    await window.page.getByRole('treeitem', { name: /^Slack/u }).click();
    // One right after the other: neither click is lost, and the second does not undo the first.
    const tools = ['list_slack_channels', 'read_slack_channel'];
    for (const tool of tools) {
      const row = window.page.locator('.monaco-list-row', { hasText: tool });
      await row.locator('.custom-view-tree-node-item-checkbox').click();
      await window.page.mouse.wheel(0, 1000); // only rows in sight are there
    }
    for (const tool of tools) await expect.poll(settingsText, { timeout: 60_000 }).toContain(`slack__${tool}`);
    await window.screenshot('tools');
    await window.ask('What can you do?');
    const offered = (): readonly string[] =>
      stack.claude?.requests().findLast(({ conversation }) => conversation?.prompt.includes('What can you do?'))
        ?.conversation?.tools ?? [];
    await expect.poll(offered, { timeout: 60_000 }).toContain('slack__post_slack_message');
    for (const tool of tools) expect(offered()).not.toContain(`slack__${tool}`);
    await runEnd();
  });
});

describe('without a mouse', () => {
  it('asks, reaches the card, and approves', async () => {
    keepScreen();
    const issues = stack.jira.issues().length;
    await newSession();
    await window.openFile('address.ts');
    await window.selectLines(10, 10);
    await window.run('Switchboard: File Jira Bug from Selection');
    await window.chat.locator('.approval.card:focus').waitFor();
    await tabTo('Approve');
    await window.page.keyboard.press('Enter');
    await runEnd();
    expect(stack.jira.issues()).toHaveLength(issues + 1);
    await window.page.keyboard.press('F1');
    await window.input.waitFor();
    await window.page.keyboard.type('Switchboard: Open Chat');
    await window.quickInput.locator('.monaco-list-row', { hasText: 'Switchboard: Open Chat' }).waitFor();
    await window.page.keyboard.press('Enter');
    await window.chat.locator('textarea:focus').waitFor();
  });
});

describe('for everybody', () => {
  it.each([
    ['dark', 'Dark Modern', 'vscode-dark'],
    ['high-contrast', 'Dark High Contrast', 'vscode-high-contrast'],
    ['light', 'Light Modern', 'vscode-light'],
  ])('axe finds nothing serious in %s', async (name, theme, kind) => {
    keepScreen();
    await window.run('Preferences: Color Theme');
    await window.input.fill(theme);
    await window.quickInput.locator('.monaco-list-row', { hasText: theme }).first().click();
    await window.chat.locator(`body[data-vscode-theme-kind="${kind}"]`).waitFor();
    await window.screenshot(`panel-in-${name}`);
    expect(await seriousFaults()).toEqual([]);
  });
});

describe('secrets', () => {
  it('are in no file, no command line, and in no environment but that of their own server', async () => {
    keepScreen();
    const secrets = Object.entries({ ...stack.secrets, WRONG_PASSWORD: 'canary-wrong-password' });
    const leaks = await filesHolding(editor.folder, secrets);
    expect(leaks).toEqual([]);
    const found = new Set<string>();
    for (const { pid, commandLine, environment } of descendants(editor.server.pid)) {
      for (const [name, secret] of secrets) {
        expect(commandLine, `${name} in the command line of ${pid}`).not.toContain(secret);
        if (!environment.includes(secret)) continue;
        found.add(name);
        const owner = {
          DB_PASSWORD: 'postgres',
          JIRA_TOKEN: 'jira',
          SLACK_BOT_TOKEN: 'slack',
          SLACK_USER_TOKEN: 'slack',
        }[name];
        expect(commandLine, `${name} in the environment of ${pid}`).toContain(`${owner}.cjs`);
      }
    }
    // The search works: where they belong, they are.
    expect([...found].sort()).toEqual(['DB_PASSWORD', 'JIRA_TOKEN', 'SLACK_BOT_TOKEN', 'SLACK_USER_TOKEN']);
  });
});

describe('activation', () => {
  it('takes a few milliseconds', async ({ annotate }) => {
    keepScreen();
    const file = join(editor.folder, 'user/User/settings.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace(/"chat.disableAIFeatures": true,/u, ''));
    await window.reload();
    await window.run('Switchboard: Open Chat');
    await window.chat.getByLabel('Ask Switchboard').waitFor();
    await window.run('Developer: Show Running Extensions');
    const row = window.page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'Switchboard' });
    const text = await row.locator('.activation-time').innerText();
    await annotate(text);
    console.log(`Switchboard: ${text}`);
    await window.screenshot('running-extensions');
    expect(text).toMatch(/Activation.*\d+ ?ms/su);
  });
});

describe("VS Code's own agent", () => {
  it('is offered the servers, which get their secrets when they are started', async () => {
    keepScreen();
    await window.page.keyboard.press('Escape');
    await window.run('MCP: List Servers');
    await window.choose('Switchboard Jira');
    await window.choose('Start Server');
    const state = async (): Promise<string> => {
      await window.run('MCP: List Servers');
      const row = window.quickInput.locator('.monaco-list-row', { hasText: 'Switchboard Jira' });
      const text = await row.innerText();
      await window.page.keyboard.press('Escape');
      return text;
    };
    await expect.poll(state, { timeout: 60_000 }).toContain('Running');
  });
});
