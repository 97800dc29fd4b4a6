import { expect, it } from 'vitest';
import { createOccasionWrites } from '../../../../../src/agent/run/sending/occasion-writes.ts';
import { playRun, readTool } from '../../scripted.ts';

const occasion = createOccasionWrites({ name: 'nightly', take: () => Promise.resolve(true) }, []);

it.each([
  ['of an occasion leaves its open calls to the next attempt', occasion, ['user', 'assistant']],
  ['of a person answers its calls, so that they are not made later', undefined, ['user', 'assistant', 'user']],
])('a run %s if it is cancelled', async (_, given, roles) => {
  const cancel = new AbortController();
  const slow = readTool('query_database', () => {
    cancel.abort();
    return { columns: [], rows: [], row_count: 0, truncated: false };
  });
  const { end, kept } = await playRun({
    play: () => ({ calls: [{ name: 'postgres__query_database', input: { query: 'SELECT 1' } }] }),
    tools: [slow],
    signal: cancel.signal,
    ...(given !== undefined && { occasion: given }),
  });
  expect(end.reason).toBe('cancelled');
  expect(kept.map(({ role }) => role)).toEqual(roles);
});
