import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createBudget, defaultLimits, type BudgetLimits } from '../../../src/agent/budget.ts';
import type { RunEvent } from '../../../src/agent/events.ts';
import { goOnWith, type LiveSession } from '../../../src/sessions/live-session.ts';
import { createSessionStore } from '../../../src/sessions/session-store.ts';

const started = (run: string): RunEvent => ({
  type: 'run-started',
  session: 's',
  run,
  time: '2026-11-22T09:00:00.000Z',
  model: 'claude-sonnet-5-5',
  prompt: 'Why?',
});
const used = (inputTokens: number, outputTokens: number, cost: number | undefined): RunEvent => ({
  type: 'usage-changed',
  usage: { turns: 1, toolCalls: 0, inputTokens, cacheReadTokens: 0, outputTokens, cost },
});
const finished: RunEvent = { type: 'run-finished', reason: 'completed', message: 'Done.', writeNotGranted: false };

async function reopened(events: readonly RunEvent[]): Promise<LiveSession> {
  const folder = mkdtempSync(join(tmpdir(), 'switchboard-spent-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const session = await createSessionStore(folder).create();
  for (const event of events) session.addEvent(event);
  await session.addMessage({ role: 'user', content: [{ type: 'text', text: 'Why?' }] });
  await session.close();
  const file = await createSessionStore(folder).open(session.id);
  onTestFinished(() => file.close());
  return goOnWith(file);
}

const twoRuns = [
  started('r1'),
  used(10, 5, 0.1),
  used(60, 40, 0.25),
  finished,
  // Interrupted: it has no end, but it was paid for.
  started('r2'),
  used(150, 50, 0.5),
  started('r3'),
];

function limit(limits: Partial<BudgetLimits>, { spent }: LiveSession): string | undefined {
  return createBudget({ ...defaultLimits, ...limits }, () => undefined, spent).exhausted();
}

it('the last usage of every run of a session counts against its limits, and the limit is named', async () => {
  const session = await reopened(twoRuns);
  expect(session.spent).toEqual({ tokens: 300, cost: 0.75 });
  expect(limit({ maxSessionTokens: 300 }, session)).toBe('300 tokens in one session (budget.maxSessionTokens)');
  expect(limit({ maxSessionTokens: 301 }, session)).toBeUndefined();
  expect(limit({ maxSessionCost: 0.75 }, session)).toBe('$0.75 in one session (budget.maxSessionCost)');
  expect(limit({ maxSessionCost: 0.76 }, session)).toBeUndefined();
  expect(limit({ maxTokens: 300, maxCost: 0.5 }, session)).toBeUndefined();
});

it('this run adds to what the session spent, and an unknown price does not hide known ones', async () => {
  const { spent } = await reopened([...twoRuns, used(10, 0, undefined), finished]);
  expect(spent).toEqual({ tokens: 310, cost: 0.75 });
  const budget = createBudget({ ...defaultLimits, maxSessionTokens: 330 }, () => undefined, spent);
  expect(budget.exhausted()).toBeUndefined();
  budget.addTurn({ inputTokens: 10, outputTokens: 5, cacheReadTokens: 3, cacheWriteTokens: 2 });
  expect(budget.exhausted()).toContain('budget.maxSessionTokens');
});
