import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/agent/events.ts';
import type { EvidenceRecord } from '../../../src/agent/evidence/store.ts';
import { undoableWrites } from '../../../src/agent/undoable.ts';
import { replay } from '../../../src/chat/reduce.ts';
import { factsOfSession } from '../../../src/sessions/history/session-facts.ts';
import { createSessionStore, type SessionStore } from '../../../src/sessions/session-store.ts';

let folder = '';
let store: SessionStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchboard-branch-'));
  store = createSessionStore(folder);
  return () => rmSync(folder, { recursive: true, force: true });
});

const call = { callId: 'c1', tool: 'create_jira_ticket', server: 'jira', title: 'Create a ticket' };
const cleared = {
  callId: 'c1',
  tool: 'jira__create_jira_ticket',
  plainName: 'create_jira_ticket',
  arguments: { summary: 'x' },
  verdict: { decision: 'allow', by: 'person', rule: 'no-grant', reasons: [] },
  grantId: undefined,
} as const;
const end: RunEvent = { type: 'run-finished', reason: 'completed', message: 'Done.', writeNotGranted: false };

function started(session: string, run: string, prompt: string): RunEvent {
  return { type: 'run-started', session, run, time: '2026-11-30T09:00:00.000Z', model: 'm', prompt };
}

function evidence(id: string, value?: EvidenceRecord['value']): EvidenceRecord {
  const columns = [{ name: 'n', type: 'int4' }];
  const facts = { tool: 'query_database', server: 'postgres', title: 'Query', arguments: {}, time: '', columns };
  return { id, ...facts, rowCount: 1, truncated: false, sha256: 'a'.repeat(64), ...(value !== undefined && { value }) };
}

/** Two runs: the first has filed a ticket, the second has asked for another one and was cut off. */
async function twoRuns(): Promise<string> {
  const session = await store.create();
  session.addEvent(started(session.id, 'r1', 'Why do orders fail?'));
  await session.addMessage({ role: 'user', content: [{ type: 'text', text: 'Why do orders fail?' }] });
  const toolCall = { type: 'tool-call', id: 'c1', name: cleared.tool, input: { kind: 'complete', value: {} } } as const;
  await session.addMessage({ role: 'assistant', content: [toolCall] });
  session.addEvent({ ...call, type: 'tool-call-proposed', risk: 'write', arguments: { summary: 'x' } });
  await session.addCleared(cleared);
  session.addEvent({
    type: 'tool-call-finished',
    callId: 'c1',
    outcome: 'ok',
    durationMs: 1,
    summary: 'ENG-1',
    link: { label: 'ENG-1', url: 'https://jira.example/browse/ENG-1' },
    undo: 'deletes the ticket, or closes it',
  });
  session.addEvent({
    type: 'evidence-added',
    callId: 'c1',
    evidence: { ...evidence('E1'), rows: [[1]] },
  });
  await session.saveEvidence([evidence('E1', { n: 1 }), evidence('E2')]);
  const result = { type: 'tool-result', callId: 'c1', text: 'ENG-1', isError: false } as const;
  await session.addMessage({ role: 'user', content: [result] });
  await session.addMessage({ role: 'assistant', content: [{ type: 'text', text: 'I filed ENG-1.' }] });
  session.addEvent(end);
  await session.savePolicy({ destinations: ['jira:ENG'], linkHosts: ['jira.example'], taint: ['query_database (E1)'] });
  session.addEvent(started(session.id, 'r2', 'File another one'));
  await session.addMessage({ role: 'user', content: [{ type: 'text', text: 'File another one' }] });
  await session.addMessage({ role: 'assistant', content: [{ ...toolCall, id: 'c2' }] });
  session.addEvent({ ...call, callId: 'c2', type: 'tool-call-proposed', risk: 'write', arguments: { summary: 'y' } });
  await session.addCleared({ ...cleared, callId: 'c2' });
  await session.saveEvidence([evidence('E3', { n: 3 })]);
  await session.close();
  mkdirSync(join(folder, `${session.id}.evidence`));
  writeFileSync(join(folder, `${session.id}.evidence/E2.json`), '{"n":2}');
  return session.id;
}

