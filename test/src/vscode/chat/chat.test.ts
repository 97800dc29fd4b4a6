import { beforeEach, describe, expect, it } from 'vitest';
import type { ApprovalRequest } from '../../../../src/agent/approval.ts';
import type { RunEvent } from '../../../../src/agent/events.ts';
import { emptyChat, type ChatState } from '../../../../src/chat/chat-state.ts';
import { follow } from '../../../../src/chat/projection.ts';
import type { HostMessage } from '../../../../src/chat/messages.ts';
import type { StartRequest, Switchboard } from '../../../../src/switchboard.ts';
import { Chat, type Activity } from '../../../../src/vscode/chat/chat.ts';
import type { LiveEngine } from '../../../../src/vscode/engine/engine.ts';
import { sampleEvents } from '../../sessions/sample-session.ts';

const asked = sampleEvents.find(
  (event): event is RunEvent & { type: 'approval-requested' } => event.type === 'approval-requested',
);
if (asked === undefined) throw new Error('the sample has no card');
const { type: _, ...request }: ApprovalRequest & { type: string } = asked;

/** A run that the test drives. */
interface Run {
  readonly request: StartRequest;
  readonly say: (...events: readonly RunEvent[]) => Promise<void>;
  readonly end: () => Promise<void>;
}

let runs: Run[] = [];
/** What was recorded, by session. */
let files = new Map<string, RunEvent[]>();
let messages: HostMessage[] = [];
let remembered: string | undefined;
let chat: Chat;

