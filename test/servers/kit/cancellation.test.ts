import { expect, it } from 'vitest';
import { createCallSignals } from '../../../servers/kit/cancellation.ts';

const stopped = new Error('stopped by the client');

function setUp() {
  const stopping = new AbortController();
  return { stopping, calls: createCallSignals(stopping.signal) };
}

it('a cancellation by the client ends only that call', () => {
  const { calls } = setUp();
  const cancelled = new AbortController();
  const [one, other] = [calls.begin(cancelled.signal, 'a'), calls.begin(new AbortController().signal, 'a')];
  cancelled.abort(new Error('by the client'));
  expect([one.signal.reason, other.signal.aborted]).toEqual([new Error('by the client'), false]);
});

it('a stop ends the call that it names, never a call without a name', () => {
  const { calls } = setUp();
  const [a, b, nameless] = ['a', 'b', undefined].map((name) => calls.begin(new AbortController().signal, name));
  calls.stop('a');
  calls.stop(undefined);
  expect([a?.signal.reason, b?.signal.aborted, nameless?.signal.aborted]).toEqual([stopped, false, false]);
});

it('server shutdown ends running calls and calls that start later, but not finished ones', () => {
  const { calls, stopping } = setUp();
  const [running, over] = [calls.begin(new AbortController().signal, 1), calls.begin(new AbortController().signal, 2)];
  over.end();
  stopping.abort(new Error('SIGTERM'));
  const late = calls.begin(new AbortController().signal, 3);
  expect([running.signal.aborted, over.signal.aborted, late.signal.aborted]).toEqual([true, false, true]);
});

it('a call that is cancelled before it starts is cancelled', () => {
  const { calls } = setUp();
  expect(calls.begin(AbortSignal.abort(), 'a').signal.aborted).toBe(true);
});
