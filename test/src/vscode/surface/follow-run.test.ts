import { expect, it } from 'vitest';
import type { RunEvent } from '../../../../src/agent/events.ts';
import { emptyChat } from '../../../../src/chat/chat-state.ts';
import { followRun } from '../../../../src/vscode/surface/follow-run.ts';

const ended: RunEvent = { type: 'run-finished', reason: 'completed', message: 'Done.', writeNotGranted: false };
const task = { prompt: 'Why?', context: [], attachments: [] };

function play(events: readonly RunEvent[], isRunning = false) {
  const seen: string[] = [];
  let stopped = 0;
  let cancel = (): void => undefined;
  let listener: ((event: RunEvent) => void) | undefined;
  const chat = {
    isRunning,
    state: emptyChat,
    stop: () => (stopped += 1),
    onEvent: (each: (event: RunEvent) => void) => {
      listener = each;
      return { dispose: () => (listener = undefined) };
    },
    run: () => {
      for (const event of events) listener?.(event);
      cancel();
      return Promise.resolve();
    },
  };
  const finished = followRun(
    chat,
    task,
    {
      text: (text) => seen.push(text),
      progress: (title) => seen.push(`(${title})`),
      approval: (title, destination) => seen.push(`approve ${title} in ${destination ?? ''}`),
      link: ({ label }) => seen.push(`-> ${label}`),
    },
    {
      isCancellationRequested: false,
      onCancellationRequested: (each) => {
        cancel = each;
        return { dispose: () => undefined };
      },
    },
  );
  return { finished, seen, stopped: () => stopped };
}

it('text comes in whole lines, without references that only the panel can draw', async () => {
  const { finished, seen } = play([
    { type: 'text-delta', text: 'See {{E' },
    { type: 'text-delta', text: '4 columns=a}} for\nthe rest' },
    { type: 'text-delta', text: '.' },
    ended,
  ]);
  expect(await finished).toMatchObject({ reason: 'completed' });
  expect(seen).toEqual(['See E4 (in the Switchboard view) for\n', 'the rest.\n\n']);
});

it('a turn that starts again does not leave its last words', async () => {
  const { seen } = play([
    { type: 'text-delta', text: 'Hal' },
    { type: 'turn-restarted' },
    { type: 'text-delta', text: 'Half\n' },
    ended,
  ]);
  expect(seen).toEqual(['Half\n']);
});

it('a run in progress is not disturbed', async () => {
  const { finished, seen } = play([ended], true);
  expect(await finished).toMatchObject({ reason: 'failed', message: expect.stringContaining('in progress') as string });
  expect(seen).toEqual([]);
});

it('a cancel stops the run, and a run that never started says so', async () => {
  const { finished, stopped } = play([]);
  expect(await finished).toMatchObject({ reason: 'failed', message: 'The run did not start.' });
  expect(stopped()).toBe(1);
});
