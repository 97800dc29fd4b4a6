import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/agent/events.ts';
import { createHistoryStore, type HistoryStore } from '../../../src/sessions/history/history-store.ts';
import { createSessionStore, type SessionStore } from '../../../src/sessions/session-store.ts';

let root = '';
let sessions: SessionStore;
let history: HistoryStore;
/** Ids of the sessions that were read in full. */
let reads: string[] = [];

const signal = AbortSignal.timeout(600_000);
const sessionsFolder = (): string => join(root, 'sessions');
const indexFile = (): string => join(root, 'history/index.jsonl');

function openHistory(): HistoryStore {
  const counted = {
    ...sessions,
    read: (id: string) => {
      reads.push(id);
      return sessions.read(id);
    },
  };
  return createHistoryStore({ sessions: counted, sessionsFolder: sessionsFolder(), folder: join(root, 'history') });
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'switchboard-history-'));
  sessions = createSessionStore(sessionsFolder());
  reads = [];
  history = openHistory();
  return () => rmSync(root, { recursive: true, force: true });
});

const end: RunEvent = { type: 'run-finished', reason: 'completed', message: 'Done.', writeNotGranted: false };

function started(prompt: string, more: Partial<Extract<RunEvent, { type: 'run-started' }>> = {}): RunEvent {
  return { type: 'run-started', session: 's', run: 'r', time: '2026-11-30T09:00:00.000Z', model: 'm', prompt, ...more };
}

async function written(...events: readonly RunEvent[]): Promise<string> {
  const session = await sessions.create();
  for (const event of events) session.addEvent(event);
  await session.close();
  return session.id;
}

async function readAll(): Promise<void> {
  await history.read(await history.list(), signal);
}

function write(tool: string, server: string, callId: string, input: Record<string, unknown>): readonly RunEvent[] {
  return [
    { type: 'tool-call-proposed', callId, tool, server, title: `Use ${tool}`, risk: 'write', arguments: input },
    { type: 'tool-call-started', callId, arguments: input },
  ];
}

function ok(callId: string, label?: string): RunEvent {
  const link = label === undefined ? {} : { link: { label, url: 'https://jira.example/x' } };
  return { type: 'tool-call-finished', callId, outcome: 'ok', durationMs: 1, summary: 'done', ...link };
}

const filed = [...write('create_jira_ticket', 'jira', 'c1', { summary: 'Payment timeouts' }), ok('c1', 'ENG-1')];

describe('facts of a session', () => {
  const factsOf = async (...events: readonly RunEvent[]) => {
    await written(...events);
    await readAll();
    return (await history.list())[0]?.facts;
  };

  it('name what was filed and posted', async () => {
    const posted = [
      ...write('post_slack_message', 'slack', 'c2', { channel: '#ops', text: '**Down** since 9\nMore' }),
      ok('c2'),
    ];
    const facts = await factsOf(
      started('Why?', { runbook: { name: 'failed-orders', parameters: {} } }),
      ...filed,
      ...posted,
      end,
    );
    expect(facts).toEqual({
      title: 'Why?',
      created: expect.any(String) as string,
      end: 'completed',
      writes: [
        { kind: 'filed', what: 'ENG-1', about: 'Payment timeouts' },
        { kind: 'posted', what: '#ops', about: 'Down since 9' },
      ],
      denied: false,
      runbooks: [{ run: 'r', name: 'failed-orders', time: '2026-11-30T09:00:00.000Z' }],
      branched: false,
    });
  });

  it('forget a ticket that was taken back, and only when that was done in full', async () => {
    const undoing = started('Undo', { undoes: 'c1', run: 'r2' });
    const undo = write('undo_jira_change', 'jira', 'c9', {});
    const failed: RunEvent = {
      type: 'tool-call-finished',
      callId: 'c9',
      outcome: 'failed',
      durationMs: 1,
      summary: '',
    };
    expect((await factsOf(started('a'), ...filed, end, undoing, ...undo, failed, end))?.writes).toHaveLength(1);
    expect((await factsOf(started('a'), ...filed, end, undoing, ...undo, ok('c9'), end))?.writes).toEqual([]);
  });

  it('say that a person refused, that a run goes on, and believe no other server that it filed a ticket', async () => {
    const denied: RunEvent = { type: 'approval-resolved', callId: 'c1', decision: 'denied', by: 'person', reason: '' };
    expect(await factsOf(started('a'), denied, end)).toMatchObject({ denied: true, writes: [], end: 'completed' });
    const strange = [...write('create_jira_ticket', 'evil', 'c1', { summary: 'x' }), ok('c1', 'ENG-9')];
    expect(await factsOf(started('a'), ...strange)).toMatchObject({ end: undefined, writes: [{ kind: 'changed' }] });
  });
});

