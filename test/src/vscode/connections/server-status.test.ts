import { expect, it } from 'vitest';
import { describeHealth } from '../../../../src/vscode/connections/server-status.ts';

it.each([
  [undefined, 0, [], ''],
  [3, 0, [], 'under 20 ms'],
  [19.9, 0, [], 'under 20 ms'],
  [20, 1, [], 'under 50 ms, 1 restart'],
  [4000, 2, [], 'over 1 s, 2 restarts'],
  [undefined, 1, [], '1 restart'],
  [3, 0, ["'a': no schema"], 'under 20 ms, 1 tool not offered'],
  [3, 0, ["'a': no schema", "'b': no schema"], 'under 20 ms, 2 tools not offered'],
])('a server that answers in %s ms after %s restarts, without %j: %j', (latencyMs, restarts, leftOut, said) => {
  const state = { status: 'ready', pid: 1, caller: undefined, tools: 1, leftOut, latencyMs, restarts } as const;
  expect(
    describeHealth({
      id: 'postgres',
      title: 'PostgreSQL',
      trusted: true,
      place: undefined,
      confinement: undefined,
      state,
    }),
  ).toBe(said);
});
