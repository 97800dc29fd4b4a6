import { expect, it } from 'vitest';
import { combineSources } from '../../../../src/agent/host-tools.ts';
import type { ToolSpec } from '../../../../src/agent/tools.ts';
import { playRun, readTool, scriptedTools, specOf } from '../scripted.ts';

it('a tool that a server adds during a run is offered at the end of the next turn, and can be called', async () => {
  const early = readTool('query', () => ({ rows: 1 }));
  const late = readTool('weather', () => ({ sky: 'clear' }), 'aaa');
  const { model, types } = await playRun({
    tools: [early, late],
    list: () => Promise.resolve([early.spec]),
    // First in its source, but it must not move the others.
    listNow: () => Promise.resolve([late.spec, early.spec]),
    play: (_request, turn) =>
      [{ calls: [{ name: 'postgres__query' }] }, { calls: [{ name: 'aaa__weather' }] }, { text: 'Done.' }][turn - 1] ??
      {},
  });
  const offered = model.requests.map(({ tools }) => tools.map(({ name }) => name));
  expect(offered).toEqual(offered.map(() => ['postgres__query', 'update_plan', 'aaa__weather']));
  expect(types.filter((type) => type === 'tool-call-finished')).toHaveLength(2);
});

it('the list only grows: a removed tool stays where it was', async () => {
  const specs = ['a', 'b', 'c'].map((name) => specOf(name, 'files', 'read'));
  const lists: readonly (readonly ToolSpec[])[] = [specs.slice(0, 2), specs.slice(1), specs.slice(2)];
  let asked = 0;
  const { model } = await playRun({
    tools: specs.map((spec) => ({ spec, call: () => ({ kind: 'result', text: 'ok', structured: {} }) })),
    list: () => Promise.resolve(lists[0] ?? []),
    listNow: () => Promise.resolve(lists[asked++] ?? []),
    play: (_request, turn) => (turn < 3 ? { calls: [{ name: 'files__b', input: { turn } }] } : { text: 'Done.' }),
  });
  const offered = model.requests.map(({ tools }) => tools.map(({ name }) => name));
  expect(offered).toEqual([
    ['files__a', 'files__b', 'update_plan'],
    ['files__a', 'files__b', 'update_plan', 'files__c'],
    ['files__a', 'files__b', 'update_plan', 'files__c'],
  ]);
});

it('a tool that comes later belongs to the source that brought it', async () => {
  const first = readTool('query', () => ({ rows: 1 }));
  const second = readTool('read', () => ({ text: 'x' }), 'workspace');
  const growing = { ...scriptedTools([first]), list: () => Promise.resolve([]) };
  const sources = combineSources([
    { ...growing, listNow: () => Promise.resolve([first.spec]) },
    scriptedTools([second]),
  ]);
  const { signal } = new AbortController();
  expect((await sources.list(signal)).map(({ name }) => name)).toEqual(['workspace__read']);
  expect((await sources.listNow?.(signal))?.map(({ name }) => name)).toEqual(['postgres__query']);
  const options = { signal, run: { session: 's', run: 'r', actor: 'a' } };
  expect(await sources.call('postgres__query', {}, options)).toMatchObject({ structured: { rows: 1 } });
});
