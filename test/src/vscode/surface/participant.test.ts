import { expect, it, vi } from 'vitest';
import { emptyChat } from '../../../../src/chat/chat-state.ts';
import type { Task } from '../../../../src/vscode/chat/conversation.ts';
import { createSurface } from '../../../../src/vscode/surface/participant.ts';

/** The participant with a chat that notes its tasks. */
function surface() {
  const tasks: Task[] = [];
  const runbooks: string[] = [];
  const chat = {
    isRunning: false,
    state: emptyChat,
    stop: () => undefined,
    onEvent: () => ({ dispose: () => undefined }),
    run: (task: Task) => {
      tasks.push(task);
      return Promise.resolve();
    },
  };
  const parts = { chat: { shown: chat }, runRunbook: (name: string) => Promise.resolve(void runbooks.push(name)) };
  const { participate } = createSurface(parts as never);
  const stream = { markdown: vi.fn(), button: vi.fn(), progress: vi.fn(), reference: vi.fn() };
  const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };
  const say = (request: { readonly prompt: string; readonly command?: string }) =>
    participate({ references: [], ...request } as never, stream as never, token);
  return { say, tasks, runbooks, stream };
}

it('a slash command starts the runbook as the panel does: asked for its grants there, with those that were accepted', async () => {
  const { say, tasks, runbooks, stream } = surface();
  expect(await say({ prompt: 'please', command: 'failed-orders' })).toEqual({});
  expect(runbooks).toEqual(['failed-orders']);
  expect(tasks).toEqual([]);
  expect(stream.button).toHaveBeenCalledWith({ command: 'switchboard.openChat', title: 'Show' });
});

it('a prompt runs without grants, because another agent may have written it', async () => {
  const { say, tasks, runbooks } = surface();
  await say({ prompt: 'Why do orders fail?' });
  expect(tasks).toMatchObject([{ prompt: 'Why do orders fail?', withoutGrants: true }]);
  expect(runbooks).toEqual([]);
});

it('an empty prompt says what can be asked, and runs nothing', async () => {
  const { say, tasks, stream } = surface();
  await say({ prompt: ' ' });
  expect(tasks).toEqual([]);
  expect(stream.markdown).toHaveBeenCalledWith('Ask about data, tickets, messages or code.');
});
