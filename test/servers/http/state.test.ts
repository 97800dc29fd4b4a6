import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { chainStart, checkLine } from '../../../servers/contract/audit/record.ts';
import { metaKeys } from '../../../servers/contract/meta.ts';
import { openDatabase, type StateDatabase } from '../../../servers/kit/state/database.ts';
import { createSharedLedgerStore } from '../../../servers/kit/state/shared-ledger.ts';
import { createSharedLimiter } from '../../../servers/kit/state/shared-limiter.ts';
import type { LedgerEntry } from '../../../servers/kit/state/ledger-store.ts';
import { layCable, type Cable } from '../../stack/cable.ts';
import { accessCluster } from '../../stack/database/cluster.ts';
import { startJira, type JiraStandIn } from '../../stack/jira/index.ts';
import { callTool } from './calls.ts';
import { matching } from '../jira/harness.ts';
import { send, startAndEnd, startHttp, stateFolder, type HttpServer } from './harness.ts';

const cluster = accessCluster(inject('postgres'));
let url: string;
let admin: Client;
let jira: JiraStandIn;
let replicas: readonly HttpServer[];
let cable: Cable;

const start = async (stateUrl: string, metricsPort = 'off'): Promise<HttpServer> =>
  startHttp('jira', {
    JIRA_URL: jira.url,
    JIRA_EMAIL: jira.email,
    JIRA_TOKEN: jira.token,
    SWITCHBOARD_STATE_DIR: await stateFolder(),
    SWITCHBOARD_STATE_URL: stateUrl,
    SWITCHBOARD_RATE_LIMITS: 'add_jira_comment=5/1h,create_jira_ticket=off',
    SWITCHBOARD_METRICS_PORT: metricsPort,
  });

beforeAll(async () => {
  jira = await startJira();
  url = await cluster.createDatabase(`state_${process.pid}_${Date.now()}`);
  admin = new Client(url);
  await admin.connect();
  cable = await layCable(new URL(url));
  // All at once: each of them finds no tables.
  replicas = await Promise.all([start(url), start(url), start(cable.url, '0')]);
});
afterAll(async () => {
  await cable.cut();
  await admin.end();
  await jira.stop();
});

const replica = (index: number): HttpServer => {
  const found = replicas[index % replicas.length];
  if (found === undefined) throw new Error('no replica');
  return found;
};
const bug = { project_key: 'ENG', issue_type: 'Bug', summary: 'Checkout fails' };
const create = (index: number, key: string) =>
  callTool(replica(index).port, 'create_jira_ticket', bug, { meta: { [metaKeys.idempotencyKey]: key } });

describe('replicas with one state database', () => {
  it('make one effect a key, whichever of them is asked', async () => {
    const before = jira.issues().length;
    const answers = await Promise.all(Array.from({ length: 9 }, (_, index) => create(index, 'one-key-for-all')));
    const outcomes = answers.map(({ structured }) => String(structured['outcome'])).toSorted();
    expect(outcomes).toEqual(['done', ...Array.from({ length: 8 }, () => 'replayed')]);
    expect(new Set(answers.map(({ structured }) => structured['issue_key'])).size).toBe(1);
    expect(jira.issues()).toHaveLength(before + 1);
  });

  it('count a limit together, to the call', async () => {
    const { structured } = await create(0, 'for-comments');
    expect(structured).toMatchObject({ outcome: 'done' });
    const comment = (index: number) =>
      callTool(replica(index).port, 'add_jira_comment', { issue_key: structured['issue_key'], body: `Note ${index}` });
    const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => comment(index)));
    const ends = answers.map(({ structured: { outcome, error } }) => JSON.stringify(outcome ?? error));
    for (const end of ends) expect(end).toMatch(/^"done"$|quota_exceeded/u);
    expect(ends.filter((end) => end === '"done"')).toHaveLength(5);
  });

  it('pass a stop request to the replica that runs the call', async () => {
    jira.misbehave({ on: /\/project\/search/u, does: { kind: 'hang' } });
    const call = { [metaKeys.call]: 'the-call' };
    const answered = callTool(replica(0).port, 'list_jira_projects', {}, { meta: call });
    while (jira.openRequests() === 0) await new Promise((resolve) => setImmediate(resolve));
    const note = { jsonrpc: '2.0', method: 'notifications/dev.switchboard/stop', params: { call: 'the-call' } };
    expect((await send(replica(1).port, { body: JSON.stringify(note) })).status).toBe(202);
    expect((await answered).structured).toMatchObject({ error: { code: 'cancelled' } });
    jira.behave();
  });

  it('keep an audit chain each, whole, with its head, whatever a caller calls a tool', async () => {
    await callTool(replica(0).port, 'no\u0000such\ud800tool', { text: '\u0000\ud800' });
    await Promise.all([0, 1, 2].map((index) => create(index, `after-the-odd-one-${index}`)));
    const { rows } = await admin.query<{ chain: string; line: string; sequence: string; head: string; hash: string }>(
      `select chain, line, sequence, head_sequence as head, head_hash as hash
       from switchboard.audit_record join switchboard.audit_chain using (chain) order by chain, sequence`,
    );
    const chains = new Map<string, typeof rows>();
    for (const row of rows) chains.set(row.chain, [...(chains.get(row.chain) ?? []), row]);
    expect(chains.size).toBe(3);
    for (const records of chains.values()) {
      let head = chainStart;
      for (const { line } of records) {
        const checked = checkLine(Buffer.from(line), head);
        if ('reason' in checked) throw new Error(checked.reason);
        ({ head } = checked);
      }
      expect(records[0]).toMatchObject({ head: String(head.sequence), hash: head.hash });
    }
    expect(rows.some(({ line }) => line.includes('such'))).toBe(true);
  });

  it('answer reads and refuse writes while the database is away, and go on when it is back', async () => {
    const { port, metrics } = replica(2);
    const isUp = async () => /^switchboard_state_up (\d)$/mu.exec(await (await fetch(metrics())).text())?.[1];
    expect(await isUp()).toBe('1');
    const before = jira.issues().length;
    await cable.cut();
    const read = await callTool(port, 'list_jira_projects', {});
    expect(read.structured['row_count']).toBeGreaterThan(0);
    const refused = await callTool(port, 'create_jira_ticket', bug, {
      meta: { [metaKeys.idempotencyKey]: 'while-away' },
    });
    expect(refused.structured).toMatchObject({ error: { code: 'unreachable', retryable: true } });
    expect(jira.issues()).toHaveLength(before);
    expect((await send(port, { method: 'GET', path: '/readyz' })).status).toBe(200);
    expect(await isUp()).toBe('0');
    await cable.mend();
    expect((await create(2, 'while-away')).structured).toMatchObject({ outcome: 'done' });
  });
});

