import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Script } from '../stack/claude/conversation.ts';
import { callTo, complaintOf } from '../stack/claude/scripts/script-kit.ts';
import type { Stack } from '../stack/stack.ts';
import { endOf, runCli, type Run, startSharedStack } from './harness.ts';

let stack: Stack;
let folder: string;

beforeAll(async () => {
  stack = await startSharedStack({ failed: 12 });
  folder = await mkdtemp(join(tmpdir(), 'switchboard-bad-input-'));
});

afterEach(() => {
  expect(stack.jira.issues()).toEqual([]);
  expect(stack.slack.messages('#operations')).toEqual([]);
});

afterAll(async () => {
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});

const job = ['run', 'failed-orders', '--accept-grants', '--output', 'json'];

/** No stack trace anywhere, and stdout is empty or has only events. */
function expectClean(run: Run): void {
  expect(`${run.stdout}\n${run.stderr}`).not.toMatch(/\n\s+at .+:\d+|\\n\s+at .+:\d+/);
  if (run.stdout !== '') expect(run.events.length).toBeGreaterThan(0);
}

describe.concurrent('an invalid command line: exit 2, one message, nothing started', () => {
  test.each<[string, string[], RegExp]>([
    ['an unknown command', ['rum', 'failed-orders'], /unknown command 'rum'/],
    ['an unknown option', ['run', 'failed-orders', '--acept-grants'], /unknown option '--acept-grants'/],
    ['an unknown output', ['run', 'failed-orders', '--output', 'xml'], /'--output <kind>'.*'xml'.*text, json/],
    ['an unknown runbook', ['run', 'failed-order'], /no runbook 'failed-order'.*failed-orders/],
    ['a runbook file that is not there', ['run', './nowhere.md'], /nowhere\.md.*ENOENT/],
    ['an unknown parameter', [...job, '--param', 'treshold=5'], /Unknown parameter 'treshold'.*threshold/],
    ['a parameter without a value', [...job, '--param', 'threshold'], /--param threshold: write it as name=value/],
    ['a number that is none', [...job, '--param', 'threshold=five'], /'threshold' must be a number, not 'five'/],
    ['SQL where a table is meant', [...job, '--param', 'table=orders; drop table orders'], /'table' must be a name/],
    ['an unknown limit', [...job, '--budget', 'money=5'], /--budget money=5: .*valid names are turns, .*dollars/],
    [
      'a limit that is no number',
      [...job, '--budget', 'turns=1e1'],
      /--budget turns=1e1: must be a whole number from 1/,
    ],
    ['a limit given twice', [...job, '--budget', 'rows=1', '--budget', 'rows=2'], /rows is given twice/],
    ['a policy file that is not there', [...job, '--policy', 'nowhere.yaml'], /--policy nowhere\.yaml.*ENOENT/],
    ['an MCP configuration that is not there', [...job, '--mcp-config', 'nowhere.json'], /nowhere\.json.*ENOENT/],
    ['a workspace that is not there', [...job, '--workspace', '/nope'], /--workspace \/nope: .*ENOENT/],
    [
      'a workspace that is a file',
      [...job, '--workspace', '/etc/hostname'],
      /--workspace \/etc\/hostname: not a folder/,
    ],
    ['no question', ['ask'], /missing required argument 'question'/],
    ['a question of spaces', ['ask', '', '  '], /ask: the question is empty/],
    ['an unknown server', ['serve', 'oracle'], /no server 'oracle'.*postgres, jira, slack/],
  ])('%s', async (_, parameters, complaint) => {
    const run = await runCli(stack, parameters);
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 2, stdout: '' });
    expect(run.stderr).toMatch(complaint);
    expectClean(run);
  });
});

