import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMeasureStore } from '../../../src/sessions/measure-store.ts';

let folder: string;
const measure = { time: '2026-11-22T09:00:00.000Z', columns: [{ name: 'n', type: 'int8' }], rows: [['1']] };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchboard-measures-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('keeps the last result of each measure', async () => {
  const store = createMeasureStore(join(folder, 'measures'));
  expect(await store.last('a')).toBeUndefined();
  await store.keep('a', measure);
  await store.keep('a', { ...measure, rows: [['2']] });
  await store.keep('b', measure);
  expect(await store.last('a')).toEqual({ ...measure, rows: [['2']] });
  expect(await readdir(join(folder, 'measures'))).toHaveLength(2);
});

it('treats a damaged file as missing', async () => {
  const store = createMeasureStore(folder);
  await store.keep('a', measure);
  const [file = ''] = await readdir(folder);
  for (const text of ['{"time":', '{"time":1}', '']) {
    await writeFile(join(folder, file), text);
    expect(await store.last('a')).toBeUndefined();
  }
});
