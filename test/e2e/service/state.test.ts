import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { administerState } from '../../../servers/contract/state/administer.ts';
import { openDatabase, type StateDatabase } from '../../../servers/kit/state/database.ts';
import { openQueue } from '../../../src/service/queue/open-queue.ts';
import {
  createOccasionStore,
  type OccasionRow,
  type OccasionStore,
} from '../../../src/service/state/occasion-store.ts';
import type { RunEvent } from '../../../src/agent/events.ts';
import { parseRunbook } from '../../../src/agent/runbook/runbook.ts';
import { openRunState } from '../../../src/service/run-state.ts';
import type { StartRequest } from '../../../src/switchboard.ts';
import { createSharedSessions } from '../../../src/service/state/shared-sessions.ts';
import { accessCluster } from '../../stack/database/cluster.ts';

let url: string;
let database: StateDatabase;
let admin: Client;
let ours: OccasionStore;
let other: OccasionStore;
let row: OccasionRow;
let number = 0;

beforeAll(async () => {
  url = await accessCluster(inject('postgres')).createDatabase(`service_${process.pid}_${Date.now()}`);
  database = await openDatabase(url, 'test', () => undefined);
  admin = new Client(url);
  await admin.connect();
  ours = createOccasionStore(database, 'ours');
  other = createOccasionStore(database, 'other');
});
beforeEach(async () => {
  number += 1;
  ({ row } = await ours.add(occasion(`incident ${number}`)));
});
afterAll(async () => {
  await admin?.end();
  await database?.close();
});

const occasion = (name: string) => ({ name, runbook: 'incident', parameters: { threshold: 5 }, source: 'test' });
/** As if the holder had been silent for longer than the lease. */
const silence = () =>
  admin.query("update switchboard.occasion set touched = now() - interval '1 minute' where id = $1", [row.id]);
const event = { type: 'text-delta', text: 'found\0it' } as const;

it('adds an occasion once, for whoever asks', async () => {
  const added = await Promise.all(Array.from({ length: 8 }, () => other.add(occasion('the same'))));
  expect(added.filter(({ isNew }) => isNew)).toHaveLength(1);
  expect(new Set(added.map((each) => each.row.id)).size).toBe(1);
  expect(added[0]?.row).toMatchObject({ state: 'queued', parameters: { threshold: 5 } });
});

it('is claimed by one of many, and by another only when its holder is silent', async () => {
  const claims = await Promise.all(
    Array.from({ length: 8 }, (_, index) => (index % 2 ? ours : other).claim(row.id, { repeat: false })),
  );
  expect(claims.map(({ kind }) => kind).toSorted()).toEqual([...Array<string>(7).fill('busy'), 'ours']);
  await silence();
  expect((await other.claim(row.id, { repeat: false })).kind).toBe('ours');
  expect(await ours.touch(row.id)).toBe(false);
  expect(await ours.end(row.id, { state: 'ended', reason: 'completed', exitCode: 0, message: '' })).toBe(false);
  expect(await other.touch(row.id)).toBe(true);
});

it('that ended well is not run again, and one that did not only if asked', async () => {
  await ours.claim(row.id, { repeat: false });
  await ours.end(row.id, { state: 'ended', reason: 'failed', exitCode: 1, message: 'half\0' });
  expect(await other.claim(row.id, { repeat: false })).toMatchObject({
    kind: 'over',
    row: { message: 'half\u{fffd}' },
  });
  expect((await other.claim(row.id, { repeat: true })).kind).toBe('ours');
  await other.end(row.id, { state: 'ended', reason: 'completed', exitCode: 0, message: '' });
  expect((await ours.claim(row.id, { repeat: true })).kind).toBe('over');
});

it('has exactly as many uses of a grant as its limit, for all attempts at once; a key takes one', async () => {
  const { take } = ours.occasionOf(row);
  const taken = await Promise.all(
    Array.from({ length: 24 }, (_, index) => take({ grantId: 'g', limit: 5, key: `key ${index % 12}` })),
  );
  // Both takes of a key have the same answer, or the second came when the first was in.
  expect(taken.filter(Boolean).length).toBe(10);
  expect(await take({ grantId: 'other', limit: 1, key: 'key 0' })).toBe(true);
  expect(await take({ grantId: 'g', limit: 5, key: 'new' })).toBe(false);
});

it('keeps a session that another process goes on with, and takes no line of one that was replaced', async () => {
  await ours.claim(row.id, { repeat: false });
  const first = await createSharedSessions(database, 'ours').open(row.session);
  first.addEvent(event);
  await first.addMessage({ role: 'user', content: [{ type: 'text', text: 'Why?' }] });
  await silence();
  await other.claim(row.id, { repeat: false });
  const sessions = createSharedSessions(database, 'other');
  const second = await sessions.open(row.session);
  expect(second.content.messages).toEqual([{ role: 'user', content: [{ type: 'text', text: 'Why?' }] }]);
  await second.addMessage({ role: 'assistant', content: [{ type: 'text', text: 'Because.' }] });
  await expect(first.addMessage({ role: 'user', content: [{ type: 'text', text: 'Late.' }] })).rejects.toThrow(
    'another process has taken over',
  );
  const { messages, events, damage } = await sessions.read(row.session);
  expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
  expect(events.map((each) => each.event)).toEqual([event]);
  expect(damage).toEqual({ lines: 0, lostBytes: 0 });
  await expect(sessions.read('20260101-000000-00000000')).rejects.toThrow('There is no session');
});

