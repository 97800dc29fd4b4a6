import { describe, expect, it } from 'vitest';
import type { RunEnd, RunEvent } from '../../../src/agent/events.ts';
import { parseSessionFile, type SessionContent, type SessionRecord } from '../../../src/sessions/session-record.ts';

const time = '2026-11-22T09:00:00.000Z';

function event(of: RunEvent): SessionRecord {
  return { type: 'event', time, event: of };
}

function started(run: string, resumed = false): SessionRecord {
  const about = { session: 's', run, time, model: 'm', prompt: `prompt of ${run}` };
  return event({ type: 'run-started', ...about, ...(resumed && { resumed: true as const }) });
}

function finished(reason: RunEnd): SessionRecord {
  return event({ type: 'run-finished', reason, message: reason, writeNotGranted: false });
}

const condition = event({
  type: 'condition-evaluated',
  condition: { name: 'enough', expression: 'a > 5', explained: '3 > 5', holds: false },
});

const prompt: SessionRecord = {
  type: 'message',
  message: { role: 'user', content: [{ type: 'text', text: 'Why?' }] },
};
const answer: SessionRecord = {
  type: 'message',
  message: { role: 'assistant', content: [{ type: 'text', text: 'Because.' }] },
};

function cleared(callId: string): SessionRecord {
  const verdict = { decision: 'allow' as const, by: 'person' as const, rule: 'no-grant' as const, reasons: [] };
  return {
    type: 'cleared',
    call: { callId, tool: 'jira__t', plainName: 't', arguments: {}, verdict, grantId: undefined },
  };
}

function contentOf(...records: readonly SessionRecord[]): SessionContent {
  return parseSessionFile('s', Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''))).content;
}

function stopped(...records: readonly SessionRecord[]): string | undefined {
  return contentOf(...records).stopped?.started.run;
}

describe('the run that can be resumed', () => {
  it.each<RunEnd>(['budget', 'cancelled', 'failed'])('is one that ended as %s before the last answer', (reason) => {
    expect(stopped(started('r1'), prompt, finished(reason))).toBe('r1');
    expect(stopped(started('r1'), prompt, answer, finished(reason))).toBeUndefined();
  });

  it.each<RunEnd>(['completed', 'inconclusive', 'denied', 'refused'])('is not one that ended as %s', (reason) => {
    expect(stopped(started('r1'), prompt, finished(reason))).toBeUndefined();
  });

  it('is one that was interrupted, whether or not it had reached the model', () => {
    expect(contentOf(started('r1'))).toMatchObject({ interrupted: { begun: false }, stopped: { begun: false } });
    expect(contentOf(started('r1'), prompt)).toMatchObject({ interrupted: { begun: true }, stopped: { begun: true } });
  });

  it('is one that waits for an approval: it counts as interrupted', () => {
    expect(contentOf(started('r1'), prompt, finished('waiting'))).toMatchObject({
      interrupted: { started: { run: 'r1' }, begun: true },
    });
  });

  it('is the last one, without anything of earlier runs', () => {
    expect(stopped(started('r1'), prompt, started('r2'), prompt)).toBe('r2');
    expect(stopped(started('r1'), prompt, finished('budget'), started('r2'), finished('completed'))).toBeUndefined();
  });

  it('dates from its first start, with the conditions and permissions since then', () => {
    const { stopped: run } = contentOf(
      started('r0'),
      condition,
      cleared('c0'),
      finished('budget'),
      started('r1'),
      prompt,
      condition,
      cleared('c1'),
      finished('budget'),
      started('r2', true),
      cleared('c2'),
      finished('cancelled'),
    );
    expect(run).toMatchObject({ started: { run: 'r1' }, begun: true, conditions: [{ name: 'enough', holds: false }] });
    expect(run?.cleared.map(({ callId }) => callId)).toEqual(['c1', 'c2']);
  });
});
