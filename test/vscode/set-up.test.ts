import { chmod, chown, copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import type { Cluster } from '../stack/database/cluster.ts';
import { startStack, type Stack } from '../stack/stack.ts';
import { launchBrowser } from './browser.ts';
import { addressSettings } from './connected-settings.ts';
import { startEditor, type Editor } from './editor.ts';
import { quietSettings } from './quiet-settings.ts';
import { Workbench } from './workbench.ts';

// What Set Up Connections says of each thing that can be wrong, and that it can be mended from there.

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

function variable(name: string): string {
  const value = stack.environment[name];
  if (value === undefined) throw new Error(`The stack has no ${name}.`);
  return value;
}

type Answers = readonly (readonly [prompt: string, text: string])[];

interface Try {
  readonly answers: Answers;
  /** What the notification then says. */
  readonly said: string;
  /** Lets a system misbehave meanwhile; returns what ends it. */
  readonly during?: () => () => void;
}

/** Begins to connect, then goes on with *Change* until all has been tried. */
async function connect(system: string, tries: readonly Try[]): Promise<void> {
  onTestFailed(() => window.screenshot(`failed-set-up-${system}`));
  await window.run('Switchboard: Set Up Connections...');
  await window.choose(system);
  for (const [index, { answers, said, during }] of tries.entries()) {
    const end = during?.();
    for (const [prompt, text] of answers) {
      if (prompt === 'Encryption') await window.choose(text);
      else await window.answer(prompt, text);
    }
    const notification = window.notification(new RegExp(`${system} is (?:not )?connected`, 'u'));
    await notification.waitFor();
    end?.();
    await window.screenshot(`set-up-${system.toLowerCase()}-${index + 1}`);
    await expect.poll(() => notification.innerText(), { timeout: 30_000 }).toContain(said);
    // A person in VS Code has never heard of the variables that the servers speak of.
    expect(await notification.innerText()).not.toMatch(/\b(?:DB|JIRA|SLACK|ANTHROPIC)_[A-Z]/u);
    if (index < tries.length - 1) await notification.getByRole('button', { name: 'Change' }).click();
  }
  await window.choose('Done');
  await window.closeNotifications();
}

/** Makes the database speak TLS, with a certificate that no authority of this machine has signed. */
async function encrypt({ folder, restart, url }: Cluster): Promise<void> {
  const { uid, gid } = await stat(folder);
  for (const name of ['server.pem', 'server.key']) {
    const copy = join(folder, name);
    await copyFile(join(certificates, name), copy);
    await chown(copy, uid, gid);
    await chmod(copy, 0o600);
  }
  const client = new Client({ connectionString: url('postgres') });
  await client.connect();
  await client.query(`alter system set ssl_cert_file = '${folder}/server.pem'`);
  await client.query(`alter system set ssl_key_file = '${folder}/server.key'`);
  await client.query('alter system set ssl = on');
  await client.end();
  await restart();
}
const certificates = fileURLToPath(new URL('../servers/postgres/tls/', import.meta.url));

describe('setting up', () => {
  const postgres = (host: string, port: string, ssl: string, ...more: Answers): Answers => [
    ['Host of the PostgreSQL server', host],
    ['Port', port],
    ['Database', variable('DB_NAME')],
    ['Role', variable('DB_USER')],
    ['Password of that role', variable('DB_PASSWORD')],
    ['Encryption', ssl],
    ...more,
  ];
  const authorityFile = 'File with the certificate of the authority';

  it('PostgreSQL: nobody listens, no TLS there', async () => {
    const { DB_HOST: host = '', DB_PORT: port = '' } = stack.environment;
    await connect('PostgreSQL', [
      {
        answers: postgres(host, '9', 'prefer'),
        said: 'cannot be reached: nothing listens there. Check the host and the port',
      },
      {
        answers: postgres(host, port, 'require'),
        said: 'does not speak TLS. Choose "disable" for the encryption if that is right',
      },
      { answers: postgres(host, port, 'disable'), said: `PostgreSQL is connected: shop on ${host}` },
    ]);
  });

  it('PostgreSQL: a certificate that nobody here knows', async () => {
    await encrypt(stack.cluster);
    const { DB_PORT: port = '' } = stack.environment;
    const authority = join(certificates, 'ca.pem');
    await connect('PostgreSQL', [
      {
        answers: postgres('localhost', port, 'verify-full', [authorityFile, '']),
        said: `The certificate of the database at localhost:${port}/${variable('DB_NAME')} is not accepted`,
      },
      {
        answers: postgres('localhost', port, 'verify-full', [authorityFile, '/nowhere.pem']),
        said: '/nowhere.pem, which cannot be read',
      },
      {
        answers: postgres('localhost', port, 'verify-full', [authorityFile, authority]),
        said: 'PostgreSQL is connected',
      },
    ]);
  });

  it('Jira: a wrong token, another kind of Jira, a project that cannot be seen', async () => {
    const jira = (email: string, token: Answers[number], projects: string): Answers => [
      ['Address of the Jira site', variable('JIRA_URL')],
      ['E-mail address', email],
      token,
      ['Keys of the only projects', projects],
    ];
    const email = variable('JIRA_EMAIL');
    await connect('Jira', [
      {
        answers: jira(email, ['API token', 'canary-wrong-token'], 'ENG'),
        said: 'did not accept the credentials. Check the e-mail address',
      },
      {
        answers: jira('', ['Personal access token', 'canary-token'], 'ENG'),
        said: 'not this kind of Jira. Check the address',
      },
      {
        answers: jira(email, ['API token', variable('JIRA_TOKEN')], 'ENG, NOPE'),
        said: 'The account sees no project NOPE. Check the list',
      },
      { answers: jira(email, ['API token', ''], 'ENG'), said: 'Jira is connected' },
    ]);
  });

  it('Slack: a revoked token, a scope that is missing, a channel that is not there', async () => {
    const slack = (channels: string): Answers => [
      ['Bot token', variable('SLACK_BOT_TOKEN')],
      ['User token', ''],
      ['The only channels', channels],
    ];
    const refusing =
      (error: string, more = {}) =>
      () =>
        stack.slack.misbehave({ method: 'conversations.list', fault: { kind: 'refuse', error, more }, times: 99 });
    await connect('Slack', [
      { answers: slack('#operations'), said: 'The Slack token was revoked.', during: refusing('token_revoked') },
      {
        answers: slack('#operations'),
        said: 'The Slack app lacks the scope channels:read. Add it under "OAuth & Permissions"',
        during: refusing('missing_scope', { needed: 'channels:read', provided: 'chat:write' }),
      },
      { answers: slack('#no-such-channel'), said: 'There is no Slack channel #no-such-channel' },
      { answers: slack('#operations'), said: 'Slack is connected: #operations' },
    ]);
  });

  it('Claude: a wrong key', async () => {
    await connect('Claude', [
      {
        answers: [['Anthropic API key', 'sk-ant-canary-wrong']],
        said: 'The Anthropic API refused the key. Check the API key.',
      },
      { answers: [['Anthropic API key', variable('ANTHROPIC_API_KEY')]], said: 'Claude is connected' },
    ]);
  });
});