describe.concurrent('a malformed file: exit 2, naming file, line and field', () => {
  const front = (yaml: string) => `---\nname: mine\ntitle: Mine\n${yaml}\n---\nDo it.\n`;

  test.each<[string, string, string, RegExp]>([
    ['a runbook without front matter', 'plain.md', '# Do it\n', /plain\.md:1:1: must start with YAML front matter/],
    ['a runbook with broken YAML', 'broken.md', front('grants: [\n  - x'), /broken\.md:\d+:\d+: /],
    ['an unknown key', 'key.md', front('paramters: {}'), /key\.md:4:\d+: paramters: unknown key/],
    [
      'an unknown type',
      'type.md',
      front('parameters:\n  n:\n    type: integr'),
      /type\.md:6:\d+: parameters\.n\.type: must be one of/,
    ],
    [
      'a measure that writes',
      'measure.md',
      front('measures:\n  n:\n    tool: create_jira_ticket'),
      /measure\.md:6:\d+: measures\.n\.tool: must be a built-in tool that reads/,
    ],
    [
      'a condition on nothing',
      'condition.md',
      front('conditions:\n  - name: c\n    expression: n > 5\n    requires: [post_slack_message]'),
      /condition\.md:6:\d+: conditions\.0\.expression: unknown parameter or measure 'n'/,
    ],
    [
      'a preview of a read',
      'preview.md',
      front('previews:\n  - tool: list_tables'),
      /preview\.md:5:\d+: previews\.0\.tool: must be a built-in tool that writes/,
    ],
  ])('%s', async (_, name, content, complaint) => {
    const file = join(folder, name);
    await writeFile(file, content);
    const run = await runCli(stack, ['run', file]);
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 2, stdout: '' });
    expect(run.stderr).toMatch(complaint);
    expectClean(run);
  });

  test.each<[string, string, RegExp]>([
    ['an unknown key', 'grants:\n  - tool: create_jira_ticket\n    were: {}', /:3:\d+: grants\.0\.were: unknown key/],
    ['an unknown tool', 'grants:\n  - tool: create_ticket', /:2:\d+: grants\.0\.tool: unknown tool 'create_ticket'/],
    [
      'an unknown requirement',
      'grants:\n  - tool: post_slack_message\n    require: [no-link]',
      /:3:\d+: grants\.0\.require\.0: /,
    ],
    ['broken YAML', 'grants:\n - tool: [', /:\d+:\d+: /],
    ['not an object', '[]', /:1:1: /],
  ])('a policy with %s', async (_, content, complaint) => {
    const file = join(folder, `policy-${randomUUID()}.yaml`);
    await writeFile(file, content);
    const run = await runCli(stack, [...job, '--policy', file]);
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 2, stdout: '' });
    expect(run.stderr).toContain(`${file}:`);
    expect(run.stderr).toMatch(complaint);
    expectClean(run);
  });
});

type Change = Readonly<Record<string, string | undefined>>;

describe.concurrent('a missing or invalid setting: exit 78, naming it', () => {
  test('no API key', async () => {
    const run = await runCli(stack, job, { ANTHROPIC_API_KEY: undefined });
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 78, stdout: '' });
    expect(run.stderr).toMatch(/ANTHROPIC_API_KEY is not set/);
  });

  // In /proc, Node's recursive mkdir never returns.
  test.each([
    ['/dev/null/x', 'ENOTDIR'],
    ['/proc/nowhere/x', 'ENOENT'],
  ])('an impossible state folder: %s', async (folder, reason) => {
    for (const parameters of [job, ['accept', 'failed-orders']]) {
      const run = await runCli(stack, parameters, { SWITCHBOARD_STATE_DIR: folder });
      expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 78, stdout: '' });
      expect(run.stderr).toContain(`cannot write to ${folder} (${reason}); set SWITCHBOARD_STATE_DIR`);
      expectClean(run);
    }
    const verified = await runCli(stack, ['audit', 'verify'], { SWITCHBOARD_STATE_DIR: folder });
    expect(verified.stderr).not.toMatch(/\n\s+at /);
  });

  test('an invalid limit', async () => {
    const run = await runCli(stack, job, { SWITCHBOARD_BUDGET: 'turns=0' });
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 78, stdout: '' });
    expect(run.stderr).toMatch(/SWITCHBOARD_BUDGET: turns=0: must be a whole number from 1 to 500, not '0'/);
  });

  test.each<[string, Change, RegExp]>([
    ['no database', { DB_HOST: undefined }, /DB_HOST is not set/],
    ['no port', { DB_PORT: 'abc' }, /DB_PORT/],
    ['no Jira', { JIRA_URL: undefined }, /JIRA_URL is not set/],
    ['no Slack token', { SLACK_BOT_TOKEN: undefined }, /SLACK_BOT_TOKEN is not set/],
    ['what cannot be a Slack token', { SLACK_BOT_TOKEN: 'xoxb-wrong' }, /SLACK_BOT_TOKEN/],
    [
      'a secret file that is not there',
      { JIRA_TOKEN: undefined, JIRA_TOKEN_FILE: '/nowhere' },
      /JIRA_TOKEN_FILE.*\/nowhere/,
    ],
  ])('%s', async (_, change, complaint) => {
    const run = await runCli(stack, job, change);
    expect({ code: run.code, reason: endOf(run).reason }).toEqual({ code: 78, reason: 'failed' });
    expect(endOf(run).message).toMatch(complaint);
    expectClean(run);
  });
});

