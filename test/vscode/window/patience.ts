import { expect } from 'vitest';

/**
 * How long to wait for a state: more than a busy machine at a quarter of its speed needs. It decides no test if the
 * product works.
 */
export const patienceMs = 480_000;
/** For one look or click, after which the state is checked again. */
export const momentMs = 15_000;

/** Polls until the value is as expected. Errors are retried. */
export function eventually<Value>(read: () => Value) {
  return expect.poll(read, { timeout: patienceMs, interval: 100 });
}
