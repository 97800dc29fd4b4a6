import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { auditRecordSchema, type AuditRecord } from '../../servers/contract/audit/record.ts';
import type { Stack } from '../stack/stack.ts';
import { endOf, runCli, startSharedStack } from './harness.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startSharedStack({ failed: 6 });
  await runCli(stack, ['run', 'failed-orders', '--accept-grants', '--output', 'json']);
});

afterAll(async () => {
  await stack?.stop();
});

const stateOf = (): string => z.string().parse(stack.environment['SWITCHBOARD_STATE_DIR']);

async function show(of: Stack, ...filter: string[]): Promise<AuditRecord[]> {
  const { stdout } = await runCli(of, ['audit', 'show', '--output', 'json', ...filter]);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => auditRecordSchema.parse(JSON.parse(line)));
}

describe('after a run', () => {
  test('the host and each server have a log, and all verify', async () => {
    const verified = await runCli(stack, ['audit', 'verify']);
    expect(verified.code).toBe(0);
    for (const writer of ['host', 'postgres', 'jira', 'slack'])
      expect(verified.stdout).toMatch(new RegExp(`^whole +${writer}-\\S+ +\\d+ records`, 'm'));
  });

  test('a write is recorded with who allowed it and why, before and after, on both sides', async () => {
    const records = (await show(stack, '--tool', 'create_jira_ticket')).filter(({ preview }) => preview !== true);
    expect(records.map(({ writer, phase }) => `${writer} ${phase}`)).toEqual([
      'host intent',
      'jira intent',
      'jira result',
      'host result',
    ]);
    const [intent, taken, done] = records;
    expect(intent?.policy).toMatchObject({ decision: 'allow', by: 'grant', rule: 'grant' });
    expect(intent?.policy?.reasons?.[0]).toMatch(
      /^Granted by the runbook you accepted: create_jira_ticket where project_key is ENG/,
    );
    expect(intent?.taint?.[0]).toMatch(/^query_database \(E\d+\)$/);
    expect(taken?.idempotencyKey).toBe(intent?.idempotencyKey);
    expect(taken?.approval).toEqual(intent?.approval);
    expect(taken?.argumentsSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(done).toMatchObject({ outcome: 'ok', objectId: stack.jira.issues()[0]?.key, intent: taken?.sequence });
  });

  test('records of one session are shown in order of time', async () => {
    const [first] = await show(stack);
    const session = z.string().parse(first?.session);
    const records = await show(stack, '--session', session);
    expect(records.length).toBeGreaterThan(10);
    expect(records.map(({ time }) => time)).toEqual(records.map(({ time }) => time).toSorted());
  });

  test('no log contains a secret', () => {
    const folder = join(stateOf(), 'audit');
    const text = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('');
    const secrets = Object.entries(stack.environment).filter(([name]) => /TOKEN|PASSWORD|KEY|DATABASE_URL/.test(name));
    expect(secrets.length).toBeGreaterThan(2);
    for (const [name, value] of secrets) if (value !== undefined) expect(text.includes(value), name).toBe(false);
  });
});

test('a denied write is recorded as refused, with the reason', async () => {
  // Without the first run's ticket, so that there is a ticket to create.
  const fresh = await startSharedStack({ failed: 6 });
  try {
    await runCli(fresh, ['run', 'failed-orders', '--output', 'json']);
    const records = await show(fresh);
    const refused = records.findLast(({ writer, phase }) => writer === 'host' && phase === 'refused');
    expect(refused).toMatchObject({ outcome: 'denied', policy: { decision: 'deny', by: 'policy' } });
    expect(refused?.policy?.reasons?.join(' ')).toMatch(/no one can be asked here and no grant covers it/);
  } finally {
    await fresh.stop();
  }
});

test('a changed byte is reported and fails the command', async () => {
  const folder = join(stateOf(), 'audit');
  const file = z.string().parse(readdirSync(folder).find((name) => name.startsWith('jira-')));
  const original = readFileSync(join(folder, file), 'utf8');
  writeFileSync(join(folder, file), original.replace('create_jira_ticket', 'create_jira_tickeT'));
  const broken = await runCli(stack, ['audit', 'verify']);
  expect(broken.code).toBe(1);
  expect(broken.stdout).toMatch(/^broken +jira-.*line \d+: the hash does not match the content/m);
  writeFileSync(join(folder, file), original);
  expect((await runCli(stack, ['audit', 'verify'])).code).toBe(0);
});

test('a log truncated together with its head is detected by an anchor stored elsewhere', async () => {
  const anchor = join(stateOf(), 'anchor.json');
  writeFileSync(anchor, (await runCli(stack, ['audit', 'anchor'])).stdout);
  expect((await runCli(stack, ['audit', 'verify', '--anchor', anchor])).code).toBe(0);
  const folder = join(stateOf(), 'audit');
  const file = z.string().parse(readdirSync(folder).find((name) => name.startsWith('jira-')));
  const [log, head] = [join(folder, file), join(stateOf(), 'audit-heads', file.replace('.jsonl', '.head'))];
  const [whole, headWas] = [readFileSync(log, 'utf8'), readFileSync(head, 'utf8')];
  const lines = whole.trimEnd().split('\n').slice(0, -1);
  const last = auditRecordSchema.parse(JSON.parse(lines.at(-1) ?? ''));
  writeFileSync(log, `${lines.join('\n')}\n`);
  writeFileSync(head, JSON.stringify({ sequence: last.sequence, hash: last.hash }));
  expect((await runCli(stack, ['audit', 'verify'])).code).toBe(0);
  const found = await runCli(stack, ['audit', 'verify', '--anchor', anchor]);
  expect(found.stdout).toMatch(/^broken +jira-.*the tail was cut/m);
  expect(found.code).toBe(1);
  writeFileSync(log, whole);
  writeFileSync(head, headWas);
  const wrong = await runCli(stack, ['audit', 'verify', '--anchor', log]);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('it is not an output of `audit anchor`')]);
});

