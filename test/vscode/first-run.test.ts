import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { eventually } from './window/patience.ts';
import { descendants, filesHolding } from './window/processes.ts';
import { scene, type Scene } from './window/scene.ts';

/** Machine settings are stored separately if VS Code's window and extensions run on different machines. */
async function settingsText({ editor }: Scene): Promise<string> {
  const files = ['user/User/settings.json', 'user/Machine/settings.json'];
  return (await Promise.all(files.map((file) => readFile(join(editor.folder, file), 'utf8')))).join('\n');
}

const wrongPassword = 'canary-wrong-password';

async function connectPostgres({ window, variable }: Scene): Promise<void> {
  await window.run('Switchboard: Set Up Connections...');
  await window.quickInput.choose('PostgreSQL');
  await window.quickInput.answer('Host of the PostgreSQL server', variable('DB_HOST'));
  await window.quickInput.answer('Port', variable('DB_PORT'));
  await window.quickInput.answer('Database', variable('DB_NAME'));
  await window.quickInput.answer('Role', variable('DB_USER'));
  await window.quickInput.widget.getByText('Password for this role').first().waitFor();
  expect(await window.quickInput.field.getAttribute('type')).toBe('password');
  await window.quickInput.answer('Password for this role', wrongPassword);
  await window.quickInput.choose('disable');
  expect(await window.notices.text(/PostgreSQL is not connected/u)).toMatch(/password/iu);
  await window.screenshot('wrong-password');
  // The panel says the same as the notice, and leads to the same questions.
  const bar = window.chat.locator('.bar', { hasText: 'PostgreSQL' });
  expect(await bar.innerText()).toMatch(/password/iu);
  await bar.getByRole('button', { name: 'Change', exact: true }).waitFor();
  await window.notices.press(/PostgreSQL is not connected/u, 'Change');
  // Earlier input is offered again, except for the password.
  for (const prompt of ['Host of the PostgreSQL server', 'Port', 'Database', 'Role'])
    await window.quickInput.accept(prompt);
  await window.quickInput.answer('Password for this role', variable('DB_PASSWORD'));
  await window.quickInput.choose('disable');
  await window.notices.text(/PostgreSQL is connected: shop\S* on 127\.0\.0\.1/u);
  await bar.waitFor({ state: 'detached' });
}

async function connectTheOthers({ window, variable }: Scene): Promise<void> {
  await window.quickInput.choose('Jira');
  await window.quickInput.answer('URL of the Jira site', variable('JIRA_URL'));
  await window.quickInput.answer('Email address', variable('JIRA_EMAIL'));
  await window.quickInput.answer('API token', variable('JIRA_TOKEN'));
  await window.quickInput.answer('Keys of the projects', 'ENG');
  await window.notices.text('Jira is connected');
  await window.quickInput.choose('Slack');
  await window.quickInput.answer('Bot token', 'not-a-token');
  await window.quickInput.answer('It must start with xoxb-', variable('SLACK_BOT_TOKEN'));
  await window.quickInput.answer('User token', variable('SLACK_USER_TOKEN'));
  await window.quickInput.answer('Channels to post to', '#operations');
  await window.notices.text('Slack is connected');
  await window.quickInput.choose('Claude');
  await window.quickInput.answer('Anthropic API key', 'sk-ant-canary-wrong');
  expect(await window.notices.text('Claude is not connected')).toContain(
    'The Anthropic API rejected the key. Check the API key.',
  );
  await window.notices.press('Claude is not connected', 'Change');
  await window.quickInput.answer('Anthropic API key', variable('ANTHROPIC_API_KEY'));
  await window.notices.text('Claude is connected');
  await window.quickInput.widget.getByText(/shop\S* on 127\.0\.0\.1/u).waitFor();
  await window.screenshot('set-up');
  await window.quickInput.choose('Done');
}

/** In no file, no command line, and only in the environment of their own server. */
async function expectSecretsToBeKept({ stack, editor }: Scene): Promise<void> {
  const secrets = Object.entries({ ...stack.secrets, WRONG_PASSWORD: wrongPassword });
  expect(await filesHolding(editor.folder, secrets)).toEqual([]);
  const owners: Readonly<Record<string, string>> = {
    DB_PASSWORD: 'postgres',
    JIRA_TOKEN: 'jira',
    SLACK_BOT_TOKEN: 'slack',
    SLACK_USER_TOKEN: 'slack',
  };
  const found = (): readonly string[] => {
    const holders = descendants(editor.server.pid).flatMap(({ pid, commandLine, environment }) =>
      secrets.flatMap(([name, secret]) => {
        expect(commandLine, `${name} in the command line of ${pid}`).not.toContain(secret);
        return environment.includes(secret) ? [{ name, commandLine }] : [];
      }),
    );
    for (const { name, commandLine } of holders)
      expect(commandLine, `an environment that holds ${name}`).toContain(`${owners[name]}.cjs`);
    return [...new Set(holders.map(({ name }) => name))].sort();
  };
  // The search works: they are where they belong, once every server was started with the latest settings.
  await eventually(found).toEqual(Object.keys(owners).sort());
}

describe('the first run', () => {
  scene('leads from nothing to all connected by hand, and keeps what is secret', {}, async (given) => {
    const { window, stack } = given;
    await window.openChat();
    await window.chat.getByText('What needs looking into?').waitFor();
    await window.setSideBarWidth(480);
    await eventually(() => window.chat.getByText('Not connected').count()).toBe(3);
    await window.screenshot('first-run');
    await window.ask('How many orders failed?');
    await window.chat.getByText('No language model is connected.').first().waitFor();
    await window.screenshot('no-model');
    await connectPostgres(given);
    await connectTheOthers(given);
    // VS Code writes settings with a delay.
    await eventually(() => settingsText(given)).toContain('"switchboard.jira.url"');
    await window.closeNotifications();
    await window.run('Switchboard: Test Connections');
    await window.notices.text('Connected: Claude, PostgreSQL, Jira, Slack.');
    await expectSecretsToBeKept(given);
    const settings = await settingsText(given);
    for (const secret of Object.values(stack.secrets)) expect(settings).not.toContain(secret);
  });
});
