import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { connectClient } from '../chaos/client.ts';
import { startReplica, type Replica } from '../chaos/replica.ts';
import type { Stack } from '../stack/stack.ts';
import { startVault, vaultLogin } from '../stack/vault.ts';
import { median, type Figure } from './measure.ts';

const calls = Number(process.env['SOAK_CALLS'] ?? 200_000);
const warmUp = calls / 20;
const inFlight = 16;

/**
 * A server over HTTP with state in PostgreSQL and its password in Vault, asked for very long. Twice, the password is
 * changed and the pool's connections are closed. Memory is compared from the first to the last tenth of the calls, after
 * all garbage is collected: before, it is as large as Node finds comfortable.
 * @throws Error if a call fails
 */
export async function benchSoak(stack: Stack): Promise<Figure[]> {
  const database = `soak_${Date.now()}`;
  const role = database;
  const adminUrl = await stack.cluster.createDatabase(database);
  const stateUrl = await stack.cluster.createDatabase(`${database}_state`);
  const admin = new Client(adminUrl);
  await admin.connect();
  const vault = await startVault();
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-soak-'));
  let rotations = 0;
  const rotate = async (): Promise<void> => {
    const password = `password-number-${rotations}`;
    rotations += 1;
    const isNew = rotations === 1;
    await admin.query(
      `${isNew ? 'create' : 'alter'} role ${escapeIdentifier(role)} ${isNew ? 'login' : ''} password ${escapeLiteral(password)}`,
    );
    vault.set('kv/apps/db', { password });
    // All connections must be made again, with the new password. Waits until the old ones are gone.
    await admin.query(`select pg_terminate_backend(pid, 60000) from pg_stat_activity where usename = $1`, [role]);
  };
  await rotate();
  const replica = await startReplica({
    server: 'postgres',
    stateUrl,
    environment: {
      DB_HOST: stack.cluster.host,
      DB_PORT: String(stack.cluster.port),
      DB_NAME: database,
      DB_USER: role,
      DB_PASSWORD: 'vault:kv/apps/db#password',
      VAULT_ADDR: vault.url,
      VAULT_ROLE_ID: vaultLogin.approle.role_id,
      VAULT_SECRET_ID: vaultLogin.approle.secret_id,
      SWITCHBOARD_RATE_LIMITS: 'off',
      NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${folder}`,
      SWITCHBOARD_HTTP_CONCURRENCY: String(inFlight),
    },
  });
  const client = connectClient(replica.port, undefined);
  const resident: number[] = [];
  const kept: number[] = [];
  let started = 0;
  const run = async (until: number, each: () => Promise<void> = () => Promise.resolve()): Promise<void> => {
    const work = async (): Promise<void> => {
      while (started < until) {
        started += 1;
        await each();
        const reply = await client.call('query_database', { query: `SELECT ${started} AS number, 'a text' AS text` });
        if (reply.kind === 'lost' || reply.structured['row_count'] !== 1)
          throw new Error(`call ${started} failed: ${JSON.stringify(reply)}`);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, work));
  };
  try {
    await run(warmUp);
    started = 0;
    for (let tenth = 1; tenth <= 10; tenth += 1) {
      // Between calls: a connection that was idle a moment ago would be closed with a query in it.
      if (tenth === 4 || tenth === 7) await rotate();
      await run((calls * tenth) / 10, async () => {
        if (started % (calls / 1_000) === 0) resident.push(await residentMiB(replica.pid));
      });
      await collectGarbage(replica, folder, tenth);
      kept.push(await residentMiB(replica.pid));
    }
    const [first = 0] = kept;
    const last = kept.at(-1) ?? 0;
    const figure = (what: string, values: readonly number[], ratio?: string): Figure => ({
      what,
      unit: 'MiB',
      median: median(values),
      lowest: Math.min(...values),
      highest: Math.max(...values),
      ratio,
    });
    const change = (last / first - 1) * 100;
    const tenths = kept.map((each) => each.toFixed(0)).join(' ');
    const said = `${change >= 0 ? '+' : ''}${change.toFixed(1)} %, ${rotations - 1} rotations, no failed call; by tenths ${tenths}`;
    return [
      figure(`memory after a collection, first tenth of ${calls} calls`, [first]),
      figure('memory after a collection, last tenth', [last], said),
      figure('memory, collected when Node wants to', resident),
    ];
  } finally {
    client.close();
    replica.kill('SIGTERM');
    await replica.ended;
    await admin.end();
    await vault.stop();
    await rm(folder, { recursive: true });
  }
}

/** Before it writes a snapshot, Node collects all garbage. @param count of the snapshots, this one included. */
async function collectGarbage({ kill }: Replica, folder: string, count: number): Promise<void> {
  kill('SIGUSR2');
  for (let size = -1; ; await wait(200)) {
    const files = await readdir(folder);
    const newest = files.toSorted().at(-1);
    if (files.length < count || newest === undefined) continue;
    const now = (await stat(join(folder, newest))).size;
    if (now > 0 && now === size) return;
    size = now;
  }
}

async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/u.exec(status)?.[1]) / 1024;
}