describe('an anchor sent after each run', () => {
  const ask = ['ask', 'How many orders failed today?', '--output', 'json'];

  test('goes to a command, which gets no credentials, and to a URL', async () => {
    const file = join(stateOf(), 'kept.json');
    const bodies: string[] = [];
    const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      bodies.push(await text(request));
      response.end();
    };
    const sink = createServer((request, response) => void receive(request, response));
    await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
    const address = sink.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const run = await runCli(stack, ask, {
      SWITCHBOARD_AUDIT_ANCHOR_COMMAND: `cat > '${file}' && env > '${file}.env'`,
      SWITCHBOARD_AUDIT_ANCHOR_URL: `http://127.0.0.1:${port}/hook`,
    });
    sink.close();
    expect([run.code, run.stderr]).toEqual([0, '']);
    for (const [name, value] of Object.entries(stack.secrets))
      expect(readFileSync(`${file}.env`, 'utf8').includes(value), name).toBe(false);

    const heads: unknown = JSON.parse(readFileSync(file, 'utf8'));
    expect(bodies.map((body) => JSON.parse(body) as unknown)).toEqual([
      { text: readFileSync(file, 'utf8').trim(), anchor: heads },
    ]);
    writeFileSync(`${file}.body`, bodies[0] ?? '');
    for (const anchor of [file, `${file}.body`])
      expect((await runCli(stack, ['audit', 'verify', '--anchor', anchor])).code).toBe(0);
    expect(heads).toEqual(JSON.parse((await runCli(stack, ['audit', 'anchor'])).stdout));
  });

  test('its errors are reported and do not fail the run', async () => {
    const run = await runCli(stack, ask, {
      SWITCHBOARD_AUDIT_ANCHOR_COMMAND: 'echo no space left >&2; exit 7',
      SWITCHBOARD_AUDIT_ANCHOR_URL: 'http://127.0.0.1:1/secret-path',
    });
    expect(run.code).toBe(0);
    expect(run.stderr).toContain('the audit anchor was not stored: the command ended with 7 (no space left)');
    expect(run.stderr).toContain('the audit anchor was not stored: 127.0.0.1:1 cannot be reached');
    expect(run.stderr).not.toContain('secret-path');
  });

  test('an unencrypted URL is rejected before anything is done', async () => {
    const run = await runCli(stack, ask, { SWITCHBOARD_AUDIT_ANCHOR_URL: 'http://hooks.example/x' });
    expect([run.code, run.stdout, run.stderr]).toEqual([
      78,
      '',
      'switchboard: SWITCHBOARD_AUDIT_ANCHOR_URL must be an https address\n',
    ]);
  });
});

describe('the other built-in runbooks, on a real database', () => {
  test.each(['slow-queries', 'table-growth', 'stuck-orders'])(
    '%s measures, decides, and sends nothing unrequested',
    async (name) => {
      const before = { tickets: stack.jira.issues().length, messages: stack.slack.messages('#operations').length };
      const run = await runCli(stack, ['run', name, '--output', 'json']);
      const condition = run.events.find((event) => event.type === 'condition-evaluated');
      expect(condition?.condition.explained, run.stderr).toMatch(/\S/);
      expect(['completed', 'inconclusive', 'denied']).toContain(endOf(run).reason);
      if (condition?.condition.holds === false)
        expect(run.events.some(({ type }) => type === 'usage-changed')).toBe(false);
      const after = { tickets: stack.jira.issues().length, messages: stack.slack.messages('#operations').length };
      expect(after).toEqual(before);
    },
  );
});
