import { expect, it } from 'vitest';
import { createCallSignals } from '../../../servers/kit/cancellation.ts';

const stopped = new Error('stopped by the client');

function setUp() {
  const stopping = new AbortController();
  return { stopping, calls: createCallSignals(stopping.signal) };
}

it('a call ends by the cancellation of the client, and no other does', () => {
  const { calls } = setUp();
  const cancelled = new AbortController();
  const [one, other] = [calls.begin(cancelled.signal, 'a'), calls.begin(new AbortController().signal, 'a')];
  cancelled.abort(new Error('by the client'));
  expect([one.signal.reason, other.signal.aborted]).toEqual([new Error('by the client'), false]);
});

it('a call ends by a stop that names it, and calls without a name by none', () => {
  const { calls } = setUp();
  const [a, b, nameless] = ['a', 'b', undefined].map((name) => calls.begin(new AbortController().signal, name));
  calls.stop('a');
  calls.stop(undefined);
  expect([a?.signal.reason, b?.signal.aborted, nameless?.signal.aborted]).toEqual([stopped, false, false]);
});

it('every call ends with the server, one that begins too late as well, and one that has ended does not', () => {
  const { calls, stopping } = setUp();
  const [running, over] = [calls.begin(new AbortController().signal, 1), calls.begin(new AbortController().signal, 2)];
  over.end();
  stopping.abort(new Error('SIGTERM'));
  const late = calls.begin(new AbortController().signal, 3);
  expect([running.signal.aborted, over.signal.aborted, late.signal.aborted]).toEqual([true, false, true]);
});

it('a call cancelled before it begins is cancelled', () => {
  const { calls } = setUp();
  expect(calls.begin(AbortSignal.abort(), 'a').signal.aborted).toBe(true);
});
