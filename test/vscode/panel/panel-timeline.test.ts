import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from 'vitest';
import type { Timeline } from '../../../src/chat/timeline.ts';
import { open, saying, usePanels } from './panel-play.ts';

usePanels();

const timeline: Timeline = {
  totalMs: 62_000,
  leftOut: 2,
  segments: [
    { kind: 'model', label: 'Turn 1', startMs: 0, durationMs: 9000, cost: 0.02, tokens: 12_000 },
    { kind: 'retry', label: 'The Anthropic API is overloaded', startMs: 2000, durationMs: 4000 },
    { kind: 'call', label: 'Query the database', startMs: 9000, durationMs: 480 },
    { kind: 'call', label: 'Search code', startMs: 9000, durationMs: 2300, failed: true },
    { kind: 'model', label: 'Turn 2', startMs: 11_300, durationMs: 12_000, cost: 0.03, tokens: 15_000 },
    { kind: 'person', label: 'Create Jira ticket', startMs: 23_300, durationMs: 38_000 },
    { kind: 'call', label: 'Create Jira ticket', startMs: 61_300, durationMs: 700 },
  ],
};

test('the timeline of a run says where time and money went, and is asked for when it is opened', async () => {
  const themes = process.env['PICTURES'] === '1' ? (['dark', 'high-contrast', 'light'] as const) : ['light' as const];
  for (const theme of themes) {
    const panel = await open(theme, 300);
    const end = { type: 'run-finished', reason: 'completed', message: 'Done.', writeNotGranted: false } as const;
    await panel.post(panel.projection.apply([...saying('Fixed.'), end]));
    await panel.sent();
    await panel.page.getByText('Timeline').click();
    expect(await panel.sent()).toEqual([{ type: 'show-timeline', run: 'r' }]);
    await panel.post({ type: 'timeline', run: 'other', timeline: { ...timeline, segments: [] } });
    await panel.post({ type: 'timeline', run: 'r', timeline });
    const table = panel.page.getByRole('table', { name: 'Timeline of the run' });
    expect(await table.getByRole('row').count()).toBe(timeline.segments.length + 1);
    expect(await panel.page.locator('.timeline').innerText()).toContain(
      '1 min 2 s · Model 21 s · Calls 3.5 s · Waiting for you 38 s · Waiting for the model 4 s · $0.05',
    );
    expect(await table.evaluate((each) => each.scrollWidth <= each.clientWidth)).toBe(true);
    await panel.picture(`timeline-${theme}`);
    if (theme !== 'light') continue;
    const { violations } = await new AxeBuilder({ page: panel.page }).include('.timeline').analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  }
});
