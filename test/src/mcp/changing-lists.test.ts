import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { callOptions, changing, never, openHub, until } from './fixtures/servers.ts';

const names = (tools: readonly { readonly name: string }[]) => tools.map(({ name }) => name);

it('a third party that is slow to start delays nobody, and is listed once it is ready', async () => {
  const slow = changing([{ name: 'weather' }], { id: 'slow', title: 'Slow' });
  const gate = join(slow.folder, 'gate');
  const quick = changing([{ name: 'read' }]);
  const held = { ...slow.spec, args: [...slow.spec.args, gate] };
  const hub = openHub([held, quick.spec], { patienceMs: 1 });
  await hub.listNow(never);
  expect(hub.states().map(({ state }) => state.status)).toEqual(['stopped', 'stopped']);
  expect(names(await hub.list(never))).not.toContain('slow__weather');
  await until(() => hub.states()[1]?.state.status === 'ready');
  expect(names(await hub.listNow(never))).toEqual(['files__read']);
  writeFileSync(gate, '');
  await until(() => hub.states()[0]?.state.status === 'ready');
  expect(names(await hub.listNow(never))).toEqual(['slow__weather', 'files__read']);
  expect(names(await hub.list(never))).toEqual(['slow__weather', 'files__read']);
});

it('our own server is awaited', async () => {
  const { spec } = changing([{ name: 'read' }], { trusted: true });
  expect(names(await openHub([spec], { patienceMs: 1 }).list(never))).toEqual(['files__read']);
});

it('a list that a server changes is read again', async () => {
  const { spec, offer } = changing([{ name: 'announce' }]);
  const hub = openHub([spec], { disabledTools: ['files__hidden'] });
  await hub.list(never);
  offer([{ name: 'extra' }, { name: 'hidden' }, { name: 'announce' }]);
  await hub.call('files__announce', {}, callOptions());
  const toolsOf = () => {
    const state = hub.states()[0]?.state;
    return state?.status === 'ready' ? state.tools : 0;
  };
  await until(() => toolsOf() === 3);
  expect(names(await hub.listNow(never))).toEqual(['files__announce', 'files__extra']);
});
