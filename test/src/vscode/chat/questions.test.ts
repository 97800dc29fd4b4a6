import { expect, it } from 'vitest';
import { readServerQuestion } from '../../../../src/agent/server-form.ts';
import type { ServerQuestion } from '../../../../src/agent/server-question.ts';
import { emptyChat, waitingCards, type ChatEvent } from '../../../../src/chat/chat-state.ts';
import { reduce } from '../../../../src/chat/reduce.ts';
import { createQuestions } from '../../../../src/vscode/chat/questions.ts';

function questionOf(params: unknown): ServerQuestion {
  const question = readServerQuestion('Shop', params);
  if (question === undefined) throw new Error('no question');
  return question;
}

const form = questionOf({
  message: 'Where to?',
  requestedSchema: {
    type: 'object',
    properties: {
      city: { type: 'string', minLength: 2 },
      seats: { type: 'integer', default: 2 },
      extras: { type: 'array', items: { enum: ['sea view', 'a, b'] } },
    },
    required: ['city'],
  },
});
const page = questionOf({ mode: 'url', message: 'Pay', url: 'https://pay.example.com/1', elicitationId: 'e' });

function start(opens = true) {
  let state = emptyChat;
  const opened: string[] = [];
  const questions = createQuestions({
    push: (event: ChatEvent) => {
      state = reduce(state, event);
    },
    onAsked: () => {},
    open: async (url) => {
      opened.push(url);
      return opens;
    },
  });
  const cancel = new AbortController();
  return { questions, cancel, opened, state: () => state, id: () => state.questions[0]?.id ?? '' };
}

it('a form is shown until it is filled in right', async () => {
  const { questions, cancel, state, id } = start();
  const reply = questions.ask(form, cancel.signal);
  expect(state().questions).toMatchObject([
    { kind: 'form', problem: undefined, fields: [{ hint: 'required' }, {}, {}] },
  ]);
  const asked = id();
  const typed = { city: 'B', seats: '3', extras: ['a, b'] };
  expect(await questions.answer({ type: 'answer-question', id: asked, action: 'accept', typed })).toBe(true);
  expect(state().questions).toMatchObject([{ id: asked, problem: 'city: Enter at least 2 characters.' }]);
  await questions.answer({ type: 'answer-question', id: asked, action: 'accept', typed: { ...typed, city: 'Bonn' } });
  expect(await reply).toEqual({ action: 'accept', content: { city: 'Bonn', seats: 3, extras: ['a, b'] } });
  expect(state().questions).toEqual([]);
  expect(await questions.answer({ type: 'answer-question', id: asked, action: 'accept', typed })).toBe(false);
});

it.each([
  [true, 'accept'],
  [false, 'cancel'],
] as const)('a page is opened only when the person says so (and it opens: %s)', async (opens, action) => {
  const { questions, cancel, opened, id } = start(opens);
  const reply = questions.ask(page, cancel.signal);
  expect(opened).toEqual([]);
  await questions.answer({ type: 'answer-question', id: id(), action: 'accept' });
  expect(opened).toEqual(['https://pay.example.com/1']);
  expect(await reply).toEqual({ action });
});

it.each(['decline', 'cancel'] as const)('%s is passed on, and opens nothing', async (action) => {
  const { questions, cancel, opened, id } = start();
  const reply = questions.ask(page, cancel.signal);
  await questions.answer({ type: 'answer-question', id: id(), action });
  expect(await reply).toEqual({ action });
  expect(opened).toEqual([]);
});

it('a question goes with the call that it belongs to', async () => {
  const { questions, cancel, state } = start();
  const first = questions.ask(form, cancel.signal);
  const second = questions.ask(page, new AbortController().signal);
  expect(waitingCards(state())).toHaveLength(2);
  cancel.abort();
  expect(await first).toEqual({ action: 'cancel' });
  expect(state().questions).toMatchObject([{ kind: 'url' }]);
  expect(await questions.ask(form, cancel.signal)).toEqual({ action: 'cancel' });
  expect(state().questions).toHaveLength(1);
  void second;
});
