import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import type { Stack } from '../stack/stack.ts';
import { measureShuffled, median, quantile, summarize, timed, type Figure } from './measure.ts';
import { findPeers, plain, type Peer } from './peers.ts';
import { startRawClient, type RawClient } from './raw-client.ts';

const orders =
  'select id, customer_id, status, total, error_code, note, updated_at, created_at from bench_orders order by id limit 100';
const runaway = 'select * from bench_rows';
const endless = 'select count(*) from bench_rows a, bench_rows b where a.id + b.id = 0';
/** After that a query counts as not stopped. */
const patienceMs = 3000;

/**
 * Beside @modelcontextprotocol/server-postgres, @bytebase/dbhub, toolbox and `pg` itself, all in the same passes. A
 * ratio is to plain `pg`; above 1 is worse, for calls/s as well.
 */
export async function benchPostgres(stack: Stack): Promise<Figure[]> {
  const { adminUrl, readerUrl } = await prepareData(stack);
  const peers = await findPeers(stack, readerUrl);
  const admin = new Client(adminUrl);
  await admin.connect();
  try {
    return [
      ...(await coldStarts(peers)),
      ...(await latencies(peers)),
      ...(await throughputs(peers)),
      ...(await resultBytes(peers, readerUrl)),
      ...(await largeResults(peers)),
      ...(await cancellations(peers, admin)),
    ];
  } finally {
    await admin.end();
  }
}

async function prepareData(stack: Stack): Promise<{ adminUrl: string; readerUrl: string }> {
  const adminUrl = await stack.cluster.createDatabase(`bench_${Date.now()}`);
  const name = new URL(adminUrl).pathname.slice(1);
  const client = new Client(adminUrl);
  await client.connect();
  await client.query(`
    create table bench_orders as select i as id, i % 50 as customer_id, (array['paid', 'failed'])[1 + i % 2] as status, (i * 1.25)::numeric(10, 2) as total,
      case when i % 2 = 1 then 'PAYMENT_DECLINED' end as error_code, 'customer note ' || i as note, now() as updated_at, now() - i * interval '1 hour' as created_at
      from generate_series(1, 1000) i;
    create table bench_rows as select i as id, 'customer ' || i as name, now() as at, i * 1.5 as total from generate_series(1, 300000) i;
    analyze; grant select on all tables in schema public to public`);
  await client.end();
  return { adminUrl, readerUrl: stack.cluster.url(name, stack.database.reader) };
}

function ask(peer: Peer, client: RawClient, query: string): Promise<Record<string, unknown>> {
  return client.request('tools/call', { name: peer.tool, arguments: { [peer.argument]: query } });
}

async function started(peer: Peer): Promise<RawClient> {
  const client = startRawClient(peer.command);
  await client.initialize();
  return client;
}

/** Some peers stay when standard input is closed. */
async function leave(client: RawClient): Promise<void> {
  const left = client.close();
  if ((await Promise.race([left, wait(300, 'stays')])) === 'stays') process.kill(client.pid, 'SIGKILL');
  await left;
}

/** Runs `use` with every peer started and warm. */
async function withAll<Result>(
  peers: readonly Peer[],
  use: (clients: readonly (readonly [Peer, RawClient])[]) => Promise<Result>,
): Promise<Result> {
  const clients = await Promise.all(peers.map(async (peer) => [peer, await started(peer)] as const));
  try {
    for (const [peer, client] of clients) for (let call = 0; call < 200; call += 1) await ask(peer, client, 'SELECT 1');
    return await use(clients);
  } finally {
    await Promise.all(clients.map(([, client]) => leave(client)));
  }
}

/** Against plain `pg`, which does nothing of what makes a server. */
function beside(what: string, unit: Figure['unit'], samples: ReadonlyMap<string, readonly number[]>): Figure[] {
  const base = { name: plain, values: samples.get(plain) ?? [] };
  return [...samples].map(([name, values]) =>
    name === plain ? summarize(`${what}: ${name}`, unit, values) : summarize(`${what}: ${name}`, unit, values, base),
  );
}

async function coldStarts(peers: readonly Peer[]): Promise<Figure[]> {
  const until = async (peer: Peer, last: (client: RawClient) => Promise<unknown>): Promise<number> => {
    const begin = performance.now();
    const client = await started(peer);
    await last(client);
    const duration = performance.now() - begin;
    await leave(client);
    return duration;
  };
  const listed = await measureShuffled(
    peers.map((peer) => ({ name: peer.name, once: () => until(peer, (client) => client.request('tools/list', {})) })),
    5,
  );
  const answered = await measureShuffled(
    peers.map((peer) => ({ name: peer.name, once: () => until(peer, (client) => ask(peer, client, 'SELECT 1')) })),
    5,
  );
  return [...beside('start to tools/list', 'ms', listed), ...beside('start to first answer', 'ms', answered)];
}

