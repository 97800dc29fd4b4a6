import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { startClaude } from '../stack/claude/start-claude.ts';
import { finished, type Finished } from '../stack/command-line.ts';
import { descendantsOf, isAlive, until } from './harness.ts';

const demo = fileURLToPath(new URL('../stack/demo.ts', import.meta.url));

const finalSchema = z.strictObject({
  type: z.literal('demo-finished'),
  failedOrders: z.int(),
  ticket: z.string().nullable(),
  ticketUrl: z.string().nullable(),
  message: z.string().nullable(),
  messageUrl: z.string().nullable(),
});

const eventSchema = z.looseObject({ type: z.string() });

function startDemo(parameters: readonly string[], anthropic: Readonly<Record<string, string>> = {}) {
  const { ANTHROPIC_API_KEY: _, ANTHROPIC_BASE_URL: __, ...environment } = process.env;
  const env = { ...environment, ...anthropic };
  return spawn(process.execPath, [demo, ...parameters], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function runDemo(
  parameters: readonly string[],
): Promise<Finished & { events: z.infer<typeof eventSchema>[]; final: z.infer<typeof finalSchema> }> {
  const ended = await finished(startDemo([...parameters, '--output', 'json']));
  const lines = ended.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  return { ...ended, events: lines.map((line) => eventSchema.parse(line)), final: finalSchema.parse(lines.at(-1)) };
}

test('finds the burst, creates one ticket and posts one message', async () => {
  const { code, events, final, stderr } = await runDemo([]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('Error') as unknown });
  expect(final).toMatchObject({ failedOrders: 47, ticket: expect.stringMatching(/^ENG-\d+$/) as unknown });
  expect(final.ticketUrl).toMatch(new RegExp(`/browse/${final.ticket}$`));
  expect(final.message).toMatch(/^#operations\/\d+\.\d+$/);
  expect(events.at(-2)).toMatchObject({ type: 'run-finished', reason: 'completed' });
  const writes = events.filter(({ type, link }) => type === 'tool-call-finished' && link !== undefined);
  expect(writes).toHaveLength(2);
  const denied = events.filter(({ type, decision }) => type === 'approval-resolved' && decision === 'denied');
  expect(denied).toEqual([]);
});

test('five failures are not more than five: nothing is created or posted, and the model is not asked', async () => {
  const { code, events, final } = await runDemo(['--failed', '5']);
  expect(code).toBe(0);
  expect(final).toEqual({
    type: 'demo-finished',
    failedOrders: 5,
    ticket: null,
    ticketUrl: null,
    message: null,
    messageUrl: null,
  });
  expect(events.some(({ type }) => type === 'usage-changed')).toBe(false);
});

test('six are; --keep runs until interrupted and leaves no process behind', async () => {
  const child = startDemo(['--failed', '6', '--keep', '--output', 'json']);
  let output = '';
  child.stdout.on('data', (part: Buffer) => (output += part.toString()));
  const ended = finished(child);
  const last = await until('the last line', () => /^\{"type":"demo-finished".*$/m.exec(output)?.[0]);
  const final = finalSchema.parse(JSON.parse(last));
  expect(final).toMatchObject({ failedOrders: 6, ticket: expect.stringMatching(/^ENG-/) as unknown });
  expect(output.match(/"link":/g)).toHaveLength(2);
  const ticket = await fetch(final.ticketUrl ?? '');
  expect(await ticket.text()).toContain('6 orders failed');
  const channel = await fetch(final.messageUrl ?? '');
  expect(await channel.text()).toContain(final.ticket);

  const below = descendantsOf(child.pid ?? 0).map(({ pid }) => pid);
  expect(below).not.toEqual([]);
  child.kill('SIGINT');
  const { code } = await ended;
  expect(code).toBe(0);
  await until('every process to end', () => (below.some(isAlive) ? undefined : true));
});

test('with ANTHROPIC_API_KEY set, that API does the work', async () => {
  const apiKey = 'sk-ant-of-somebody';
  const api = await startClaude({ apiKey, script: () => ({ text: 'Inconclusive: I have not looked.' }) });
  try {
    const anthropic = { ANTHROPIC_API_KEY: apiKey, ANTHROPIC_BASE_URL: api.url, SWITCHBOARD_MODEL: 'claude-opus-5-5' };
    const { code, stdout } = await finished(startDemo(['--failed', '6'], anthropic));
    expect(code).toBe(0);
    expect(stdout).toContain('Inconclusive: I have not looked.');
    expect(stdout).not.toContain('stand-in for Claude');
    expect(stdout).toContain('Nothing was filed or posted.');
    expect(api.requests().map(({ body }) => body)).toMatchObject([{ model: 'claude-opus-5-5' }]);
  } finally {
    await api.stop();
  }
});

test('an interrupted demo says so and ends everything', async () => {
  const child = startDemo(['--output', 'json']);
  let output = '';
  child.stdout.on('data', (part: Buffer) => (output += part.toString()));
  const ended = finished(child);
  await until('the run to begin', () => (output.includes('"type":"evidence-added"') ? true : undefined));
  const below = descendantsOf(child.pid ?? 0).map(({ pid }) => pid);
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  await until('every process to end', () => (below.some(isAlive) ? undefined : true));
});

test.each([
  [['--failed', 'many'], /--failed must be a whole number from 0 to 100000, not 'many'/],
  [['--failed=-1'], /--failed must be .*, not '-1'/],
  [['--failed='], /--failed must be .*, not ''/],
  [['--output', 'xml'], /--output must be text or json, not 'xml'/],
  [['--fast'], /--fast/],
])('%j is rejected with one line and the usage', async (parameters, complaint) => {
  const { code, stdout, stderr } = await finished(startDemo(parameters));
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(complaint);
  expect(stderr).not.toMatch(/\n\s+at /);
});
