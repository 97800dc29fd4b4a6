import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { currentRun, emptyChat, isBusy, totalUsage, waitingApprovals } from '../../../src/chat/chat-state.ts';
import type { ChatEvent, ChatState } from '../../../src/chat/chat-state.ts';
import { createProjection, follow } from '../../../src/chat/projection.ts';
import { reduce, replay } from '../../../src/chat/reduce.ts';
import {
  failures,
  messageRequest,
  ticketRequest,
  troubled,
  troubledEnd,
  untilEnd,
  untilMessage,
  untilTicket,
} from './recorded-run.ts';

const everything = [...untilTicket, ...untilMessage, ...untilEnd, ...troubled, troubledEnd];
const anyEvents = fc.array(fc.constantFrom(...everything, { type: 'turn-restarted' } as const), { maxLength: 120 });

function call(state: ChatState, callId: string): unknown {
  return state.runs.flatMap(({ items }) => items).find((item) => item.kind === 'call' && item.callId === callId);
}

function started(run: string, session = 's'): ChatEvent {
  return { type: 'run-started', session, run, time: '', model: 'm', prompt: `prompt of ${run}` };
}

function ended(reason: 'completed' | 'cancelled'): ChatEvent {
  return { type: 'run-finished', reason, message: reason, writeNotGranted: false };
}

