import { readFile } from 'node:fs/promises';
import { startCluster } from '../stack/database/cluster.ts';
import { connectClient } from './client.ts';
import { startFleet } from './fleet.ts';

export interface Throughput {
  readonly replicas: number;
  readonly callsPerSecond: number;
  /** Milliseconds of processor a call. */
  readonly cpu: Readonly<Record<'replicas' | 'nginx' | 'clients' | 'databases and others', number>>;
  /** Processors that were busy, of those there are. */
  readonly busy: number;
}

const ticksPerSecond = 100;

/** SELECT 1 through nginx by 64 clients, and where the processors' time went. */
export async function measureThroughput(counts: readonly number[], seconds: number): Promise<readonly Throughput[]> {
  const cluster = await startCluster();
  try {
    const stateUrl = await cluster.createDatabase('throughput');
    const environment = { DATABASE_URL: stateUrl, SWITCHBOARD_RATE_LIMITS: 'off', SWITCHBOARD_HTTP_CONCURRENCY: '64' };
    const measured: Throughput[] = [];
    for (const count of counts) {
      const fleet = await startFleet(count, { server: 'postgres', environment, stateUrl });
      const clients = Array.from({ length: 64 }, () => connectClient(fleet.nginx.port, undefined));
      const pids = fleet.replicas().map(({ pid }) => pid);
      let calls = 0;
      const run = async (ms: number): Promise<void> => {
        const end = performance.now() + ms;
        await Promise.all(
          clients.map(async (client) => {
            while (performance.now() < end) {
              const reply = await client.call('query_database', { query: 'SELECT 1' });
              if (reply.kind !== 'answer') throw new Error(reply.why);
              calls += 1;
            }
          }),
        );
      };
      await run(2_000);
      calls = 0;
      const first = await snapshot(pids, fleet.nginx.pid);
      const started = performance.now();
      await run(seconds * 1_000);
      const elapsed = (performance.now() - started) / 1_000;
      const last = await snapshot(pids, fleet.nginx.pid);
      const spent = (name: keyof Snapshot): number => ((last[name] - first[name]) / ticksPerSecond / calls) * 1_000;
      const [ours, proxy, own, all] = [spent('replicas'), spent('nginx'), spent('own'), spent('all')];
      measured.push({
        replicas: count,
        callsPerSecond: calls / elapsed,
        cpu: { replicas: ours, nginx: proxy, clients: own, 'databases and others': all - ours - proxy - own },
        busy: (last.all - first.all) / ticksPerSecond / elapsed,
      });
      for (const client of clients) client.close();
      await fleet.stop();
    }
    return measured;
  } finally {
    await cluster.stop();
  }
}

interface Snapshot {
  readonly replicas: number;
  readonly nginx: number;
  readonly own: number;
  /** Of the whole machine. */
  readonly all: number;
}

async function snapshot(replicas: readonly number[], nginx: number): Promise<Snapshot> {
  const [each, proxy, own, stat] = await Promise.all([
    Promise.all(replicas.map(ticksOf)),
    childrenOf(nginx).then((children) => Promise.all(children.map(ticksOf))),
    ticksOf(process.pid),
    readFile('/proc/stat', 'utf8'),
  ]);
  const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0] = (stat.split('\n')[0] ?? '')
    .split(/\s+/u)
    .slice(1)
    .map(Number);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return { replicas: sum(each), nginx: sum(proxy), own, all: user + nice + system + irq + soft };
}

/** utime and stime of proc(5). */
async function ticksOf(pid: number): Promise<number> {
  const fields = await readFile(`/proc/${pid}/stat`, 'utf8');
  const after = fields.slice(fields.lastIndexOf(')') + 2).split(' ');
  return Number(after[11]) + Number(after[12]);
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map(Number);
}
