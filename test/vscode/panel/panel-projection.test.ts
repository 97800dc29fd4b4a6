import { describe, expect, test } from 'vitest';
import { after, button, open, saying, usePanels } from './panel-play.ts';
import { eventually } from '../window/patience.ts';

usePanels();

describe('the projection', () => {
  test('streamed text does not touch what precedes it', async () => {
    const panel = await after(...saying('First paragraph.\n\n```sql\nSELECT 1;\n```\n\n| a |\n| - |\n| 1 |\n\nLast'));
    const { page, projection } = panel;
    await page.evaluate(`for (const node of document.querySelectorAll('.markdown *')) node.kept = true`);
    for (const text of [' words', ' and **bold', '** and\n\n- a', '\n- b\n\n1. c']) {
      await panel.post(projection.apply([{ type: 'text-delta', text }]));
    }
    const kept = `['.markdown > p', '.markdown pre', '.markdown table td'].map((part) => document.querySelector(part).kept)`;
    expect(await page.evaluate(kept)).toEqual([true, true, true]);
    expect(await page.locator('.markdown').innerText()).toMatch(/Last words and bold and\s+a\s+b\s+c/u);
  });

  test('code is highlighted when no more of it can follow', async () => {
    const panel = await after(...saying('Hello'));
    const { projection } = panel;
    const keywords = panel.page.locator('.code-keyword');
    const say = async (text: string): Promise<void> => panel.post(projection.apply([{ type: 'text-delta', text }]));
    await say('\n\n```sql\nselect 1\n');
    await panel.page.getByText('select 1').waitFor();
    expect(await keywords.count()).toBe(0);
    await say('```\n\nThat was it.\n\n```sql\nselect 2');
    await panel.page.getByText('select 2').waitFor();
    expect(await keywords.count()).toBe(1);
    await panel.post(
      projection.apply([
        { type: 'run-finished', reason: 'completed', message: '', writeNotGranted: false, code: undefined },
      ]),
    );
    await expect.poll(() => keywords.count()).toBe(2);
  });

  test('shows nothing before the host has sent the state', async () => {
    const panel = await after(...saying('Hello'));
    await panel.page.reload();
    await panel.page.waitForSelector('.composer');
    await panel.post();
    expect(await panel.page.locator('.empty, run-view').count()).toBe(0);
    await panel.post(panel.projection.snapshot());
    expect(await panel.page.locator('run-view').count()).toBe(1);
  });

  test('a message of unknown shape changes nothing', async () => {
    const panel = await after(...saying('Hello'));
    const odd = [null, 'state', [], {}, { type: 'constructor' }, { type: 'state' }, { type: 'state', state: null }];
    const more = [
      { type: 'events', events: 5, sequence: 9 },
      { type: 'events', events: [null], sequence: 3 },
    ];
    const others = ['context', 'connections', 'insert-prompt', 'notice', 'focus'].map((type) => ({ type }));
    await panel.page.evaluate(
      `for (const message of ${JSON.stringify([...odd, ...more, ...others])}) window.postMessage(message, '*')`,
    );
    await panel.post(panel.projection.apply([{ type: 'text-delta', text: ' again' }]));
    expect(await panel.page.locator('.markdown').innerText()).toBe('Hello again');
    expect(await panel.page.locator('.bar').count()).toBe(0);
    expect(await panel.sent()).toEqual([]);
  });

  test('a missed message is noticed, and the full state is requested again', async () => {
    const panel = await after(...saying('One'));
    panel.projection.apply([{ type: 'text-delta', text: ' two' }]);
    await panel.post(panel.projection.apply([{ type: 'text-delta', text: ' three' }]));
    expect(await panel.sent()).toEqual([{ type: 'ready' }]);
    await panel.post(panel.projection.snapshot());
    expect(await panel.page.locator('.markdown').innerText()).toBe('One two three');
  });

  test('a notice about a run in progress goes with the run', async () => {
    const panel = await after(...saying('Hello'));
    const message = 'A run is in progress. Stop it or wait for it to finish.';
    await panel.post({ type: 'notice', level: 'error', message, duringRun: true });
    expect(await panel.page.locator('.bar').innerText()).toContain(message);
    const end = { type: 'run-finished', reason: 'completed', message: 'Done.', writeNotGranted: false } as const;
    await panel.post(panel.projection.apply([end]));
    expect(await panel.page.locator('.bar').count()).toBe(0);
  });

  test('a running call says for how long, also to a page that opens later', async () => {
    const call = { callId: 'c', tool: 't', server: 'postgres', title: 'Query', risk: 'read', arguments: {} } as const;
    const panel = await after(...saying(''), { type: 'tool-call-proposed', ...call });
    const facts = panel.page.locator('.call-facts');
    await panel.page.evaluate('{ const now = performance.now(); performance.now = () => now }');
    await panel.post(panel.projection.apply([{ type: 'tool-call-started', callId: 'c' }]));
    expect(await facts.innerText()).toBe('');
    await panel.page.evaluate('{ const now = performance.now(); performance.now = () => now + 65_000 }');
    await eventually(() => facts.innerText()).toBe('1 min 5 s');
    expect(panel.projection.snapshot()).toHaveProperty('elapsedMs.c');
    await panel.post({ type: 'state', state: panel.projection.state(), sequence: 99, elapsedMs: { c: 12_000 } });
    await eventually(() => facts.innerText()).toBe('12 s');
    await panel.post(panel.projection.snapshot());
    const finished = { callId: 'c', outcome: 'ok', durationMs: 12_400, summary: '1 row' } as const;
    await panel.post(panel.projection.apply([{ type: 'tool-call-finished', ...finished }]));
    expect(await facts.innerText()).toBe('12.4 s');
  });

  test('a notice is shown until it is dismissed', async () => {
    const panel = await open();
    await panel.post({ type: 'notice', level: 'error', message: 'The session could not be saved: disk full.' });
    expect(await panel.page.locator('.bar').innerText()).toContain('disk full');
    await button(panel, 'Dismiss').click();
    await eventually(() => panel.page.locator('.bar').count()).toBe(0);
  });
});
