import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startJira, type JiraStandIn } from '../../stack/jira/index.ts';
import { bundle, startSession } from './harness.ts';

const good = { JIRA_URL: 'https://team.atlassian.net', JIRA_EMAIL: 'bot@example.com', JIRA_TOKEN: 'a-token-of-jira' };
let jira: JiraStandIn;

beforeAll(async () => {
  jira = await startJira();
});
afterAll(() => jira.stop());

/** Exit code and stderr of a server with this environment; undefined values leave a variable out. */
async function run(
  environment: Record<string, string | undefined>,
): Promise<{ code: number; stderr: string; stdout: string }> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined));
  const child = spawn(process.execPath, [bundle], {
    env: given,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  let stdout = '';
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stdin.end();
  const [code] = (await once(child, 'close')) as [number];
  return { code, stderr, stdout };
}

test.each([
  [{ ...good, JIRA_URL: undefined }, 'JIRA_URL is not set'],
  [
    { ...good, JIRA_URL: 'team.atlassian.net' },
    'JIRA_URL: must be the address of your Jira, such as https://your-team.atlassian.net',
  ],
  [{ ...good, JIRA_URL: 'http://jira.example.com' }, 'http: is allowed only for this machine'],
  [{ ...good, JIRA_URL: 'http://10.0.0.7:8080/jira' }, 'http: is allowed only for this machine'],
  [{ ...good, JIRA_URL: 'http://localhost.example.com' }, 'http: is allowed only for this machine'],
  [{ ...good, JIRA_URL: 'http://127.0.0.1.example.com' }, 'http: is allowed only for this machine'],
  [{ ...good, JIRA_URL: 'http://0.0.0.0' }, 'http: is allowed only for this machine'],
  [{ ...good, JIRA_URL: 'https://user:pass@team.atlassian.net' }, 'without a user name or password in it'],
  [{ ...good, JIRA_URL: 'https://team.atlassian.net/rest/api/3' }, 'without /rest or /browse'],
  [{ ...good, JIRA_URL: 'ftp://team' }, 'JIRA_URL: must be'],
  [
    { ...good, JIRA_TOKEN: undefined },
    'JIRA_TOKEN is not set (Cloud, with JIRA_EMAIL), and neither is JIRA_PAT (Data Center)',
  ],
  [{ ...good, JIRA_EMAIL: undefined }, 'JIRA_EMAIL is not set: JIRA_TOKEN belongs to an account'],
  [{ ...good, JIRA_EMAIL: 'bot' }, 'JIRA_EMAIL: must be the email address'],
  [{ ...good, JIRA_PAT: 'x' }, 'JIRA_PAT (Data Center) and JIRA_TOKEN (Cloud) are both set'],
  [{ ...good, JIRA_ALLOWED_PROJECTS: ', ,' }, 'JIRA_ALLOWED_PROJECTS: lists no project'],
  [{ ...good, JIRA_ALLOWED_PROJECTS: 'ENG; OPS' }, 'JIRA_ALLOWED_PROJECTS: must be project keys, such as ENG,OPS'],
  [
    { ...good, JIRA_TOKEN: undefined, JIRA_TOKEN_FILE: '/nowhere' },
    'JIRA_TOKEN_FILE names the file /nowhere, which cannot be read (ENOENT)',
  ],
  [{ ...good, JIRA_TOKEN: 'vault:kv/jira#token' }, 'JIRA_TOKEN: VAULT_ADDR must be the https address of Vault'],
  [{ ...good, SWITCHBOARD_RATE_LIMITS: 'create_jira_tickets=1/m' }, 'did you mean create_jira_ticket?'],
])('%j gives one line and exit code 78', async (environment, message) => {
  const { code, stderr, stdout } = await run(environment);
  expect(code).toBe(78);
  expect(stderr).toContain(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).not.toContain('a-token-of-jira');
  expect(stdout).toBe('');
});

test('a valid configuration starts and ends with stdin', async () => {
  expect(await run({ ...good, SWITCHBOARD_STATE_DIR: join(tmpdir(), 'switchboard-none') })).toEqual({
    code: 0,
    stderr: '',
    stdout: '',
  });
});

test('a token may come from a file, and a wrong one is reported', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-token-'));
  const file = join(folder, 'token');
  const environment = { JIRA_URL: `${jira.url}/`, JIRA_EMAIL: jira.email, SWITCHBOARD_STATE_DIR: folder };
  await writeFile(file, `${jira.token}\n`);
  const right = await startSession({ ...environment, JIRA_TOKEN_FILE: file });
  expect((await right.call('list_jira_projects', {})).isError).toBe(false);
  await right.close();
  const wrong = await startSession({ ...environment, JIRA_TOKEN: 'not-the-token' });
  expect((await wrong.call('list_jira_projects', {})).structured.error).toMatchObject({
    code: 'unauthorized',
    message: 'Jira rejected the credentials.',
  });
  await wrong.close();
  await rm(folder, { recursive: true });
});

test('an unknown host is named', async () => {
  const session = await startSession({ ...good, JIRA_URL: 'http://127.0.0.1:1', SWITCHBOARD_STATE_DIR: tmpdir() });
  expect((await session.call('list_jira_projects', {})).structured.error).toMatchObject({
    code: 'unreachable',
    message: 'Jira at http://127.0.0.1:1 cannot be reached (ECONNREFUSED).',
    retryable: true,
  });
  await session.close();
});