describe('the state database', () => {
  let database: StateDatabase;
  beforeAll(async () => {
    database = await openDatabase(url, 'test', () => undefined);
  });
  afterAll(() => database.close());

  it('ends the window of a limit by its own clock, whatever time a replica thinks it is', async () => {
    const waiter = { signal: new AbortController().signal, progress: () => undefined };
    const rate = { points: 3, durationMs: 3_600_000 };
    const limiters = Array.from({ length: 4 }, () => createSharedLimiter(database, 'test\nclock', rate));
    const takeAll = (key: string) => Promise.all(limiters.map((limiter) => limiter.take(key, waiter, 0)));
    expect((await takeAll('a')).filter((left) => left === undefined)).toHaveLength(3);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * rate.durationMs });
    try {
      for (const left of await takeAll('a')) {
        expect(left).toBeGreaterThan(0);
        expect(left).toBeLessThanOrEqual(rate.durationMs);
      }
      expect((await takeAll('b')).filter((left) => left === undefined)).toHaveLength(3);
    } finally {
      vi.useRealTimers();
    }
    await admin.query(`update switchboard.quota set expire = expire - $1`, [2 * rate.durationMs]);
    expect((await takeAll('a')).filter((left) => left === undefined)).toHaveLength(3);
  });

  it('has one winner a key among claimants at the same time', async () => {
    const claim = (id: string): LedgerEntry => ({
      state: 'intended',
      time: new Date().toISOString(),
      owner: { id, host: 'h', pid: 1, started: '' },
      generation: 1,
      tool: 'post',
      argumentsSha256: 'x',
    });
    const stores = Array.from({ length: 8 }, () => createSharedLedgerStore(database, 'test'));
    for (let round = 0; round < 40; round += 1) {
      const logs = await Promise.all(stores.map((store, index) => store.append(`key ${round}`, claim(`${index}`))));
      const winners = logs.map(([first]) => (first?.state === 'intended' ? first.owner.id : ''));
      expect(new Set(winners).size).toBe(1);
    }
  });

  it('holds results with any character, and tells the age by its own clock', async () => {
    const store = createSharedLedgerStore(database, 'test');
    const done: LedgerEntry = {
      state: 'done',
      time: 'now',
      owner: 'me',
      structured: { text: '\u0000\ud800\u{1f600}' },
      text: '',
    };
    expect(await store.append('odd', done)).toEqual([done]);
    expect(await store.read('odd')).toEqual([done]);
    expect(await store.read('unknown')).toEqual([]);
    await admin.query(`update switchboard.ledger set touched = touched - interval '1 hour' where server = 'test'`);
    expect(await store.age('odd')).toBeGreaterThan(3_599_000);
    await store.touch('odd');
    expect(await store.age('odd')).toBeLessThan(3_000_000);
  });

  it('of a much later version, of others, or without rights is refused with the reason', async () => {
    const environment = { JIRA_URL: jira.url, JIRA_EMAIL: jira.email, JIRA_TOKEN: jira.token };
    const end = (stateUrl: string) =>
      startAndEnd('jira', { ...environment, SWITCHBOARD_STATE_URL: stateUrl }, '127.0.0.1:0');
    const wrong = new URL(url);
    wrong.password = 'wrong-password';
    const refused = await end(wrong.href);
    expect([refused.code, refused.stderr]).toEqual([78, matching(/^(?!.*wrong-password).*SWITCHBOARD_STATE_URL/su)]);
    expect((await end('postgres://u@db.example/x')).stderr).toContain('sslmode');
    await admin.query(`insert into switchboard.migration (id, sha256) values (101, 'x')`);
    const later = start(url);
    expect((await send((await later).port, { method: 'GET', path: '/readyz' })).status).toBe(200);
    await admin.query(`insert into switchboard.migration (id, sha256) values (102, 'x')`);
    const tooLate = await end(url);
    expect([tooLate.code, tooLate.stderr]).toEqual([78, matching(/ahead/u)]);
    await admin.query('delete from switchboard.migration where id > 100');
  });
});
