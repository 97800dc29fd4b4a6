import * as z from 'zod';
import type { Scene } from '../../vscode/window/scene.ts';
import { printTimes, send } from './send.ts';

const questions = 30;
const startSchema = z.array(z.object({ key: z.number(), bubble: z.number(), end: z.number() }));

/** From the key Enter to the bubble, to the request at the model, and to the end of a run whose model answers at once. */
export async function measureStarts(given: Scene): Promise<void> {
  const { window, stack } = given;
  const requested: number[] = [];
  stack.claude?.play(() => {
    requested.push(performance.timeOrigin + performance.now());
    return { text: 'Answered.' };
  });
  await window.openChat();
  await window.chat.locator(':root').evaluate(`(${watch})()`);
  for (let question = 1; question <= questions; question += 1) {
    await send(given, `Question ${question}`);
    await window.runEnds(question);
  }
  const all = startSchema.parse(await window.chat.locator(':root').evaluate('window.starts'));
  // The first one starts the servers.
  const starts = all.slice(1);
  const requests = requested.slice(-starts.length);
  printTimes(
    'Enter to the bubble on the screen',
    starts.map(({ key, bubble }) => bubble - key),
  );
  printTimes(
    'Enter to the request at the model',
    starts.map(({ key }, index) => (requests[index] ?? Number.NaN) - key),
  );
  printTimes(
    'Enter to the end of the run on the screen',
    starts.map(({ key, end }) => end - key),
  );
}

/** Runs in the chat's document. Times are in milliseconds since 1970, so that they compare with the test's. */
const watch = `() => {
  window.starts = [];
  const now = () => performance.timeOrigin + performance.now();
  const count = (css) => document.querySelectorAll(css).length;
  addEventListener('keydown', ({ key, timeStamp }) => {
    if (key === 'Enter')
      window.starts.push({ key: performance.timeOrigin + timeStamp, bubbles: count('.prompt'), ends: count('.run-end') });
  }, true);
  const painted = (start, name) => requestAnimationFrame(() => setTimeout(() => { start[name] ??= now(); }));
  new MutationObserver(() => {
    const start = window.starts.at(-1);
    if (start === undefined) return;
    if (start.bubble === undefined && count('.prompt') > start.bubbles) painted(start, 'bubble');
    if (start.end === undefined && count('.run-end') > start.ends) painted(start, 'end');
  }).observe(document, { subtree: true, childList: true });
}`;