async function latencies(peers: readonly Peer[]): Promise<Figure[]> {
  return withAll(peers, async (clients) => {
    const typical = async (run: () => Promise<unknown>): Promise<number> => {
      const durations: number[] = [];
      for (let call = 0; call < 200; call += 1) durations.push(await timed(run));
      return quantile(durations, 0.5) * 1000;
    };
    const measure = (query: string) =>
      measureShuffled(
        clients.map(([peer, server]) => ({ name: peer.name, once: () => typical(() => ask(peer, server, query)) })),
        9,
      );
    return [
      ...beside('SELECT 1', 'µs', await measure('SELECT 1')),
      ...beside('100 orders of 8 columns', 'µs', await measure(orders)),
    ];
  });
}

async function throughputs(peers: readonly Peer[]): Promise<Figure[]> {
  return withAll(peers, async (clients) => {
    const figures: Figure[] = [];
    for (const inFlight of [1, 8, 32]) {
      const rate = async (peer: Peer, client: RawClient): Promise<number> => {
        const end = performance.now() + 1000;
        let answered = 0;
        const work = async (): Promise<void> => {
          while (performance.now() < end) {
            await ask(peer, client, 'SELECT 1');
            answered += 1;
          }
        };
        await Promise.all(Array.from({ length: inFlight }, work));
        return answered;
      };
      const samples = await measureShuffled(
        clients.map(([peer, client]) => ({ name: peer.name, once: () => rate(peer, client) })),
        5,
      );
      figures.push(...beside(`SELECT 1, ${inFlight} at once`, 'calls/s', samples));
    }
    return figures;
  });
}

async function resultBytes(peers: readonly Peer[], url: string): Promise<Figure[]> {
  const client = new Client(url);
  await client.connect();
  const { rows } = await client.query(orders);
  await client.end();
  return withAll(peers, async (clients) => {
    const samples = new Map<string, number[]>();
    for (const [peer, server] of clients)
      push(samples, peer.name, Buffer.byteLength(textOf(await ask(peer, server, orders))));
    push(samples, 'indented JSON of row objects', Buffer.byteLength(JSON.stringify(rows, null, 2)));
    return beside('100 orders, text for the model', 'bytes', samples);
  });
}

function textOf(result: Record<string, unknown>): string {
  const content = result['content'] as { text: string }[];
  return content.map((part) => part.text).join('');
}

async function largeResults(peers: readonly Peer[]): Promise<Figure[]> {
  const durations = new Map<string, number[]>();
  const idle = new Map<string, number[]>();
  const peak = new Map<string, number[]>();
  for (let pass = 0; pass < 3; pass += 1) {
    for (const peer of peers) {
      const client = await started(peer);
      await ask(peer, client, 'SELECT 1');
      push(idle, peer.name, await memory(client.pid, 'VmRSS'));
      push(durations, peer.name, await timed(() => ask(peer, client, runaway)));
      push(peak, peer.name, await memory(client.pid, 'VmHWM'));
      await leave(client);
    }
  }
  return [
    ...beside('memory when idle', 'MiB', idle),
    ...beside('SELECT * of 300,000 rows', 'ms', durations),
    ...beside('SELECT * of 300,000 rows, peak memory', 'MiB', peak),
  ];
}

function push(samples: Map<string, number[]>, name: string, value: number): void {
  samples.set(name, [...(samples.get(name) ?? []), value]);
}

async function memory(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
}

/** From the client's cancellation to the end of the query at the backend. */
async function cancellations(peers: readonly Peer[], admin: Client): Promise<Figure[]> {
  const samples = new Map<string, number[]>();
  for (const peer of peers) {
    for (let pass = 0; pass < (median(samples.get(peer.name) ?? [0]) >= patienceMs ? 1 : 7); pass += 1) {
      const client = await started(peer);
      const answer = ask(peer, client, endless).catch(() => undefined);
      while ((await running(admin)) === 0);
      const begin = performance.now();
      client.notify('notifications/cancelled', { requestId: client.lastId() });
      while ((await running(admin)) > 0 && performance.now() - begin < patienceMs) await wait(1);
      push(samples, peer.name, performance.now() - begin);
      await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where state = 'active' and query like $1`,
        [`${endless.slice(0, 40)}%`],
      );
      await Promise.race([answer, wait(500)]);
      await leave(client);
    }
  }
  return beside(`cancel to backend free (${patienceMs} = not stopped)`, 'ms', samples);
}

async function running(admin: Client): Promise<number> {
  const { rows } = await admin.query(`select 1 from pg_stat_activity where state = 'active' and query like $1`, [
    `${endless.slice(0, 40)}%`,
  ]);
  return rows.length;
}