describe.concurrent('a system that rejects or is unreachable: exit 1, reported once, nothing created or posted', () => {
  const anyProject = { JIRA_ALLOWED_PROJECTS: undefined };
  const nowhere = 'http://127.0.0.1:1';

  test.each<[string, string[], Change, RegExp]>([
    ['a wrong database password', [], { DB_PASSWORD: 'wrong' }, /password.*DB_PASSWORD/s],
    ['no such database', [], { DB_NAME: 'nowhere' }, /"nowhere" does not exist.*DB_NAME/s],
    ['no database server', [], { DB_PORT: '1' }, /127\.0\.0\.1:1.*DB_HOST and DB_PORT/s],
    ['an unknown table', ['--param', 'table=ordres'], {}, /"ordres" does not exist/],
    ['an unknown column', ['--param', 'status_column=state'], {}, /column "state" does not exist/],
    ['a wrong Jira token', [], { JIRA_TOKEN: 'wrong' }, /Jira rejected the credentials.*JIRA_TOKEN/s],
    ['no Jira there', [], { JIRA_URL: nowhere }, /Jira at http:\/\/127\.0\.0\.1:1 cannot be reached/],
    ['an unknown project', ['--param', 'project=NOPE'], anyProject, /'project_key': project NOPE does not exist/],
    ['a project that is not allowed', ['--param', 'project=OPS'], {}, /OPS.*JIRA_ALLOWED_PROJECTS/s],
    ['a required field', ['--param', 'project=OPS'], anyProject, /Required fields are missing: Severity/],
    ['an unknown issue type', ['--param', 'issue_type=Bugg'], {}, /Bugg/],
    ['a wrong Slack token', [], { SLACK_BOT_TOKEN: `xoxb-${'1'.repeat(24)}` }, /SLACK_BOT_TOKEN/],
    ['no Slack there', [], { SLACK_API_URL: `${nowhere}/api/` }, /Slack/],
    [
      'an unknown channel',
      ['--param', 'channel=#nowhere'],
      { SLACK_ALLOWED_CHANNELS: undefined },
      /no Slack channel #nowhere/,
    ],
    ['a channel that is not allowed', ['--param', 'channel=#general'], {}, /SLACK_ALLOWED_CHANNELS/],
    ['a wrong Anthropic key', [], { ANTHROPIC_API_KEY: 'sk-ant-wrong' }, /rejected the key.*ANTHROPIC_API_KEY/],
  ])('%s', async (_, parameters, change, complaint) => {
    const run = await runCli(stack, [...job, ...parameters], change);
    expect({ code: run.code, reason: endOf(run).reason }).toEqual({ code: 1, reason: 'failed' });
    expect(endOf(run).message).toMatch(complaint);
    expectClean(run);
  });
});

describe('an invalid call by the model: it gets an error, and the run continues', () => {
  const asking =
    (query: string): Script =>
    (conversation) => {
      const [first] = conversation.of('query_database');
      if (first !== undefined) return { text: first.isError ? `It said: ${complaintOf(first)}` : 'It worked.' };
      return {
        text: 'I ask.',
        calls: [callTo(conversation, 'query_database', { query }) ?? { name: 'none', input: {} }],
      };
    };

  test.each([
    ['an unknown table', 'SELECT * FROM ordres', 'not_found', /"ordres" does not exist/],
    ['a syntax error', 'SELEC 1', 'invalid_arguments', /syntax error/],
    ['a write', "UPDATE orders SET status = 'paid'", 'refused_by_guard', /./],
    ['two statements', 'SELECT 1; DROP TABLE orders', 'refused_by_guard', /./],
  ])('%s', async (_, query, code, message) => {
    stack.claude?.play(asking(query));
    const run = await runCli(stack, ['ask', 'How many orders?', '--output', 'json']);
    const failure = run.events.flatMap((event) =>
      event.type === 'tool-call-finished' ? (event.failure ?? []) : [],
    )[0];
    expect({ exit: run.code, code: failure?.code }).toEqual({ exit: 0, code });
    expect(failure?.message).toMatch(message);
    expect(run.stdout).toContain('It said: ');
    expectClean(run);
  });
});
