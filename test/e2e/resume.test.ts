import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/agent/events.ts';
import { distFolder, startCli } from '../stack/command-line.ts';
import type { Stack } from '../stack/stack.ts';
import { descendantsOf, endOf, optionsFor, runCli, until, startSharedStack } from './harness.ts';

let stack: Stack;
beforeAll(async () => {});
beforeEach(async () => {
  stack = await startSharedStack({ failed: 12 });
});
afterEach(() => stack.stop());

/** Kills only the host, with a signal it cannot catch. */
async function killAt(when: (event: RunEvent) => boolean): Promise<void> {
  const child = startCli(['run', 'failed-orders', '--accept-grants', '--output', 'json'], optionsFor(stack));
  let text = '';
  child.stdout?.on('data', (part: Buffer) => {
    text += part.toString();
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const events = whole.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as RunEvent] : []));
    if (events.some(when)) child.kill('SIGKILL');
  });
  await gone(child);
}

function gone(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('close', () => resolve());
  });
}

function session(): string {
  const [file] = readdirSync(join(stack.stateFolder, 'sessions')).filter((name) => name.endsWith('.jsonl'));
  if (file === undefined) throw new Error('no session was kept');
  return file.slice(0, -'.jsonl'.length);
}

async function resumeAndCheck(): Promise<void> {
  const resumed = await runCli(stack, ['resume', session(), '--accept-grants', '--output', 'json']);
  expect(endOf(resumed)).toMatchObject({ reason: 'completed', writeNotGranted: false });
  expect(stack.jira.issues()).toHaveLength(1);
  expect(stack.slack.messages('#operations')).toHaveLength(1);
  const verified = await runCli(stack, ['audit', 'verify']);
  expect(verified.code, verified.stdout).toBe(0);
  const again = await runCli(stack, ['resume', session()]);
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('was not interrupted');
}

const proposed = (tool: string) => (event: RunEvent) => event.type === 'tool-call-proposed' && event.tool === tool;

describe('a host that is killed', () => {
  it('when a write was only proposed: it is made once, after the resume', async () => {
    await killAt(proposed('create_jira_ticket'));
    await resumeAndCheck();
  });

  it('when the ticket was stored without a response: there is one ticket in the end', async () => {
    stack.jira.misbehave({ on: /^POST \/rest\/api\/3\/issue$/, does: { kind: 'hang-after' } });
    const child = startCli(['run', 'failed-orders', '--accept-grants', '--output', 'json'], optionsFor(stack));
    await until('the create reaches Jira', () => (stack.jira.issues().length > 0 ? true : undefined));
    child.kill('SIGKILL');
    await gone(child);
    await resumeAndCheck();
  });

  it('when the ticket was confirmed: only the message is left to do', async () => {
    await killAt((event) => event.type === 'tool-call-finished' && event.summary.startsWith('ENG-'));
    await resumeAndCheck();
  });

  it('when the message was sent: nothing is posted twice', async () => {
    await killAt((event) => event.type === 'tool-call-finished' && event.summary.startsWith('posted'));
    await resumeAndCheck();
  });

  it('while an approval waits at a terminal: the question is asked again, and nothing was sent', async () => {
    const { environment, cwd } = optionsFor(stack);
    const command = `exec '${process.execPath}' '${distFolder}cli.cjs' run failed-orders`;
    const terminal = spawn('script', ['-qfec', command, '/dev/null'], {
      cwd,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TERM: 'xterm', ...environment },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let shown = '';
    terminal.stdout.on('data', (part: Buffer) => (shown += part.toString()));
    await until('the question', () => (shown.includes('Send it?') ? true : undefined));
    for (const { pid, command: line } of descendantsOf(terminal.pid ?? 0)) {
      if (line.includes('cli.cjs')) process.kill(pid, 'SIGKILL');
    }
    await gone(terminal);
    expect(stack.jira.issues()).toHaveLength(0);
    await resumeAndCheck();
  });
});
