import { expect, it } from 'vitest';
import { occasionKey } from '../../../../../servers/contract/occasion-key.ts';
import { createOccasionWrites } from '../../../../../src/agent/run/sending/occasion-writes.ts';

const take = (): Promise<boolean> => Promise.resolve(true);
const call = (callId: string, tool = 'jira__create_jira_ticket') => ({ callId, tool });
const key = (ordinal: number, tool = 'jira__create_jira_ticket') => occasionKey('nightly', tool, ordinal);
const writes = (earlier: Parameters<typeof createOccasionWrites>[1] = []) =>
  createOccasionWrites({ name: 'nightly', take }, earlier);

it('counts the writes of each tool, whatever their calls and words', () => {
  const { keyOf } = writes();
  expect(keyOf(call('a'))).toBe(key(1));
  expect(keyOf(call('b', 'slack__post_slack_message'))).toBe(key(1, 'slack__post_slack_message'));
  expect(keyOf(call('c'))).toBe(key(2));
  expect(keyOf(call('a'))).toBe(key(1));
});

it('gives the place of a write that was not made to the next one', () => {
  const { keyOf, release } = writes();
  keyOf(call('refused'));
  release(call('refused'));
  expect(keyOf(call('corrected'))).toBe(key(1));
  keyOf(call('second'));
  release(call('corrected'));
  expect(keyOf(call('third'))).toBe(key(1));
  expect(keyOf(call('fourth'))).toBe(key(3));
});

it('goes on after what the interrupted run had made', () => {
  const { keyOf } = writes([call('made'), call('open')]);
  expect(keyOf(call('open'))).toBe(key(2));
  expect(keyOf(call('next'))).toBe(key(3));
});

it('releases nothing that has no place', () => {
  const { keyOf, release } = writes();
  release(call('never'));
  expect(keyOf(call('first'))).toBe(key(1));
});

it('has other keys for another occasion', () => {
  const other = createOccasionWrites({ name: 'nightly 2', take }, []);
  expect(other.keyOf(call('a'))).not.toBe(writes().keyOf(call('a')));
});