describe('a run', () => {
  test('shows the prompt and its context right away, and keeps them when the run starts', () => {
    const [sent, start] = everything;
    const pending = replay([sent ?? troubledEnd]);
    expect(pending).toMatchObject({ pending: { text: 'Why are orders failing this morning?' }, runs: [] });
    expect(isBusy(pending)).toBe(true);
    const running = reduce(pending, start ?? troubledEnd);
    expect(running).toMatchObject({ pending: undefined, runs: [{ run: 'run-1', context: ['tax.ts:38-44'] }] });
  });

  test('joins text deltas, and starts a new text after a call', () => {
    const texts = replay(untilTicket).runs[0]?.items.filter(({ kind }) => kind === 'text');
    expect(texts).toHaveLength(2);
    expect(texts?.[0]).toEqual({
      kind: 'text',
      text: 'I will look at the failed orders of the **last 24 hours** first.',
    });
  });

  test('waits at a card, then shows the decision and the result', () => {
    const waiting = replay(untilTicket);
    expect(waitingApprovals(waiting)).toEqual([ticketRequest]);
    const filed = replay([...untilTicket, ...untilMessage]);
    expect(waitingApprovals(filed)).toEqual([messageRequest]);
    expect(call(filed, 'call-3')).toMatchObject({
      status: 'ok',
      resolution: { decision: 'allowed', by: 'person' },
      link: { label: 'ENG-57' },
      progress: undefined,
    });
    const denied = replay([...untilTicket, ...untilMessage, ...untilEnd]);
    expect(waitingApprovals(denied)).toEqual([]);
    expect(call(denied, 'call-4')).toMatchObject({ status: 'denied', resolution: { reason: 'Too loud: no @here' } });
    expect(isBusy(denied)).toBe(false);
  });

  test('a write shows the arguments that were sent, not those proposed', () => {
    const sent = { project_key: 'ENG', summary: '2 orders failed' };
    const state = replay([...untilTicket, { type: 'tool-call-started', callId: 'call-3', arguments: sent }]);
    expect(call(state, 'call-3')).toMatchObject({ status: 'running', arguments: sent });
  });

  test('a revised card replaces the previous one', () => {
    const revised = { ...ticketRequest, id: 'approval-1b', sha256: 'd'.repeat(64) };
    const state = replay([...untilTicket, { type: 'approval-requested', ...revised }]);
    expect(waitingApprovals(state)).toEqual([revised]);
  });

  test('shows an approval request even if its call was never proposed', () => {
    const state = replay([started('r'), { type: 'approval-requested', ...ticketRequest }]);
    expect(waitingApprovals(state)).toEqual([ticketRequest]);
    expect(call(state, 'call-3')).toMatchObject({ tool: 'jira__create_jira_ticket', server: 'jira' });
  });

  test('a restarted turn removes its own text but not that of earlier turns', () => {
    const usage = { turns: 1, toolCalls: 0, inputTokens: 1, cacheReadTokens: 0, outputTokens: 1, cost: 0 };
    const state = replay([
      started('r'),
      { type: 'text-delta', text: 'One.' },
      { type: 'usage-changed', usage },
      { type: 'plan-changed', steps: [] },
      { type: 'thinking-delta', text: 'Hm' },
      { type: 'text-delta', text: 'Tw' },
      { type: 'turn-restarted' },
      { type: 'text-delta', text: 'Two.' },
    ]);
    expect(state.runs[0]?.items).toEqual([
      { kind: 'text', text: 'One.' },
      { kind: 'text', text: 'Two.' },
    ]);
    const again = replay([...untilTicket.slice(0, -3), { type: 'turn-restarted' }]);
    expect(again.runs[0]?.items.map(({ kind }) => kind)).toEqual(['thinking', 'text', 'call', 'call']);
  });

  test('shows a retry until the next event', () => {
    const waiting = replay(troubled);
    expect(currentRun(waiting)?.retry).toEqual({
      reason: 'Claude is overloaded (529)',
      attempt: 2,
      delayMs: 14_000,
    });
    expect(currentRun(reduce(waiting, { type: 'text-delta', text: 'Now' }))?.retry).toBeUndefined();
    expect(reduce(waiting, troubledEnd).runs[0]?.retry).toBeUndefined();
  });

  test('leaves no answerable card when it ends', () => {
    const state = replay([...untilTicket, ended('cancelled')]);
    expect(waitingApprovals(state)).toEqual([]);
    expect(call(state, 'call-3')).toMatchObject({ status: 'cancelled' });
  });

  test('a run without an end is marked as interrupted when the next one starts', () => {
    const state = replay([...untilTicket, started('r2', 'session-1')]);
    expect(state.runs[0]?.end?.reason).toBe('failed');
    expect(state.runs[0]?.end?.message).toContain('interrupted');
    expect(currentRun(state)?.run).toBe('r2');
  });

  test('a rejected prompt says why', () => {
    const state = replay([
      { type: 'prompt-sent', text: 'Hello', context: [] },
      { type: 'prompt-rejected', message: 'No model is set up. Run "Set Up Connections...".' },
    ]);
    expect(state).toMatchObject({ pending: undefined, runs: [{ prompt: 'Hello', end: { reason: 'failed' } }] });
  });

  test('a resumed run keeps the plan and conditions of the previous run, and has no prompt', () => {
    const [before, resumed] = replay([
      ...untilTicket,
      ended('cancelled'),
      { type: 'prompt-sent', text: 'Again', context: [], resumed: true },
      { type: 'run-started', session: 'session-1', run: 'run-1b', time: '', model: 'm', prompt: 'p', resumed: true },
    ]).runs;
    expect(resumed).toMatchObject({ resumed: true, plan: before?.plan, conditions: before?.conditions, items: [] });
    expect(resumed?.conditions).toHaveLength(2);
    expect(before?.resumed).toBe(false);
  });

  test('a run that could not be resumed keeps its id for another try', () => {
    const state = replay([
      ...untilTicket,
      ended('cancelled'),
      { type: 'prompt-sent', text: 'Again', context: [], resumed: true },
      { type: 'prompt-rejected', message: 'No model.' },
    ]);
    expect(state.runs.at(-1)).toMatchObject({ run: 'run-1', resumed: true, end: { reason: 'failed' } });
  });

  test('keeps the forecast from earlier runs', () => {
    const forecast = { tokens: 45_000, cost: 0.12, runs: 3 };
    const start = { type: 'run-started', session: 's', run: 'r', time: '', model: 'm', prompt: 'p', forecast } as const;
    expect(replay([start]).runs[0]?.forecast).toEqual(forecast);
    expect(replay([started('r')]).runs[0]?.forecast).toBeUndefined();
  });

  test('another session starts empty', () => {
    const state = replay([...untilTicket, started('x', 'session-2')]);
    expect(state).toMatchObject({ session: 'session-2', evidence: [], runs: [{ run: 'x' }] });
  });

  test('adds up usage, and does not guess an unknown cost', () => {
    const usage = { turns: 1, toolCalls: 0, inputTokens: 100, cacheReadTokens: 0, outputTokens: 20, cost: 0.5 };
    const twice = [started('a'), { type: 'usage-changed', usage } as const, ended('completed')];
    expect(totalUsage(replay([...twice, ...twice]))).toEqual({ tokens: 240, cost: 1 });
    const unknown = [started('b'), { type: 'usage-changed', usage: { ...usage, cost: undefined } } as const];
    expect(totalUsage(replay([...twice, ...unknown]))).toEqual({ tokens: 240, cost: undefined });
  });
});

describe('events in any order', () => {
  test('never throws or mutates, stays JSON, and has at most one unfinished run', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        let state = emptyChat;
        for (const event of events) {
          const before = JSON.stringify(state);
          const next = reduce(state, event);
          expect(JSON.stringify(state)).toBe(before);
          state = next;
        }
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
        expect(state.runs.slice(0, -1).every(({ end }) => end !== undefined)).toBe(true);
        if (currentRun(state) === undefined) expect(waitingApprovals(state)).toEqual([]);
      }),
    );
  });

  test('a webview matches the host, with any batching and after a reload at any point', () => {
    const batches = fc.array(fc.tuple(anyEvents, fc.constantFrom('follow', 'miss', 'reload')), { maxLength: 8 });
    fc.assert(
      fc.property(batches, (steps) => {
        const host = createProjection();
        const first = host.snapshot();
        let view = first.type === 'state' ? first : undefined;
        for (const [events, what] of steps) {
          const message = host.apply(events);
          if (what === 'miss' || view === undefined) continue;
          view = follow(view, what === 'reload' ? host.snapshot() : message) ?? follow(view, host.snapshot());
        }
        // The next message reveals a gap at the end.
        const last = host.apply([started('last')]);
        view = view && (follow(view, last) ?? follow(view, host.snapshot()));
        expect(view?.state).toEqual(host.state());
        expect(replay([...steps.flatMap(([events]) => events), started('last')])).toEqual(host.state());
      }),
    );
  });

  test('a repeated message counts once', () => {
    const host = createProjection();
    const first = host.snapshot();
    if (first.type !== 'state') throw new Error('a snapshot is a state');
    const message = host.apply(untilTicket);
    const once = follow(first, message);
    expect(once && follow(once, message)).toEqual(once);
  });
});

