import { expect, it } from 'vitest';
import type { CallOptions } from '../../../../src/agent/tools.ts';
import { playRun, specOf } from '../scripted.ts';

const third = { ...specOf('ask', 'travel', 'read'), trusted: false };

function run(allowSampling: boolean, limits = {}) {
  const answers: unknown[] = [];
  const call = async (_input: unknown, { forServer }: CallOptions) => {
    const request = { system: 'S', messages: [{ role: 'user', text: 'Which colour?' }], maxTokens: 9 } as const;
    answers.push(await forServer?.sample?.(request));
    return { kind: 'result', text: 'ok', structured: undefined } as const;
  };
  const played = playRun({
    tools: [{ spec: third, call }],
    limits,
    allowSampling,
    ask: () => ({ kind: 'approve', scope: 'once' }),
    play: (request, turn) => {
      if (request.tools.length === 0) return { text: 'Blue.' };
      return turn === 1 ? { text: 'A secret.', calls: [{ name: 'travel__ask' }] } : { text: 'Done.' };
    },
  });
  return played.then((result) => ({ ...result, answers }));
}

it('a server may ask the model if allowed, outside the session and within the budget', async () => {
  const { answers, model, events, end } = await run(true);
  expect(end.reason).toBe('completed');
  expect(answers).toEqual([{ kind: 'text', text: 'Blue.', model: 'scripted', cut: false }]);
  expect(model.requests[1]).toMatchObject({ system: 'S', tools: [], maxTokens: 9 });
  expect(JSON.stringify(model.requests[1]?.messages)).not.toContain('secret');
  expect(events.findLast((event) => event.type === 'usage-changed')).toMatchObject({ usage: { turns: 3 } });
});

it('it may not if disallowed or beyond the limits of the run', async () => {
  expect((await run(false)).answers).toEqual([undefined]);
  const { answers, end } = await run(true, { maxTurns: 1 });
  expect(answers).toMatchObject([{ kind: 'refused' }]);
  expect(end.reason).toBe('budget');
});