describe('the list', () => {
  it('reads a session once, again only when it has changed, and none to list them', async () => {
    const [a, b] = [await written(started('first'), end), await written(started('second'), end)];
    await history.list();
    expect(reads).toEqual([]);
    await readAll();
    expect(reads.toSorted()).toEqual([a, b].toSorted());
    await readAll();
    history = openHistory();
    await readAll();
    expect(reads).toHaveLength(2);
    const session = await sessions.open(a);
    session.addEvent(started('third'));
    await session.close();
    await readAll();
    expect(reads).toHaveLength(3);
    expect(reads[2]).toBe(a);
  });

  it('has names and pins, pinned ones first, also for another window', async () => {
    const [a, b] = [await written(started('first'), end), await written(started('second'), end)];
    await history.pin(a, true);
    await history.rename(a, '  Outage\n of Monday ');
    history = openHistory();
    expect((await history.list()).map(({ id, name, pinned }) => [id, name, pinned])).toEqual([
      [a, 'Outage of Monday', true],
      [b, undefined, undefined],
    ]);
    await history.rename(a, ' ');
    await history.pin(a, false);
    expect(JSON.parse(readFileSync(join(root, 'history/names.json'), 'utf8'))).toEqual({ version: 1, sessions: {} });
  });

  it('keeps every name that two windows give at once', async () => {
    const ids = await Promise.all(Array.from({ length: 6 }, () => written(started('x'), end)));
    await Promise.all(ids.map((id, index) => openHistory().rename(id, `Name ${index}`)));
    const named = (await history.list()).map(({ name = '' }) => name);
    expect(named.toSorted((a, b) => a.localeCompare(b))).toEqual(ids.map((_, index) => `Name ${index}`));
  });

  it('survives an index that is damaged, and one that another window has rewritten', async () => {
    const id = await written(started('first'), end);
    await readAll();
    appendFileSync(indexFile(), `{"half": \n\t\n${JSON.stringify({ version: 1, id, bytes: -1 })}\t"x"\n`);
    expect((await history.list())[0]?.facts?.title).toBe('first');
    writeFileSync(indexFile(), 'rubbish');
    expect((await history.list())[0]?.facts).toBeUndefined();
    await readAll();
    await written(started('second'), end);
    await readAll();
    expect((await history.list()).map(({ facts }) => facts?.title)).toEqual(['second', 'first']);
  });

  it('refuses to guess names from a file that is damaged', async () => {
    await mkdir(join(root, 'history'));
    writeFileSync(join(root, 'history/names.json'), '{"version": 2}');
    await expect(history.list()).rejects.toThrow('names.json is damaged');
  });
});

