import { describe, expect, test } from 'vitest';
import type { ChatEvent, QuestionView } from '../../../src/chat/chat-state.ts';
import type { Image } from '../../../src/agent/tools.ts';
import { after, button, saying, usePanels } from './panel-play.ts';

usePanels();

const field = { description: '', required: false, format: undefined, minimum: undefined, maximum: undefined };
const form: QuestionView = {
  kind: 'form',
  id: 'q1',
  server: 'Shop',
  message: 'Where to?\n<b>Now</b>',
  problem: undefined,
  fields: [
    { ...field, name: 'city', title: 'City', kind: 'text', required: true, options: [], initial: '', hint: 'required' },
    { ...field, name: 'seats', title: 'Seats', kind: 'integer', options: [], initial: '2', hint: 'a whole number' },
    {
      ...field,
      name: 'class',
      title: 'Class',
      kind: 'choice',
      required: true,
      options: [
        { value: '1', label: 'First' },
        { value: '2', label: 'Second' },
      ],
      initial: '2',
      hint: '',
    },
    {
      ...field,
      name: 'extras',
      title: 'Extras',
      kind: 'choices',
      options: [
        { value: 'sea', label: 'Sea view' },
        { value: 'bed', label: 'Bed' },
      ],
      initial: 'bed',
      hint: '',
    },
  ],
};
const page: QuestionView = {
  kind: 'url',
  id: 'q2',
  server: 'Shop',
  message: 'Pay here',
  url: 'https://pay.example.com/1',
  host: 'pay.example.com',
  problem: undefined,
};

function asking(question: QuestionView): readonly ChatEvent[] {
  return [...saying('I book.'), { type: 'server-asked', question }];
}

describe('a question of a third-party server', () => {
  test("is a form with the server's defaults, and is sent as filled in", async () => {
    const panel = await after(...asking(form));
    await panel.page.locator('.question.card:focus').waitFor();
    for (const key of ['Enter', 'Space', 'Escape']) await panel.page.keyboard.press(key);
    expect(await panel.sent()).toEqual([]);
    await panel.page.getByRole('textbox', { name: 'City' }).fill('Bonn');
    await panel.page.getByRole('checkbox', { name: 'Sea view' }).check();
    await panel.picture('question-form');
    await panel.page.getByRole('textbox', { name: 'City' }).press('Control+Enter');
    expect(await panel.sent()).toEqual([
      {
        type: 'answer-question',
        id: 'q1',
        action: 'accept',
        typed: { city: 'Bonn', seats: '2', class: '2', extras: ['bed', 'sea'] },
      },
    ]);
    // An answer that the host rejects can be corrected: the input is still there.
    const problem = 'City: Enter at least 5 characters.';
    await panel.post(panel.projection.apply([{ type: 'server-asked', question: { ...form, problem } }]));
    await panel.page.getByRole('alert').getByText(problem).waitFor();
    expect(await panel.page.getByRole('textbox', { name: 'City' }).inputValue()).toBe('Bonn');
    await panel.post(panel.projection.apply([{ type: 'server-answered', id: 'q1' }]));
    expect(await panel.page.locator('.question').count()).toBe(0);
  });

  test('names the host of a page, and opens it only by its button', async () => {
    const panel = await after(...asking(page));
    expect(await panel.page.locator('.question').innerText()).toContain('https://pay.example.com/1');
    await panel.picture('question-page');
    await button(panel, 'Open pay.example.com').click();
    expect(await panel.sent()).toEqual([{ type: 'answer-question', id: 'q2', action: 'accept' }]);
    expect(panel.requests()).toEqual([]);
  });

  test.each([
    ['Decline', 'decline'],
    ['Dismiss', 'cancel'],
  ])('%s sends nothing of the form', async (name, action) => {
    const panel = await after(...asking(form));
    await button(panel, name).click();
    expect(await panel.sent()).toEqual([{ type: 'answer-question', id: 'q1', action }]);
  });

  test('is announced immediately, and gone when its run has ended', async () => {
    const panel = await after(...asking(form));
    expect(await panel.page.locator('[aria-live=assertive]').textContent()).toBe('Shop asks a question.');
    const end = { type: 'run-finished', reason: 'cancelled', message: '', writeNotGranted: false } as const;
    await panel.post(panel.projection.apply([end]));
    expect(await panel.page.locator('.question').count()).toBe(0);
  });
});

describe('images that a tool returned', () => {
  const data = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  const png: Image = { mediaType: 'image/png', data };

  function returning(images: readonly Image[]): readonly ChatEvent[] {
    const call = { callId: 'c', tool: 'far__shot', server: 'far', title: 'Screenshot' } as const;
    return [
      ...saying('I look.'),
      { type: 'tool-call-proposed', ...call, risk: 'read', arguments: {} },
      { type: 'tool-call-finished', callId: 'c', outcome: 'ok', durationMs: 1, summary: 'done', images },
    ];
  }

  test('are shown under the call, with words for those who cannot see them', async () => {
    const panel = await after(...returning([png, { ...png, data: 'not base64!' }, png]));
    const images = panel.page.locator('.call-images img');
    expect(await images.evaluateAll((all) => all.map((image) => image.getAttribute('alt')))).toEqual([
      'Image 1 of 2 returned by Screenshot',
      'Image 2 of 2 returned by Screenshot',
    ]);
    await panel.page.waitForFunction(
      "[...document.querySelectorAll('.call-images img')].every((image) => image.complete && image.naturalWidth === 1)",
    );
  });
});