describe('a long session', () => {
  test('stays small, keeps the newest runs in full and counts what it dropped', () => {
    const wide = Array.from({ length: 500 }, () => ['x'.repeat(5000), { nested: 'y'.repeat(5000) }, 1]);
    const events = Array.from({ length: 120 }, (_, index): readonly ChatEvent[] => [
      started(`r${index}`),
      { type: 'thinking-delta', text: 'z'.repeat(20_000) },
      { type: 'approval-requested', ...ticketRequest, callId: `c${index}` },
      {
        type: 'evidence-added',
        callId: `c${index}`,
        evidence: { ...failures, id: `E${index + 1}`, rowCount: 500, rows: wide.slice(0, 10) },
      },
      ended('completed'),
    ]).flat();
    const state = replay(events);
    expect(state.runs).toHaveLength(40);
    expect(state.droppedRuns).toBe(80);
    expect(state.evidence.map(({ id }) => id)).toEqual(Array.from({ length: 40 }, (_, index) => `E${index + 81}`));
    expect(state.runs[0]?.items).toMatchObject([{ kind: 'call', request: undefined }]);
    expect(JSON.stringify(state).length).toBeLessThan(1_500_000);
  });

  test('caps all evidence combined: the newest keeps its rows, the oldest its row count', () => {
    const rows = Array.from({ length: 200 }, () => Array.from({ length: 50 }, () => 'x'.repeat(900)));
    const events = Array.from({ length: 30 }, (_, index): ChatEvent => {
      const evidence = { ...failures, id: `E${index + 1}`, rowCount: 200, rows };
      return { type: 'evidence-added', callId: 'c', evidence };
    });
    const { evidence } = replay([started('r'), ...events]);
    expect(evidence).toHaveLength(30);
    expect(evidence[0]).toMatchObject({ id: 'E1', rowCount: 200, rows: [] });
    expect(evidence.at(-1)?.rows.length).toBeGreaterThan(5);
    expect(JSON.stringify(evidence).length).toBeLessThan(3_100_000);
  });

  test('caps evidence by rows and by cell size', () => {
    const rows = Array.from({ length: 1000 }, () => ['x'.repeat(5000), { deep: 'y'.repeat(5000) }, 7, null]);
    const event = { type: 'evidence-added', callId: 'c', evidence: { ...failures, rows } } as const;
    const [evidence] = replay([started('r'), event]).evidence;
    expect(evidence?.rows).toHaveLength(200);
    expect(evidence?.rows[0]?.map((cell) => JSON.stringify(cell).length)).toEqual([1003, 1006, 1, 4]);
  });

  test('a very long run keeps its newest steps', () => {
    const many = Array.from({ length: 900 }, () => [
      { type: 'text-delta', text: 'a' } as const,
      { type: 'thinking-delta', text: 'b' } as const,
    ]).flat();
    const [run] = replay([started('r'), ...many]).runs;
    expect(run?.items).toHaveLength(400);
    expect(run?.droppedItems).toBe(1400);
  });
});

describe('a write that is taken back', () => {
  const undoing = (outcome: 'ok' | 'denied'): readonly ChatEvent[] => [
    ...untilTicket,
    ...untilMessage,
    ...untilEnd,
    { type: 'run-started', session: 'session-1', run: 'undo', time: '', model: 'm', prompt: 'Undo', undoes: 'call-3' },
    {
      type: 'tool-call-proposed',
      callId: 'undo-1',
      tool: 't',
      server: 'jira',
      title: 'U',
      risk: 'write',
      arguments: {},
    },
    { type: 'tool-call-finished', callId: 'undo-1', outcome, durationMs: 1, summary: '' },
    ended('completed'),
  ];

  test('is marked once all calls of the undo are done, and stays so after a reload', () => {
    expect(call(replay(undoing('ok').slice(0, -1)), 'call-3')).toMatchObject({ undone: false });
    expect(call(replay(undoing('ok')), 'call-3')).toMatchObject({ undone: true });
    expect(call(replay(undoing('ok')), 'call-1')).toMatchObject({ undone: false });
  });

  test('is not marked if the undo was denied', () => {
    expect(call(replay(undoing('denied')), 'call-3')).toMatchObject({ undone: false });
  });
});