describe('the search', () => {
  it('finds all words in prompts, answers, arguments, results and names, in any case and order', async () => {
    const row: RunEvent = {
      type: 'evidence-added',
      callId: 'c',
      evidence: {
        id: 'E1',
        tool: 't',
        title: 'Query',
        arguments: {},
        time: '',
        rowCount: 1,
        truncated: false,
        sha256: '',
        columns: [{ name: 'error_code', type: 'text' }],
        rows: [['GATEWAY_TIMEOUT', 12]],
      },
    };
    const call = write('query_database', 'postgres', 'c', { query: 'SELECT count(*) FROM orders' });
    const text: readonly RunEvent[] = [
      { type: 'text-delta', text: 'The cause is the pay' },
      { type: 'text-delta', text: 'ment Gateway.' },
    ];
    const id = await written(started('Why do orders fail?'), ...call, row, ...text, end);
    const other = await written(started('Something else'), end);
    await history.rename(other, 'Zebra');
    await readAll();
    const found = async (query: string) => (await history.search(query, signal)).map(({ entry }) => entry.id);
    for (const query of ['WHY fail', 'payment gateway', 'from ORDERS', 'gateway_timeout', 'error_code', 'cause why'])
      expect(await found(query), query).toEqual([id]);
    expect(await found('zebra')).toEqual([other]);
    expect(await found('zebra fail')).toEqual([]);
    expect(await found('  ')).toEqual([]);
    const [hit] = await history.search('gateway.', signal);
    expect(hit?.snippet).toBe('The cause is the payment Gateway.');
  });

  it('finds the last state of a session only', async () => {
    const id = await written(started('first'), { type: 'text-delta', text: 'half an ans' });
    await readAll();
    const session = await sessions.open(id);
    session.addEvent({ type: 'turn-restarted' });
    session.addEvent({ type: 'text-delta', text: 'the whole' });
    session.addEvent(end);
    await session.close();
    await readAll();
    expect(await history.search('half an ans', signal)).toEqual([]);
    expect(await history.search('the whole', signal)).toHaveLength(1);
  });

  it('cuts a long line around the word', async () => {
    await written(started(`${'a '.repeat(300)}needle ${'b '.repeat(300)}`), end);
    await readAll();
    const [hit] = await history.search('needle', signal);
    expect(hit?.snippet).toMatch(/^…(?:a )+needle (?:b )+b?$/u);
    expect(hit?.snippet.length).toBeLessThan(200);
  });
});

describe('a deleted session', () => {
  it('leaves no text behind', async () => {
    const id = await written(started('a secret word'), end);
    await written(started('another'), end);
    await history.rename(id, 'Named');
    await readAll();
    await history.remove(id);
    expect((await history.list()).map(({ facts }) => facts?.title)).toEqual(['another']);
    expect(readFileSync(indexFile(), 'utf8')).not.toContain('a secret word');
    expect(readFileSync(join(root, 'history/names.json'), 'utf8')).not.toContain('Named');
    await expect(history.remove(id)).rejects.toThrow('There is no session');
  });

  it('is forgotten too when its file was deleted by other means', async () => {
    const id = await written(started('a secret word'), end);
    await readAll();
    await sessions.remove(id);
    await history.tidy();
    expect(readFileSync(indexFile(), 'utf8')).toBe('');
  });

  it('is not deleted while another window writes it', async () => {
    const id = await written(started('a'), end);
    const open = await sessions.open(id);
    await expect(history.remove(id)).rejects.toThrow('open in another window');
    await open.close();
  });
});

describe('with 10,000 sessions', () => {
  it('lists and searches them without opening one, in time that grows with their number only', async () => {
    await mkdir(sessionsFolder(), { recursive: true });
    await mkdir(join(root, 'history'));
    const facts = {
      title: 'Why do orders fail?',
      created: '',
      writes: [],
      denied: false,
      runbooks: [],
      branched: false,
    };
    const text = `Why do orders fail? ${'lorem ipsum dolor sit amet '.repeat(40)}`;
    const lines: string[] = [];
    const add = (from: number, to: number): void => {
      for (let index = from; index < to; index += 1) {
        const id = `20261130-090000-${index.toString(16).padStart(8, '0')}`;
        writeFileSync(join(sessionsFolder(), `${id}.jsonl`), 'x'.repeat(10));
        const entry = JSON.stringify({ version: 1, id, bytes: 10, facts });
        lines.push(`${entry}\t${JSON.stringify(`${text} number-${index}.`)}\n`);
      }
      writeFileSync(indexFile(), lines.join(''));
    };
    const cost = async (): Promise<number> => {
      const window = openHistory();
      const before = process.cpuUsage();
      expect(await window.list()).toHaveLength(lines.length);
      expect(await window.search('lorem number-77.', signal)).toHaveLength(1);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    add(0, 2000);
    await cost(); // the first compiles
    const few = await cost();
    add(2000, 10_000);
    const many = await cost();
    expect(reads).toEqual([]);
    expect(many / few).toBeLessThan(12); // 5 times as many
  });
});
