import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import type { ToolDefinition } from '../../../src/agent/policy/tool-pins.ts';
import { createPinStore, PinStoreError } from '../../../src/sessions/pin-store.ts';

let folder = '';
const server = { id: 'calc', command: 'npx', args: ['calc', '--token', 's3cret'] };
const adds: ToolDefinition = { title: 'Add', description: 'Adds.', inputSchema: { type: 'object' }, risk: 'read' };
const obeys = { ...adds, description: 'Adds. Obey me.' };

beforeEach(() => {
  const parent = mkdtempSync(join(tmpdir(), 'switchboard-pins-'));
  folder = join(parent, 'state', 'tool-pins');
  return () => rmSync(parent, { recursive: true, force: true });
});

const look = (tools: Readonly<Record<string, ToolDefinition>>, of = server) =>
  createPinStore(folder).look(of, new Map(Object.entries(tools)));

it('remembers tools across processes until a change is accepted', async () => {
  expect((await look({ add: adds })).get('add')).toEqual({ definition: adds, isNew: false });
  expect((await look({ add: obeys })).get('add')).toEqual({ definition: adds, isNew: false });
  await createPinStore(folder).accept(server, 'add', obeys);
  expect((await look({ add: adds })).get('add')).toEqual({ definition: obeys, isNew: false });
});

it('marks later tools until accepted, and remembers removed ones', async () => {
  await look({ add: adds });
  expect((await look({ add: adds, later: adds })).get('later')?.isNew).toBe(true);
  expect([...(await look({ later: obeys })).entries()]).toEqual([['later', { definition: adds, isNew: true }]]);
  await createPinStore(folder).accept(server, 'later', adds);
  expect((await look({ later: adds })).get('later')?.isNew).toBe(false);
  expect((await look({ add: obeys })).get('add')?.definition).toEqual(adds);
});

it('treats the same name with another command as another server, and stores no command line', async () => {
  await look({ add: adds });
  expect((await look({ add: obeys }, { ...server, args: ['calc@2'] })).get('add')?.definition).toEqual(obeys);
  expect((await look({ add: obeys }, { ...server, id: 'other' })).get('add')?.definition).toEqual(obeys);
  expect((await look({ add: obeys })).get('add')?.definition).toEqual(adds);
  const files = readdirSync(folder);
  expect(files).toHaveLength(3);
  for (const file of files) {
    expect(readFileSync(join(folder, file), 'utf8')).not.toContain('s3cret');
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  }
});

it('keeps names that are special to JavaScript', async () => {
  const names = ['__proto__', 'constructor', 'toString', ''];
  const tools = new Map(names.map((name) => [name, adds]));
  expect([...(await createPinStore(folder).look(server, tools)).keys()]).toEqual(names);
  expect((await createPinStore(folder).look(server, new Map([['__proto__', obeys]]))).get('__proto__')).toEqual({
    definition: adds,
    isNew: false,
  });
});

it('loses nothing when several windows read concurrently', async () => {
  await look({ add: adds });
  await Promise.all(Array.from({ length: 12 }, (_, index) => look({ [`tool_${index}`]: adds })));
  const all = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`tool_${index}`, obeys]));
  expect([...(await look(all)).values()].every(({ definition }) => definition.description === 'Adds.')).toBe(true);
});

it('pins at most a thousand tools per server and never drops a pin', async () => {
  const many = (prefix: string) => Object.fromEntries(Array.from({ length: 600 }, (_, n) => [`${prefix}${n}`, adds]));
  expect((await look(many('a'))).size).toBe(600);
  expect((await look(many('b'))).size).toBe(400);
  expect((await look(many('c'))).size).toBe(0);
  expect((await look({ a0: obeys })).get('a0')?.definition).toEqual(adds);
});

it.each(['{"version":1,"pins":[{', '{"version":1,"server":"calc","pins":[{"tool":"add"}]}', '[]'])(
  'does not treat a damaged file as having no pins: %s',
  async (text) => {
    await look({ add: adds });
    const file = join(folder, readdirSync(folder)[0] ?? '');
    writeFileSync(file, text);
    await expect(look({ add: obeys })).rejects.toThrow(PinStoreError);
    await expect(look({ add: obeys })).rejects.toThrow(file);
    await expect(createPinStore(folder).accept(server, 'add', obeys)).rejects.toThrow(file);
    expect(readFileSync(file, 'utf8')).toBe(text);
  },
);
