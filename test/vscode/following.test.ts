import { describe, expect } from 'vitest';
import { eventually } from './window/patience.ts';
import { write } from './window/quick-input.ts';
import { scene, type Scene } from './window/scene.ts';

// A long answer is followed to its end, and a reader's place further up is kept.

const paragraph =
  'The orders of this hour fail for the same reason as those of the hour before, and nobody has seen it.';
const longText = Array.from({ length: 30 }, (_, index) => `${index + 1}. ${paragraph}`).join('\n\n');

const answers = 20;

/** Distance from the end, in pixels. */
async function below({ window }: Scene): Promise<number> {
  return window.chat
    .locator('.transcript')
    .evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight);
}

async function place({ window }: Scene): Promise<number> {
  return window.chat.locator('.transcript').evaluate(({ scrollTop }) => scrollTop);
}

/** Scrolls up until the view has moved and stopped. */
async function scrollUp(given: Scene): Promise<number> {
  const before = await place(given);
  await given.window.chat.locator('.transcript').hover();
  await given.window.page.mouse.wheel(0, -500);
  await eventually(() => place(given)).toBeLessThan(before - 400);
  let last = await place(given);
  await eventually(async () => {
    const [earlier, now] = [last, await place(given)];
    last = now;
    return now - earlier;
  }).toBe(0);
  return last;
}

/** Each answer is long text, a call, long text again, and, once `open` is called, more long text. */
function playLongAnswers({ stack }: Scene): () => void {
  let open: () => void = () => undefined;
  stack.claude?.play(async ({ exchanges, find }) => {
    const call = { name: find('list_tables') ?? find('query_database') ?? 'none', input: {} };
    if (exchanges.length === 0) return { text: longText, calls: [call] };
    if (exchanges.length === 1) return { text: longText, calls: [call] };
    await new Promise<void>((resolve) => {
      open = resolve;
    });
    return { text: `${longText}\n\nThis is the end.` };
  });
  return () => open();
}

describe('the view', () => {
  scene(
    `follows ${answers} long answers of ${answers}, and keeps the place in ${answers} of ${answers}`,
    { connected: true },
    async (given) => {
      const { window } = given;
      await window.openChat();
      // With motion, scrolling takes time.
      await window.page.emulateMedia({ reducedMotion: 'no-preference' });
      const goOn = playLongAnswers(given);
      let [followed, kept] = [0, 0];
      for (let answer = 1; answer <= answers; answer += 1) {
        const composer = window.chat.getByLabel('Ask Switchboard');
        await write(composer, `Question ${answer}`);
        await composer.press('Enter');
        await window.chat
          .locator('run-view')
          .nth(answer - 1)
          .locator('tool-call .call.failed, tool-call .call.ok')
          .nth(1)
          .waitFor();
        await window.chat.getByText('Working…').waitFor();
        if ((await below(given)) < 2) followed += 1;
        const read = await scrollUp(given);
        goOn();
        await window.runEnds(answer);
        if ((await place(given)) === read) kept += 1;
      }
      expect({ followed, kept }).toEqual({ followed: answers, kept: answers });
      // The button back says how much is new.
      await window.screenshot('newest');
      await window.chat.getByRole('button', { name: /^Newest \(\d+ new\)$/u }).click();
      await eventually(() => below(given)).toBeLessThan(2);
      await window.screenshot('pinned-prompt');
      expect(await window.chat.locator('.pin').last().innerText()).toContain(`Question ${answers}`);
    },
  );
});
