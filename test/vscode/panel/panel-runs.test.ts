import { describe, expect, test } from 'vitest';
import type { ChatEvent } from '../../../src/chat/chat-state.ts';
import { hourly } from '../../src/chat/recorded-run.ts';
import { after, button, open, usePanels } from './panel-play.ts';

usePanels();

describe('a run that stopped', () => {
  const stopped = (reason: 'budget' | 'cancelled' | 'failed', code?: string): readonly ChatEvent[] => [
    { type: 'run-started', session: 's', run: 'r7', time: '', model: 'm', prompt: 'Investigate' },
    { type: 'evidence-added', callId: 'c', evidence: hourly },
    { type: 'run-finished', reason, message: 'Found so far: E2 (Query database).', writeNotGranted: false, code },
  ];

  test.each([
    ['budget', 'Continue'],
    ['cancelled', 'Continue'],
    ['failed', 'Try Again'],
  ] as const)('by %s is resumed by the button %s', async (reason, name) => {
    const panel = await after(...stopped(reason));
    await button(panel, name).click();
    expect(await panel.sent()).toEqual([{ type: 'resume', run: 'r7' }]);
  });

  test('continues without showing its prompt again', async () => {
    const start = {
      type: 'run-started',
      session: 's',
      run: 'r8',
      time: '',
      model: 'm',
      prompt: 'Investigate',
    } as const;
    const panel = await after(...stopped('budget'), { ...start, resumed: true });
    expect(await panel.page.locator('.prompt').count()).toBe(1);
    await panel.page.getByRole('heading', { name: 'Continued' }).waitFor();
    expect(await button(panel, 'Continue').count()).toBe(0);
  });

  test('names its evidence as links', async () => {
    const panel = await after(...stopped('budget'));
    expect(await panel.page.locator('.run-end').getByRole('button', { name: 'E2', exact: true }).count()).toBe(1);
  });

  test('with an unknown outcome is not simply retried', async () => {
    const panel = await after(...stopped('failed', 'outcome_unknown'));
    expect(await panel.page.locator('.run-end').innerText()).toContain('Outcome unknown.');
    expect(await button(panel, 'Try Again').count()).toBe(0);
    await button(panel, 'Open Audit Log').click();
    expect(await panel.sent()).toEqual([{ type: 'run-command', command: 'switchboard.openAuditLog' }]);
  });
});

describe('the meter', () => {
  const forecast = { tokens: 45_000, cost: 0.12, runs: 3 };
  const start: ChatEvent = {
    type: 'run-started',
    session: 's',
    run: 'r',
    time: '',
    model: 'm',
    prompt: 'Investigate',
    runbook: { name: 'failed-orders', parameters: {} },
    forecast,
  };
  const usage = { turns: 3, toolCalls: 2, inputTokens: 40_000, cacheReadTokens: 0, outputTokens: 1_200, cost: 0.0613 };

  test('shows the forecast before a run, its usage during it, and the session afterwards', async () => {
    const panel = await after(start);
    const meter = panel.page.locator('.meter');
    const words = async (): Promise<string> => (await meter.innerText()).replaceAll(/\s+/gu, ' ');
    expect(await words()).toBe('~45k tokens · ~$0.12');
    expect(await meter.getAttribute('title')).toContain('the median of 3 runs of failed-orders');
    await panel.post(panel.projection.apply([{ type: 'usage-changed', usage }]));
    expect(await words()).toBe('41.2k of ~45k tokens · $0.06 of ~$0.12');
    await panel.post(
      panel.projection.apply([{ type: 'run-finished', reason: 'completed', message: 'Done.', writeNotGranted: false }]),
    );
    expect(await words()).toBe('41.2k tokens · $0.06');
  });

  test('a forecast is announced when the run starts', async () => {
    const { page } = await after(start);
    expect(await page.locator('[aria-live=polite]').textContent()).toBe(
      'Working on it. Estimated usage: 45k tokens, $0.12.',
    );
  });
});

describe('a new session from a message', () => {
  const start = {
    type: 'run-started',
    session: 's',
    run: 'r9',
    time: '',
    model: 'm',
    prompt: 'Why do orders fail?',
  } as const;
  const said: readonly ChatEvent[] = [
    start,
    { type: 'text-delta', text: 'The gateway.' },
    { type: 'run-finished', reason: 'completed', message: 'Done.', writeNotGranted: false },
  ];

  test('is asked for by keyboard at the prompt and at the end of the answer', async () => {
    for (const theme of ['dark', 'light', 'high-contrast'] as const) {
      const panel = await open(theme, 300);
      await panel.post(panel.projection.apply(said));
      const change = button(panel, 'Change this prompt in a new session');
      await change.focus();
      await panel.picture(`branch-${theme}`);
      await panel.page.keyboard.press('Enter');
      await button(panel, 'Go on from here in a new session').press('Enter');
      const asked = (await panel.sent()).filter(({ type }) => type !== 'ready');
      expect(asked).toEqual([
        { type: 'branch', run: 'r9', place: 'before' },
        { type: 'branch', run: 'r9', place: 'after' },
      ]);
    }
  });
});
