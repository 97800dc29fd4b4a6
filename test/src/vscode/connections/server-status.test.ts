import { expect, it } from 'vitest';
import { describeHealth } from '../../../../src/vscode/connections/server-status.ts';

it.each([
  [undefined, 0, ''],
  [3, 0, 'under 20 ms'],
  [19.9, 0, 'under 20 ms'],
  [20, 1, 'under 50 ms, 1 restart'],
  [4000, 2, 'over 1 s, 2 restarts'],
  [undefined, 1, '1 restart'],
])('a server that answers in %s ms after %s restarts: %j', (latencyMs, restarts, said) => {
  const state = { status: 'ready', pid: 1, tools: 1, latencyMs, restarts } as const;
  expect(describeHealth({ id: 'postgres', title: 'PostgreSQL', trusted: true, state })).toBe(said);
});
