import * as z from 'zod';
import type { Scene } from '../../vscode/window/scene.ts';
import { printTimes, send } from './send.ts';

const paragraph =
  'The orders of this hour fail for the **same** reason as those of the hour before: `GATEWAY_TIMEOUT`.';
const answer = Array.from({ length: 500 }, (_, index) => `${index + 1}. ${paragraph}`).join('\n');
const keys = 240;

/** Key to paint in the composer while a long answer streams, by the browser's own event timing (steps of 8 ms). */
export async function measureKeys(given: Scene): Promise<void> {
  const { window, stack } = given;
  stack.claude?.play(() => ({ text: answer }));
  await window.openChat();
  await send(given, 'Explain at length');
  await window.chat.locator('li').nth(20).waitFor();
  await window.chat.locator(':root').evaluate(`(${watch})()`);
  await window.chat.getByLabel('Ask Switchboard').focus();
  for (let key = 0; key < keys; key += 1) await window.page.keyboard.press('a', { delay: 10 });
  const isStreaming = await window.chat.getByRole('button', { name: 'Stop' }).isVisible();
  const times = z.array(z.number()).parse(await window.chat.locator(':root').evaluate('window.keyTimes()'));
  const shown = await window.chat.locator('li').count();
  process.stdout.write(`${answer.length} characters; ${shown} of 500 items shown after the last key; `);
  process.stdout.write(`${isStreaming ? 'still streaming' : 'the answer had ended'}\n`);
  printTimes('key to paint', times);
}

/** Events under 16 ms are not reported one by one; they count as 16. */
const watch = `() => {
  let pressed = 0;
  addEventListener('keydown', () => { pressed += 1; }, true);
  const durations = [];
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) if (name === 'keydown') durations.push(duration);
  }).observe({ type: 'event', durationThreshold: 16 });
  window.keyTimes = () => new Promise((done) => setTimeout(
    () => done([...durations, ...Array.from({ length: Math.max(0, pressed - durations.length) }, () => 16)]), 500));
}`;
