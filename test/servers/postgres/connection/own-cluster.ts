import { spawn } from 'node:child_process';
import { chmod, chown, copyFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';
import type { Cluster } from '../../../stack/database/cluster.ts';
import { connect } from '../fixture.ts';
import { bundle, PostgresServer } from '../server.ts';

/** The authority that signs the certificate of a TLS cluster. */
export const authority = fileURLToPath(new URL('tls/ca.pem', import.meta.url));

export async function asAdmin(cluster: Cluster, ...statements: readonly string[]): Promise<void> {
  const client = await connect(cluster.url('postgres'));
  for (const statement of statements) await client.query(statement);
  await client.end();
}

/** Gives the cluster a certificate for `localhost` and restarts it. */
export async function speakTls(cluster: Cluster): Promise<void> {
  const { uid, gid } = await stat(cluster.folder);
  for (const name of ['server.pem', 'server.key']) {
    const copy = join(cluster.folder, name);
    await copyFile(join(dirname(authority), name), copy);
    await chown(copy, uid, gid);
    await chmod(copy, 0o600);
  }
  await asAdmin(
    cluster,
    `alter system set ssl_cert_file = '${cluster.folder}/server.pem'`,
    `alter system set ssl_key_file = '${cluster.folder}/server.key'`,
    'alter system set ssl = on',
  );
  await cluster.restart();
}

/** @returns a function that starts a server for one test and ends it with the test. */
export function useServers(): (environment: Readonly<Record<string, string>>) => Promise<PostgresServer> {
  const started: PostgresServer[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((server) => server.close()));
  });
  return async (environment) => {
    const server = await PostgresServer.start(environment);
    started.push(server);
    return server;
  };
}

/** Cancels a query that has begun to run, and waits until the database no longer runs it. */
export async function cancelRunningQuery(server: PostgresServer, cluster: Cluster, database: string): Promise<void> {
  const client = await connect(cluster.url(database));
  const running = `select 1 from pg_stat_activity where state = 'active' and query like 'select count(*) from generate%'`;
  const abort = new AbortController();
  const query = 'select count(*) from generate_series(1, 1e12::int8)';
  const answer = server.call('query_database', { query }, { signal: abort.signal }).catch(() => undefined);
  while ((await client.query(running)).rows.length === 0);
  abort.abort();
  await answer;
  while ((await client.query(running)).rows.length > 0);
  await client.end();
}

/** Runs the server until it exits because of an invalid configuration. */
export async function configurationFailure(
  environment: Readonly<Record<string, string>>,
): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [bundle], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...environment },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stderr };
}
