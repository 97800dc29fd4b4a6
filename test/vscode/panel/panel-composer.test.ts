import { describe, expect, test } from 'vitest';
import type { HostMessage } from '../../../src/chat/messages.ts';
import { after, button, chips, composer, open, saying, usePanels } from './panel-play.ts';
import { eventually } from '../window/patience.ts';

usePanels();

const connections: HostMessage = {
  type: 'connections',
  model: { label: 'Claude Opus 5.5', state: 'untested', detail: 'Claude Opus 5.5' },
  servers: [
    { id: 'postgres', title: 'PostgreSQL', state: 'ready', detail: 'shop on db.internal' },
    { id: 'jira', title: 'Jira', state: 'failed', detail: 'the token was refused' },
    { id: 'slack', title: 'Slack', state: 'not-configured', detail: '' },
  ],
};

describe('the composer', () => {
  test('Enter sends with the suggested context, Shift+Enter is a new line, an empty prompt is not sent', async () => {
    const panel = await open();
    await panel.post({ type: 'context', chips });
    await panel.sent();
    await composer(panel).press('Enter');
    await composer(panel).pressSequentially('Why?');
    await composer(panel).press('Shift+Enter');
    await composer(panel).pressSequentially('Since when?');
    await composer(panel).press('Enter');
    expect(await panel.sent()).toEqual([{ type: 'send', text: 'Why?\nSince when?', chips: ['selection'] }]);
    expect(await composer(panel).inputValue()).toBe('');
  });

  test('context is attached and removed by its chip', async () => {
    const panel = await open();
    await panel.post({ type: 'context', chips });
    await panel.sent();
    await panel.page.getByRole('button', { name: 'tax.ts:38-44' }).click();
    await panel.page.getByRole('button', { name: '3 problems' }).click();
    await composer(panel).fill('Look');
    await composer(panel).press('Enter');
    expect(await panel.sent()).toEqual([{ type: 'send', text: 'Look', chips: ['problems'] }]);
  });

  test('Escape and the button stop a run; during a run nothing is sent', async () => {
    const panel = await after(...saying('Working'));
    await composer(panel).fill('And then?');
    await composer(panel).press('Enter');
    expect(await panel.page.locator('.composer').innerText()).toContain(
      'A run is in progress. Press Escape to stop it.',
    );
    await composer(panel).press('Escape');
    await button(panel, 'Stop').click();
    expect(await panel.sent()).toEqual([{ type: 'stop' }, { type: 'stop' }]);
    expect(await composer(panel).inputValue()).toBe('And then?');
  });

  test('takes the focus and the prompt that come before it is drawn', async () => {
    const panel = await open();
    await panel.page.evaluate(() => {
      const frames: FrameRequestCallback[] = [];
      const draw = window.requestAnimationFrame;
      window.requestAnimationFrame = (callback) => frames.push(callback);
      document.querySelector('switchboard-chat')?.replaceWith(document.createElement('switchboard-chat'));
      window.postMessage({ type: 'insert-prompt', text: 'Why?' }, '*');
      window.postMessage({ type: 'focus', target: 'composer' }, '*');
      window.addEventListener('message', function later({ data }: MessageEvent<unknown>) {
        if (data !== 'heard') return;
        window.removeEventListener('message', later);
        window.requestAnimationFrame = draw;
        for (const frame of frames) draw(frame);
      });
      window.postMessage('heard', '*');
    });
    await panel.page.locator('textarea:focus').waitFor();
    await eventually(() => composer(panel).inputValue()).toBe('Why?');
  });

  test('a draft survives a reload, and text added by the host waits to be sent', async () => {
    const panel = await open();
    await composer(panel).fill('Half a thought');
    await panel.page.reload();
    await eventually(() => composer(panel).inputValue()).toBe('Half a thought');
    await panel.post({ type: 'insert-prompt', text: 'Look at this selection' });
    expect(await composer(panel).inputValue()).toBe('Half a thought\nLook at this selection');
    expect(await panel.sent()).toEqual([{ type: 'ready' }]);
  });

  test('the runbooks and connections of an empty chat are clickable', async () => {
    const panel = await open();
    await panel.post(connections);
    await panel.sent();
    for (const name of [/^Investigate Failed Orders/u, /^File Jira Bug/u, /^Set Up Conn/u, /^Test Conn/u]) {
      await panel.page.getByRole('button', { name }).click();
    }
    expect(await panel.sent()).toEqual(
      ['investigateFailedOrders', 'fileJiraBugFromSelection', 'setUpConnections', 'testConnections'].map((name) => ({
        type: 'run-command',
        command: `switchboard.${name}`,
      })),
    );
    await panel.page.getByRole('button', { name: /^Ask About Live Data/u }).click();
    expect(await composer(panel).inputValue()).toContain('stuck');
  });
});
