import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { forModel } from '../../../src/mcp/model-schema.ts';
import { baseEnvironment, type ChildSpec } from '../../../src/mcp/server-specs.ts';
import { callOptions, never, openHub } from './fixtures/servers.ts';

const spec: ChildSpec = {
  kind: 'child',
  id: 'shop',
  title: 'Shop',
  command: process.execPath,
  args: [fileURLToPath(new URL('fixtures/generous-server.ts', import.meta.url))],
  env: baseEnvironment(process.env),
  trusted: false,
};

it('a tool that runs as a task is awaited, with its progress', async () => {
  const hub = openHub([spec]);
  const steps: string[] = [];
  const onProgress = ({ message }: { message: string }) => steps.push(message);
  expect(await hub.call('shop__study', {}, callOptions({ onProgress }))).toMatchObject({ text: 'done after 3' });
  expect(steps).toEqual(['step 1', 'step 2', 'step 3']);
});

it('cancelling a task cancels it on its server', async () => {
  const hub = openHub([spec]);
  const cancel = new AbortController();
  const onProgress = () => cancel.abort();
  const outcome = await hub.call('shop__study_forever', {}, callOptions({ onProgress, signal: cancel.signal }));
  expect(outcome).toMatchObject({ kind: 'failure' });
  expect(await hub.call('shop__was_cancelled', {}, callOptions())).toMatchObject({ text: 'true' });
});

it('images reach the model if it can see them, and are described if not', async () => {
  const outcome = await openHub([spec]).call('shop__pictures', {}, callOptions());
  if (outcome.kind !== 'result') throw new Error('it failed');
  expect(outcome.images?.map(({ mediaType }) => mediaType)).toEqual(['image/png', 'image/png', 'image/png']);
  expect(outcome.text.split('\n')).toEqual([
    'See:',
    '[image, image/png, 1 KB]',
    // By its bytes it is a PNG.
    '[image, IMAGE/JPG, 1 KB]',
    '[image, image/png, 1 KB: not shown]',
    '[image, image/png, 1 KB: not shown]',
    '[image, image/svg+xml, 1 KB: not shown]',
    '[image, image/png, 1 KB: not shown]',
    '[image, image/png, 1465 KB: too large to show]',
    '[shop://logo, image/png, 1 KB]',
  ]);
});

it('what a result links to can be read', async () => {
  const hub = openHub([spec]);
  expect(await hub.call('shop__links', {}, callOptions())).toMatchObject({ text: 'orders: shop://orders' });
  const read = (input: Record<string, unknown>) => hub.call('shop__read_resource', input, callOptions());
  expect(await read({ uri: 'shop://orders' })).toMatchObject({ kind: 'result', text: '47 failed' });
  expect(await read({ uri: 'shop://nothing' })).toMatchObject({ failure: { code: 'upstream_error' } });
  expect(await read({})).toMatchObject({ failure: { code: 'invalid_arguments' } });
  const tool = (await hub.list(never)).find(({ plainName }) => plainName === 'read_resource');
  expect(tool).toMatchObject({ trusted: false, risk: 'read' });
});

it('a server learns the open folders, if any', async () => {
  const roots = [{ uri: 'file:///code/shop', name: 'shop' }];
  const told = await openHub([spec], { roots: () => roots }).call('shop__folders', {}, callOptions());
  expect(told).toMatchObject({ text: JSON.stringify({ roots }) });
});

it.each([
  ['nothing', { type: 'object', properties: { a: {} }, required: ['a'] }, ['a'], ['a'], ''],
  [
    'oneOf',
    { oneOf: [{ properties: { a: {} } }, { properties: { b: {} } }] },
    ['a', 'b'],
    [],
    'Give exactly one of: a | b.',
  ],
  [
    'oneOf over arguments that are always there',
    { properties: { a: {}, b: {}, c: {} }, oneOf: [{ required: ['a', 'c'] }, { required: ['b', 'c'] }] },
    ['a', 'b', 'c'],
    ['c'],
    'Give exactly one of: a + c | b + c.',
  ],
  ['allOf', { allOf: [{ properties: { a: {} }, required: ['a'] }, { properties: { b: {} } }] }, ['a', 'b'], ['a'], ''],
  [
    'anyOf within allOf',
    { properties: { x: {} }, allOf: [{ anyOf: [{ properties: { a: {} } }, { properties: { b: {} } }] }] },
    ['a', 'b', 'x'],
    [],
    'Give at least one of: a | b.',
  ],
  ['what is no schema', { oneOf: [true, null, 7] }, [], [], ''],
])('a schema with %s at the top keeps every argument', (_what, schema, names, required, note) => {
  const read = forModel({ $schema: 'x', type: 'object', ...schema });
  expect(Object.keys(read.schema['properties'] ?? {}).toSorted()).toEqual(names);
  expect(read.schema['required'] ?? []).toEqual(required);
  expect(read.note).toBe(note);
  for (const key of ['$schema', 'oneOf', 'anyOf', 'allOf']) expect(read.schema).not.toHaveProperty(key);
});

it('an argument that alternatives define differently accepts either', () => {
  const { schema } = forModel({
    type: 'object',
    oneOf: [{ properties: { id: { type: 'string' } } }, { properties: { id: { type: 'number' } } }],
  });
  expect(schema['properties']).toEqual({ id: { anyOf: [{ type: 'string' }, { type: 'number' }] } });
});

it('alternatives are described in the description', async () => {
  const tool = (await openHub([spec]).list(never)).find(({ plainName }) => plainName === 'either');
  expect(tool?.description).toBe('Give exactly one of: a | b.');
});
