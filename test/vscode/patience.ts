import { expect } from 'vitest';

/**
 * How long a state is waited for before it is given up: what a machine at a quarter of its speed, with other work beside
 * it, does not need. No test passes or fails by it where the product does what it should.
 */
export const patienceMs = 480_000;
/** For one look or one click, after which the state is looked at again. */
export const momentMs = 15_000;

/** Asks until the answer is what is expected. What throws is asked again. */
export function eventually<Value>(read: () => Value) {
  return expect.poll(read, { timeout: patienceMs, interval: 100 });
}
