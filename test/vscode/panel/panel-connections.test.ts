import { describe, expect, test } from 'vitest';
import type { HostMessage, ModelStatus, ServerStatus } from '../../../src/chat/messages.ts';
import { button, open, usePanels } from './panel-play.ts';

usePanels();

const reason = 'The password for reader was not accepted. Check the password.';

function connections(model: ModelStatus['state'], postgres: ServerStatus['state']): HostMessage {
  return {
    type: 'connections',
    model: { label: 'Claude Opus 5.5', state: model, detail: model === 'failed' ? reason : 'Claude Opus 5.5' },
    servers: [
      { id: 'postgres', title: 'PostgreSQL', state: postgres, detail: postgres === 'failed' ? reason : 'shop' },
    ],
  };
}

describe('the connections of an empty chat', () => {
  test.each([
    ['what has been reached is green', 'ready', 'ready', ['good', 'good']],
    ['what has only started is not', 'untested', 'starting', ['muted', 'codicon-modifier-spin']],
    ['what failed is red', 'failed', 'failed', ['error', 'error']],
  ] as const)('%s', async (name, model, postgres, tones) => {
    const panel = await open('light', 400);
    await panel.post(connections(model, postgres));
    const icons = await panel.page.locator('.connections li .codicon').all();
    const classes = await Promise.all(icons.map((icon) => icon.getAttribute('class')));
    expect(classes.map((names) => names?.trim().split(' ').at(-1))).toEqual(tones);
    await panel.picture(`connections-${name.replaceAll(' ', '-')}`);
  });

  test('what failed says why, and Change leads to its questions', async () => {
    const panel = await open();
    await panel.post(connections('failed', 'failed'));
    expect(await panel.page.locator('.connections li').allInnerTexts()).toEqual([
      expect.stringContaining(reason),
      expect.stringContaining(reason),
    ]);
    for (const each of await button(panel, 'Change').all()) await each.click();
    expect((await panel.sent()).filter(({ type }) => type !== 'ready')).toEqual([
      { type: 'set-up', system: 'claude' },
      { type: 'set-up', system: 'postgres' },
    ]);
  });
});
