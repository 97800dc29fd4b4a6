import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { canonicalJson } from '../../../servers/contract/canonical-json.ts';
import { sha256Hex } from '../../../servers/contract/sha256.ts';
import type { EvidenceRecord } from '../../../src/agent/evidence/store.ts';
import { exportJson } from '../../../src/sessions/export-json.ts';
import { createSessionStore, SessionError, type SessionStore } from '../../../src/sessions/session-store.ts';
import { SessionWriteError, type Session } from '../../../src/sessions/session.ts';
import { sampleEvents, sampleMessages } from './sample-session.ts';

let folder = '';
let store: SessionStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchboard-sessions-'));
  store = createSessionStore(folder);
  return () => rmSync(folder, { recursive: true, force: true });
});

const evidence: EvidenceRecord = {
  id: 'E1',
  tool: 'query_database',
  server: 'postgres',
  title: 'Query',
  arguments: {},
  time: '2026-11-22T09:00:00.000Z',
  columns: [{ name: 'n', type: 'int4' }],
  rowCount: 1,
  truncated: false,
  sha256: 'a'.repeat(64),
  value: { columns: [{ name: 'n', type: 'int4' }], rows: [[12]], row_count: 1 },
};
const policy = { destinations: ['jira:ENG'], linkHosts: ['example.com'], taint: ['query_database (E1)'] };

async function written(): Promise<Session> {
  const session = await store.create();
  for (const event of sampleEvents) session.addEvent(event);
  for (const message of sampleMessages) await session.addMessage(message);
  await session.saveEvidence([evidence]);
  await session.saveEvidence([evidence]);
  await session.savePolicy({ destinations: [], linkHosts: [], taint: [] });
  await session.savePolicy(policy);
  await session.close();
  return session;
}

const fileOf = (id: string): string => join(folder, `${id}.jsonl`);

describe('a session', () => {
  it('is read back in full: events, conversation, evidence, policy', async () => {
    const { id } = await written();
    const { content } = await closing(store.open(id));
    expect(content.title).toBe('Why do orders fail?');
    expect(content.messages).toEqual(sampleMessages);
    expect(content.evidence).toEqual([evidence]);
    expect(content.policy).toEqual(policy);
    expect(content.damage).toEqual({ lines: 0, lostBytes: 0 });
    const joined = sampleEvents.filter(
      (event) => event.type !== 'tool-call-progressed' && !(event.type === 'text-delta' && event.text === 'look.'),
    );
    expect(content.events.map(({ event }) => event)).toEqual(
      joined.map((event) =>
        event.type === 'text-delta' && event.text === 'Let me ' ? { ...event, text: 'Let me look.' } : event,
      ),
    );
  });

  it('returns its results with every row, from its file and from the shelf', async () => {
    const session = await store.create();
    for (const event of sampleEvents) session.addEvent(event);
    const value = { columns: [{ name: 'n', type: 'int4' }], rows: Array.from({ length: 300 }, (_, row) => [row]) };
    const sha256 = sha256Hex(canonicalJson(value));
    const { value: _, ...shelved } = { ...evidence, id: 'E2', rowCount: 300, sha256 };
    session.shelf?.put('E2', JSON.stringify(value));
    await session.saveEvidence([evidence, shelved]);
    await session.close();
    const results = await store.evidence(session.id);
    expect(results.get('E1')?.rows).toEqual([[12]]);
    expect(results.get('E2')?.rows).toHaveLength(300);
    expect(results.get('E3')).toBeUndefined();
    await expect(store.evidence('20261122-090000-00000000')).rejects.toThrow(SessionError);

    rmSync(join(folder, `${session.id}.evidence`), { recursive: true });
    const text = exportJson(await store.read(session.id), await store.evidence(session.id));
    expect(JSON.parse(text)).toMatchObject({ evidence: [{ value: evidence.value }, { id: 'E2', rowCount: 300 }] });
    expect(text).toContain('"lost": "E2 is no longer stored.');
  });

  it('continues where it stopped', async () => {
    const { id } = await written();
    const again = await store.open(id);
    await again.addMessage({ role: 'user', content: [{ type: 'text', text: 'And now?' }] });
    await again.close();
    expect((await store.read(id)).messages).toHaveLength(sampleMessages.length + 1);
  });

  it('leaves no file when nothing happened, and is readable only by its owner', async () => {
    const empty = await store.create();
    await empty.close();
    expect(readdirSync(folder)).toEqual([]);
    const { id } = await written();
    expect(statSync(fileOf(id)).mode & 0o077).toBe(0);
  });

  it('has one writer at a time', async () => {
    const { id } = await written();
    const first = await store.open(id);
    await expect(store.open(id)).rejects.toThrow(`The session ${id} is open in another window.`);
    await expect(store.remove(id)).rejects.toThrow(SessionError);
    expect((await store.read(id)).messages).toHaveLength(sampleMessages.length);
    await first.close();
    await closing(store.open(id));
  });

  it('is not kept locked by a process that has died', async () => {
    const { id } = await written();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(join(folder, `${id}.lock`), JSON.stringify({ pid, host: hostname(), nonce: 'gone' }));
    await closing(store.open(id));
    writeFileSync(
      join(folder, `${id}.lock`),
      JSON.stringify({ pid: process.pid, host: hostname(), nonce: 'reused pid' }),
    );
    await closing(store.open(id));
    writeFileSync(join(folder, `${id}.lock`), JSON.stringify({ pid, host: 'elsewhere', nonce: 'nobody can tell' }));
    await expect(store.open(id)).rejects.toThrow(SessionError);
  });

  it('is opened by exactly one of many, with or without a stale lock', async () => {
    const { id } = await written();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    for (let round = 0; round < 20; round += 1) {
      if (round % 2 === 0) {
        writeFileSync(join(folder, `${id}.lock`), JSON.stringify({ pid, host: hostname(), nonce: String(round) }));
      }
      const openers = await Promise.allSettled(Array.from({ length: 8 }, () => createSessionStore(folder).open(id)));
      const won = openers.filter((opener) => opener.status === 'fulfilled');
      expect(won).toHaveLength(1);
      await won[0]?.value.close();
    }
    expect(readdirSync(folder)).toEqual([`${id}.jsonl`]);
  });

  it('says what is wrong with an id', async () => {
    await expect(store.read('../../etc/passwd')).rejects.toThrow("'../../etc/passwd' is not a session id.");
    await expect(store.read('20261122-090000-00000000')).rejects.toThrow('There is no session');
  });

  it('stores large evidence next to the file, and is removed with it', async () => {
    const { id } = await written();
    const again = await store.open(id);
    again.shelf?.put('E2', '{"rows":[]}');
    expect(again.shelf?.take('E2')).toBe('{"rows":[]}');
    expect(again.shelf?.take('E3')).toBeUndefined();
    await again.close();
    await store.remove(id);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that cannot be written reports it to the next caller that waits', async () => {
    const session = await store.create();
    rmSync(folder, { recursive: true });
    for (const event of sampleEvents) session.addEvent(event);
    await expect(session.addMessage(sampleMessages[0]!)).rejects.toThrow(SessionWriteError);
    await expect(session.close()).rejects.toThrow(/cannot be written: ENOENT/);
  });
});