function startRun(request: StartRequest): AsyncGenerator<RunEvent> {
  const session = request.session ?? `session-${runs.length + 1}`;
  const file = files.get(session) ?? [];
  files.set(session, file);
  const waiting: RunEvent[] = [
    { type: 'run-started', session, run: `run-${runs.length + 1}`, time: '', model: 'm', prompt: request.prompt },
  ];
  let wake = (): void => undefined;
  const say = async (...events: readonly RunEvent[]): Promise<void> => {
    waiting.push(...events);
    wake();
    await settled();
  };
  request.signal.addEventListener('abort', () => void say(end('cancelled')));
  runs.push({ request, say, end: () => say(end('completed')) });
  return (async function* play() {
    for (;;) {
      const event = waiting.shift();
      if (event === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      file.push(event);
      yield event;
      if (event.type === 'run-finished') return;
    }
  })();
}

function end(reason: 'completed' | 'cancelled'): RunEvent {
  return { type: 'run-finished', reason, message: '', writeNotGranted: false };
}

/** Everything that can happen without another event has happened, and the batch was sent. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  chat.snapshot();
}

function createWindow(): Chat {
  const engine: Pick<Switchboard, 'start' | 'sessions'> = {
    start: startRun,
    sessions: {
      read: (id: string) => {
        const events = files.get(id);
        if (events === undefined) return Promise.reject(new Error('There is no such session.'));
        return Promise.resolve({ events: events.map((event) => ({ time: '', event })), interrupted: undefined });
      },
    } as never,
  };
  const live = { engine, hasModel: true } as LiveEngine;
  const window = new Chat({
    holder: { get: () => Promise.resolve(live), use: (work) => work(live) },
    shown: {
      get: () => remembered,
      set: (session) => {
        remembered = session;
        return Promise.resolve();
      },
    },
    report: (error) => {
      throw error;
    },
    openPage: () => Promise.resolve(true),
  });
  window.onMessage((message) => messages.push(message));
  return window;
}

/** What a webview shows that has heard everything. */
function shownText(): readonly (readonly [prompt: string, text: string])[] {
  let view: Extract<HostMessage, { type: 'state' }> = { type: 'state', state: emptyChat, sequence: 0 };
  for (const message of messages) view = follow(view, message) ?? expect.fail('the webview missed a message');
  return view.state.runs.map(({ prompt, items }) => [prompt, textOf(items)]);
}

function textOf(items: ChatState['runs'][number]['items']): string {
  return items.flatMap((item) => (item.kind === 'text' ? [item.text] : [])).join('');
}

async function begin(prompt: string): Promise<Run> {
  void chat.run({ prompt, context: [], attachments: [] });
  await settled();
  return runs.at(-1) ?? expect.fail('no run has started');
}

const say = (text: string): RunEvent => ({ type: 'text-delta', text });
const states = (): readonly (readonly [string | undefined, Activity['state'], boolean])[] =>
  chat.activity().map(({ session, state, isShown }) => [session, state, isShown]);

beforeEach(() => {
  runs = [];
  files = new Map();
  messages = [];
  remembered = undefined;
  chat = createWindow();
});

describe('a run', () => {
  it('goes on while another session is shown, and is shown where it is', async () => {
    const first = await begin('First');
    await first.say(say('one '));
    await chat.newSession();
    expect(shownText()).toEqual([]);
    const second = await begin('Second');
    await first.say(say('two'));
    await second.say(say('other'));
    expect(shownText()).toEqual([['Second', 'other']]);
    expect(states()).toEqual([
      ['session-2', 'running', true],
      ['session-1', 'running', false],
    ]);
    await chat.openSession('session-1');
    await settled();
    expect(shownText()).toEqual([['First', 'one two']]);
    await first.say(say(' three'));
    expect(shownText()).toEqual([['First', 'one two three']]);
    expect(remembered).toBe('session-1');
    expect(runs.map(({ request: { session } }) => session)).toEqual([undefined, undefined]);
  });

  it('that ends unseen is marked until its session is shown', async () => {
    const first = await begin('First');
    await chat.newSession();
    await first.say(say('answer'));
    await first.end();
    expect(states()).toEqual([['session-1', 'ended', false]]);
    await chat.openSession('session-1');
    await settled();
    expect(states()).toEqual([]);
    expect(shownText()).toEqual([['First', 'answer']]);
  });

  it('that ends while it is shown is not marked', async () => {
    const first = await begin('First');
    await first.end();
    await chat.newSession();
    expect(states()).toEqual([]);
  });

  it('is stopped by the button of its own session only', async () => {
    await begin('First');
    await chat.newSession();
    await begin('Second');
    chat.stop();
    await settled();
    expect(runs.map(({ request: { signal } }) => signal.aborted)).toEqual([false, true]);
    expect(states()).toEqual([['session-1', 'running', false]]);
  });

  it('that is shown refuses a second one', async () => {
    await begin('First');
    await chat.run({ prompt: 'Again', context: [], attachments: [] });
    expect(messages.at(-1)).toMatchObject({ type: 'notice', level: 'error', duringRun: true });
    expect(runs).toHaveLength(1);
  });

  it('does not become what the window shows after a reload by starting late', async () => {
    void chat.run({ prompt: 'First', context: [], attachments: [] });
    await chat.newSession();
    await settled();
    expect(runs).toHaveLength(1);
    expect(remembered).toBeUndefined();
    await chat.openSession('session-1');
    expect(shownText()).toEqual([['First', '']]);
  });
});

describe('a card', () => {
  it('of a session that is not shown waits, and cannot be answered from another one', async () => {
    const heard: boolean[] = [];
    chat.onApproval(({ isShown }) => heard.push(isShown));
    const first = await begin('First');
    await chat.newSession();
    const decided = first.request.ask?.(request, new AbortController().signal, () => ({
      claims: [],
      problem: undefined,
    }));
    await first.say({ ...request, type: 'approval-requested' });
    expect(heard).toEqual([false]);
    // Its batch is sent when it is due, not when somebody looks.
    await expect.poll(() => chat.activity()[0]?.state).toBe('waiting');
    expect(chat.activity()).toMatchObject([{ session: 'session-1', state: 'waiting', waiting: 1, isShown: false }]);
    const answer = { type: 'approve', requestId: request.id, sha256: request.sha256, scope: 'once' } as const;
    expect(chat.shown.approvals.answer(answer)).toBe(false);
    await chat.openSession('session-1');
    expect(chat.shown.approvals.answer(answer)).toBe(true);
    expect(await decided).toMatchObject({ kind: 'approve' });
  });
});

describe('a session', () => {
  it('that was deleted is no longer shown', async () => {
    const first = await begin('First');
    await first.end();
    await chat.forget('session-1');
    expect(shownText()).toEqual([]);
    expect(remembered).toBeUndefined();
  });

  it('that cannot be read is said so, and a prompt starts another one', async () => {
    remembered = 'gone';
    messages = [];
    chat = new Chat({
      holder: {
        get: () => Promise.reject(new Error('The disk is gone.')),
        use: () => Promise.reject(new Error('The disk is gone.')),
      },
      shown: { get: () => 'gone', set: async (session) => void (remembered = session) },
      report: () => undefined,
      openPage: () => Promise.resolve(true),
    });
    chat.onMessage((message) => messages.push(message));
    await chat.restore();
    expect(messages.at(-1)).toMatchObject({ type: 'notice', message: 'Could not load the session: The disk is gone.' });
    expect(remembered).toBeUndefined();
    expect(chat.shown.session).toBeUndefined();
  });
});