describe('a branch', () => {
  it('before a prompt has everything until then, under its own id', async () => {
    const id = await twoRuns();
    const branch = await store.branch(id, { run: 'r2', place: 'before' });
    const content = await store.read(branch);
    expect(content).toMatchObject({ id: branch, title: 'Why do orders fail?', branch: { from: id } });
    expect(content.messages.map(({ content: blocks }) => blocks.map(({ type }) => type))).toEqual([
      ['text'],
      ['tool-call'],
      ['tool-result'],
      ['text'],
    ]);
    expect(content.evidence.map((record) => record.id)).toEqual(['E1', 'E2']);
    expect(readFileSync(join(folder, `${branch}.evidence/E2.json`), 'utf8')).toBe('{"n":2}');
    const state = replay(content.events.map(({ event }) => event));
    expect(state.session).toBe(branch);
    expect(state.runs.map(({ prompt, end: ended }) => [prompt, ended?.reason])).toEqual([
      ['Why do orders fail?', 'completed'],
    ]);
    expect(content.damage).toEqual({ lines: 0, lostBytes: 0 });
  });

  it('repeats no write: no approval, no undo and nothing to resume comes along', async () => {
    const id = await twoRuns();
    const whole = await store.branch(id, { run: 'r2', place: 'after' });
    const content = await store.read(whole);
    expect((await store.read(id)).stopped).toBeDefined();
    expect(content).toMatchObject({ cleared: [], stopped: undefined, interrupted: undefined });
    expect(undoableWrites((await store.read(id)).events.map(({ event }) => event))).toHaveLength(1);
    expect(undoableWrites(content.events.map(({ event }) => event))).toEqual([]);
    // The open call is answered, so that nothing makes it when the conversation goes on.
    expect(content.messages.at(-1)?.content).toEqual([
      { type: 'tool-result', callId: 'c2', text: expect.stringContaining('not made') as string, isError: true },
    ]);
    expect(replay(content.events.map(({ event }) => event)).runs.at(-1)?.end?.reason).toBe('cancelled');
  });

  it('is tainted by what was read, and its first write to a place is one again', async () => {
    const branch = await store.branch(await twoRuns(), { run: 'r1', place: 'after' });
    expect((await store.read(branch)).policy).toEqual({
      destinations: [],
      linkHosts: ['jira.example'],
      taint: ['query_database (E1)'],
    });
  });

  it('does not claim what the other session filed, and says what it files itself', async () => {
    const branch = await store.branch(await twoRuns(), { run: 'r1', place: 'after' });
    expect(factsOfSession(await store.read(branch))).toMatchObject({ branched: true, writes: [], end: undefined });
    const session = await store.open(branch);
    session.addEvent(started(branch, 'r3', 'Once more'));
    session.addEvent({ ...call, callId: 'c5', type: 'tool-call-proposed', risk: 'write', arguments: { summary: 'z' } });
    session.addEvent({ type: 'tool-call-finished', callId: 'c5', outcome: 'ok', durationMs: 1, summary: 'ENG-2' });
    await session.close();
    expect(factsOfSession(await store.read(branch)).writes).toMatchObject([{ kind: 'filed', about: 'z' }]);
    // It was cut off: this can be resumed, and nothing from before.
    expect((await store.read(branch)).interrupted?.started).toMatchObject({ run: 'r3' });
  });

  it('of a branch names the session that it was made from', async () => {
    const branch = await store.branch(await twoRuns(), { run: 'r1', place: 'after' });
    const again = await store.branch(branch, { run: 'r1', place: 'before' });
    expect(await store.read(again)).toMatchObject({ events: [], messages: [], branch: { from: branch, events: 0 } });
  });

  it('leaves the session as it was, even one that another window writes', async () => {
    const id = await twoRuns();
    const before = readFileSync(join(folder, `${id}.jsonl`), 'utf8');
    const open = await store.open(id);
    await store.branch(id, { run: 'r1', place: 'after' });
    await open.close();
    expect(readFileSync(join(folder, `${id}.jsonl`), 'utf8')).toBe(before);
  });

  it('needs a run of this session', async () => {
    const id = await twoRuns();
    await expect(store.branch(id, { run: 'r9', place: 'after' })).rejects.toThrow('There is no such message');
    await expect(store.branch('../x', { run: 'r1', place: 'after' })).rejects.toThrow('is not a session id');
    expect(await store.list()).toHaveLength(1);
  });
});