it('is found by any part of its incident, and by those that come later', async () => {
  const find = (...parts: string[]) => ours.findByParts({ runbook: 'incident', prefix: 'group/', parts });
  const options = { fromOthers: [], acceptGrants: false, parts: ['a'] };
  const { row: first } = await ours.add({ ...occasion('group/1'), options });
  await ours.add({ ...occasion('another group/1'), options: { ...options, parts: ['b'] } });
  expect(await find('b')).toBeUndefined();
  expect((await find('b', 'a'))?.options).toEqual({ ...options, parts: ['a', 'b'] });
  expect((await find('c', 'b'))?.id).toBe(first.id);
  expect((await find('c'))?.id).toBe(first.id);
  expect(await find('d')).toBeUndefined();
});

it('is found when nobody works on it', async () => {
  await ours.claim(row.id, { repeat: false });
  const ids = async () => (await other.stranded()).map(({ id }) => id);
  expect(await ids()).not.toContain(row.id);
  await silence();
  expect(await ids()).toContain(row.id);
});

it('is open to the role of workers, which removes nothing', async () => {
  const role = `worker_${process.pid}_${Date.now()}`;
  await admin.query(`create role ${role} login password 'its-own'`);
  await administerState(url).migrate([{ name: role, as: 'workers' }]);
  const own = new URL(url);
  own.username = role;
  own.password = 'its-own';
  const theirs = await openDatabase(own.href, 'test', () => undefined);
  try {
    const store = createOccasionStore(theirs, role);
    const { row: added } = await store.add(occasion(`of ${role}`));
    expect((await store.claim(added.id, { repeat: false })).kind).toBe('ours');
    expect(await store.occasionOf(added).take({ grantId: 'g', limit: 1, key: 'k' })).toBe(true);
    const session = await createSharedSessions(theirs, role).open(added.session);
    session.addEvent(event);
    await session.close();
    expect(await store.end(added.id, { state: 'ended', reason: 'completed', exitCode: 0, message: '' })).toBe(true);
    for (const table of ['occasion', 'session_line'])
      await expect(theirs.query(`delete from switchboard.${table}`, [])).rejects.toMatchObject({
        cause: { code: '42501' },
      });
    await expect(theirs.query('update switchboard.session_line set line = $1', [''])).rejects.toThrow();
  } finally {
    await theirs.close();
  }
});

it('says what the role of workers lacks for its queue', async () => {
  const role = `queue_${process.pid}_${Date.now()}`;
  await admin.query(`create role ${role} login password 'its-own'`);
  const own = new URL(url);
  own.username = role;
  own.password = 'its-own';
  const options = { url: own.href, concurrency: 1, limits: {}, log: () => undefined };
  const failed = await openQueue({ ...options, work: () => Promise.resolve('done') }).catch(String);
  expect(failed).toContain('ConfigurationError: SWITCHBOARD_STATE_URL: permission denied');
  expect(failed).toContain('grant its role create on the database');
});

it('that waits is found again when all its questions are answered, even if nobody was told', async () => {
  const found = async () => (await ours.stranded()).some(({ id }) => id === row.id);
  const answer = (state: string) =>
    admin.query('update switchboard.approval set state = $2 where session = $1', [row.session, state]);
  await ours.claim(row.id, { repeat: false });
  await ours.end(row.id, { state: 'waiting', reason: 'waiting', exitCode: 3, message: '' });
  await silence();
  expect(await found()).toBe(false);
  await admin.query(
    `insert into switchboard.approval (id, session, run, call, title, request, digest, people, place, expires)
     values (gen_random_uuid(), $1, 'run', 'call', 'title', '{}', '', '[]', '', now() + interval '1 hour')`,
    [row.session],
  );
  expect(await found()).toBe(false);
  await answer('approved');
  expect(await found()).toBe(true);
  expect((await other.claim(row.id, { repeat: false })).kind).toBe('ours');
});

it('that a webhook queued keeps what others wrote when a person goes on with it', async () => {
  await admin.query('update switchboard.occasion set options = $2 where id = $1', [
    row.id,
    JSON.stringify({ fromOthers: ['threshold'], acceptGrants: false }),
  ]);
  const state = await openRunState({ SWITCHBOARD_STATE_URL: url });
  let started: StartRequest | undefined;
  const parsed = parseRunbook('---\nname: incident\ntitle: Incident\n---\nLook.\n', 'incident.md');
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.issues));
  const none = { measures: [], conditions: [], previews: [], grants: [], acceptance: '' };
  await state.run(row.name, {
    start: async function* (request): AsyncGenerator<RunEvent> {
      started = request;
      yield { type: 'run-finished', reason: 'completed', message: 'Done.', writeNotGranted: false };
    },
    release: () => Promise.resolve(),
    request: {
      prompt: 'Incident',
      runbook: { runbook: parsed.runbook, parameters: { threshold: 5 }, ...none },
      attachments: [],
      acceptGrants: false,
      ask: undefined,
      signal: new AbortController().signal,
    },
    note: () => undefined,
    render: async (events) => {
      for await (const each of events) if (each.type === 'run-finished') return each;
      return undefined;
    },
    exitCodeOf: () => 0,
  });
  await state.close();
  expect(started?.runbook?.fromOthers).toEqual(['threshold']);
});
