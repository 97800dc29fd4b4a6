import { expect, it } from 'vitest';
import type { RunEvent, Usage } from '../../../src/agent/events.ts';
import { timelineOf } from '../../../src/chat/timeline.ts';

const zero = Date.parse('2026-11-30T00:00:00Z');
const at = (ms: number, event: RunEvent) => ({ time: new Date(zero + ms).toISOString(), event });

function started(run: string): RunEvent {
  return { type: 'run-started', session: 's', run, time: '', model: 'm', prompt: 'Why?' };
}

function proposed(callId: string, title: string): RunEvent {
  const call = { tool: 't', server: 'postgres', risk: 'read', arguments: {} } as const;
  return { type: 'tool-call-proposed', callId, title, ...call };
}

function finished(callId: string, outcome: 'ok' | 'failed'): RunEvent {
  return { type: 'tool-call-finished', callId, outcome, durationMs: 1, summary: '' };
}

function usage(turns: number, tokens: number, cost: number | undefined): RunEvent {
  const each: Usage = { turns, toolCalls: 0, inputTokens: tokens, cacheReadTokens: 0, outputTokens: 0, cost };
  return { type: 'usage-changed', usage: each };
}

const end: RunEvent = { type: 'run-finished', reason: 'completed', message: '', writeNotGranted: false };

it('the time of a run is that of the model, its calls, its waits and the person', () => {
  const timeline = timelineOf(
    [
      at(0, started('1')),
      at(400, { type: 'retry-scheduled', reason: 'overloaded', attempt: 1, delayMs: 300 }),
      at(1000, usage(1, 100, 0.02)),
      at(1000, proposed('a', 'Query')),
      at(1010, { type: 'tool-call-started', callId: 'a' }),
      at(1010, proposed('b', 'Search code')),
      at(1020, { type: 'tool-call-started', callId: 'b' }),
      at(1500, finished('b', 'failed')),
      at(2000, finished('a', 'ok')),
      at(4000, usage(2, 300, 0.05)),
      at(4000, end),
      at(9000, started('2')),
      at(9500, usage(1, 7, 0.01)),
    ],
    '1',
  );
  expect(timeline).toEqual({
    totalMs: 4000,
    leftOut: 0,
    segments: [
      { kind: 'model', label: 'Turn 1', startMs: 0, durationMs: 1000, cost: 0.02, tokens: 100 },
      { kind: 'retry', label: 'overloaded', startMs: 400, durationMs: 300 },
      { kind: 'call', label: 'Query', startMs: 1010, durationMs: 990 },
      { kind: 'call', label: 'Search code', startMs: 1020, durationMs: 480, failed: true },
      { kind: 'model', label: 'Turn 2', startMs: 2000, durationMs: 2000, cost: 0.05 - 0.02, tokens: 200 },
    ],
  });
});

it('a clock that was set back, a price that is not known and a call without an end do no harm', () => {
  const timeline = timelineOf(
    [
      at(1000, started('1')),
      at(3000, usage(1, 10, undefined)),
      at(500, { type: 'tool-call-started', callId: 'a' }),
      at(600, finished('never-started', 'ok')),
    ],
    '1',
  );
  expect(timeline?.totalMs).toBe(2000);
  expect(timeline?.segments).toEqual([{ kind: 'model', label: 'Turn 1', startMs: 0, durationMs: 2000, tokens: 10 }]);
  expect(timelineOf([], '1')).toBeUndefined();
});