describe('a damaged file', () => {
  it('truncated anywhere loses at most its last record and remains writable', async () => {
    const { id } = await written();
    const whole = readFileSync(fileOf(id));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), async (length) => {
        writeFileSync(fileOf(id), whole.subarray(0, length));
        const session = await store.open(id);
        const { messages, damage } = session.content;
        expect(messages).toEqual(sampleMessages.slice(0, messages.length));
        expect(damage.lines).toBe(0);
        await session.addMessage({ role: 'user', content: [] });
        await session.close();
        const after = await store.read(id);
        expect(after.damage).toEqual({ lines: 0, lostBytes: damage.lostBytes });
        expect(after.messages.slice(0, messages.length)).toEqual(messages);
      }),
      { numRuns: 60 },
    );
  });

  it('with a broken line keeps everything else, and a conversation without gaps', async () => {
    const { id } = await written();
    const lines = readFileSync(fileOf(id), 'utf8').split('\n');
    const results = lines.findIndex((line) => line.includes('"tool-result"'));
    lines[results] = '{"type":"message","message":{"role":"user","content":[{"ty';
    writeFileSync(fileOf(id), lines.join('\n'));
    const session = await store.open(id);
    expect(session.content.damage.lines).toBe(1);
    // The call stays open. A resumed run answers it first.
    expect(session.content.messages).toEqual(sampleMessages.slice(0, 2));
    await session.addMessage(sampleMessages[2]!);
    await session.close();
    expect((await store.read(id)).messages).toEqual(sampleMessages.slice(0, 3));
  });

  it('of any bytes is read without failing', async () => {
    const { id } = await written();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        writeFileSync(fileOf(id), bytes);
        await store.read(id);
        expect((await store.list()).map((summary) => summary.id)).toEqual([id]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the list', () => {
  it('shows the newest first, with how each ended', async () => {
    expect(await createSessionStore(join(folder, 'nowhere')).list()).toEqual([]);
    const first = await written();
    const second = await written();
    truncateSync(fileOf(second.id), statSync(fileOf(second.id)).size - 10);
    appendFileSync(fileOf(second.id), '\n');
    const crashed = await store.create();
    crashed.addEvent(sampleEvents[0]!);
    await crashed.close();
    writeFileSync(join(folder, 'notes.jsonl'), 'not a session\n');
    const list = await store.list();
    expect(new Set(list.map(({ id }) => id))).toEqual(new Set([first.id, second.id, crashed.id]));
    const lastEnd = (id: string) => list.find((summary) => summary.id === id)?.lastEnd;
    expect([first, second, crashed].map(({ id }) => lastEnd(id))).toEqual(['completed', 'completed', undefined]);
    expect(list.map(({ changed }) => changed)).toEqual(
      list
        .map(({ changed }) => changed)
        .toSorted()
        .toReversed(),
    );
    expect(list.map(({ title }) => title)).toEqual(Array.from({ length: 3 }, () => 'Why do orders fail?'));
  });
});

async function closing(opening: Promise<Session>): Promise<Session> {
  const session = await opening;
  onTestFinished(() => session.close());
  await session.close();
  return session;
}
