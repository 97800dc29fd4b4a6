import { chmod, chown, copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { describe, expect } from 'vitest';
import { startCluster, type Cluster } from '../stack/database/cluster.ts';
import { shareScene, type Scene } from './window/scene.ts';

// What Set Up Connections says about each possible error, in one VS Code: each try continues with *Change*.

type Answers = readonly (readonly [prompt: string, text: string])[];

interface Try {
  readonly answers: Answers;
  /** What the notification then says. */
  readonly said: string;
  /** Makes a system misbehave. Returns a function that ends it. */
  readonly during?: () => () => void;
}

async function connect({ window }: Scene, system: string, tries: readonly Try[]): Promise<void> {
  await window.run('Switchboard: Set Up Connections...');
  await window.quickInput.choose(system);
  for (const [index, { answers, said, during }] of tries.entries()) {
    const end = during?.();
    for (const [prompt, text] of answers) {
      if (prompt === 'Encryption') await window.quickInput.choose(text);
      else await window.quickInput.answer(prompt, text);
    }
    const ended = new RegExp(`${system} is (?:not )?connected`, 'u');
    const text = await window.notices.text(ended);
    end?.();
    await window.screenshot(`set-up-${system.toLowerCase()}-${index + 1}`);
    expect(text).toContain(said);
    // A VS Code user does not know the environment variables in server messages.
    expect(text).not.toMatch(/\b(?:DB|JIRA|SLACK|ANTHROPIC)_[A-Z]/u);
    if (index < tries.length - 1) {
      await window.notices.press(ended, 'Change');
      await window.notices.gone(ended);
    }
  }
  await window.quickInput.choose('Done');
}

const certificates = fileURLToPath(new URL('../servers/postgres/connection/tls/', import.meta.url));

/** Turns on TLS in the database, with a certificate that this machine does not trust. */
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

function postgres({ variable }: Scene, host: string, port: string, ssl: string, ...more: Answers): Answers {
  return [
    ['Host of the PostgreSQL server', host],
    ['Port', port],
    ['Database', variable('DB_NAME')],
    ['Role', variable('DB_USER')],
    ['Password for this role', variable('DB_PASSWORD')],
    ['Encryption', ssl],
    ...more,
  ];
}

let cluster: Cluster;
const ownCluster = async (): Promise<Cluster> => {
  cluster = await startCluster();
  return cluster;
};

const scene = shareScene({ cluster: ownCluster });

describe('setting up PostgreSQL', () => {
  scene('nobody listens, no TLS there, a certificate that nobody here knows', async (given) => {
    const [host, port, name] = [given.variable('DB_HOST'), given.variable('DB_PORT'), given.variable('DB_NAME')];
    await connect(given, 'PostgreSQL', [
      {
        answers: postgres(given, host, '9', 'prefer'),
        said: 'cannot be reached: nothing is listening there. Check the host and the port',
      },
      {
        answers: postgres(given, host, port, 'require'),
        said: 'does not speak TLS. Choose "disable" for the encryption if that is right',
      },
      { answers: postgres(given, host, port, 'disable'), said: `PostgreSQL is connected: ${name} on ${host}` },
    ]);
    await given.window.closeNotifications();
    await encrypt(cluster);
    const full = (authority: string): Answers =>
      postgres(given, 'localhost', port, 'verify-full', ['Path of the CA certificate file', authority]);
    await connect(given, 'PostgreSQL', [
      {
        answers: full(''),
        said: `The certificate of the database at localhost:${port}/${name} was rejected`,
      },
      { answers: full('/nowhere.pem'), said: '/nowhere.pem, which cannot be read' },
      { answers: full(join(certificates, 'ca.pem')), said: 'PostgreSQL is connected' },
    ]);
  });
});

describe('setting up Jira', () => {
  scene('a wrong token, another kind of Jira, a project that cannot be seen', async (given) => {
    const email = given.variable('JIRA_EMAIL');
    const jira = (address: string, token: Answers[number], projects: string): Answers => [
      ['URL of the Jira site', given.variable('JIRA_URL')],
      ['Email address', address],
      token,
      ['Keys of the projects', projects],
    ];
    await connect(given, 'Jira', [
      {
        answers: jira(email, ['API token', 'canary-wrong-token'], 'ENG'),
        said: 'rejected the credentials. Check the email address',
      },
      {
        answers: jira('', ['Personal access token', 'canary-token'], 'ENG'),
        said: 'not this kind of Jira. Check the site URL',
      },
      {
        answers: jira(email, ['API token', given.variable('JIRA_TOKEN')], 'ENG, NOPE'),
        said: 'The account sees no project NOPE. Check the list',
      },
      { answers: jira(email, ['API token', ''], 'ENG'), said: 'Jira is connected' },
    ]);
  });
});

describe('setting up Slack', () => {
  scene('a revoked token, a scope that is missing, a channel that is not there', async (given) => {
    const slack = (channels: string): Answers => [
      ['Bot token', given.variable('SLACK_BOT_TOKEN')],
      ['User token', ''],
      ['Channels to post to', channels],
    ];
    const refusing =
      (error: string, more = {}) =>
      () =>
        given.stack.slack.misbehave({
          method: 'conversations.list',
          fault: { kind: 'refuse', error, more },
          times: 99,
        });
    await connect(given, 'Slack', [
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
});
