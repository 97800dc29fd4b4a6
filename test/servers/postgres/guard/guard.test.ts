import { mkdtemp, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../../stack/database/cluster.ts';
import { attacks } from './attacks.ts';
import { connect, createReader, createShop, stateHash } from '../fixture.ts';
import { honest } from './honest.ts';
import { PostgresServer } from '../server.ts';

// A separate cluster, because the state of the whole server is compared.
let cluster: Cluster;
let admin: Client;
let folder: string;
const servers: Record<'superuser' | 'reader', PostgresServer | undefined> = { superuser: undefined, reader: undefined };

beforeAll(async () => {
  cluster = await startCluster({ settings: { shared_preload_libraries: 'pg_stat_statements' } });
  const url = await cluster.createDatabase('shop');
  await createShop(url);
  folder = await mkdtemp(join(tmpdir(), 'switchboard-attacks-'));
  await chmod(folder, 0o777);
  const reader = await createReader(url, 'reader');
  servers.superuser = await PostgresServer.start({ DATABASE_URL: url, DB_ALLOW_SUPERUSER: '1' });
  servers.reader = await PostgresServer.start({ DATABASE_URL: cluster.url('shop', reader) });
  admin = await connect(url);
});

afterAll(async () => {
  await servers.superuser?.close();
  await servers.reader?.close();
  await admin?.end();
  await cluster?.stop();
});

function server(role: 'superuser' | 'reader'): PostgresServer {
  const found = servers[role];
  if (found === undefined) throw new Error('not started');
  return found;
}

describe.each(['superuser', 'reader'] as const)('as %s', (role) => {
  it.each(Object.entries(attacks))('stops %s', async (_family, statements) => {
    const heard: string[] = [];
    const listen = (message: { channel: string }): void => void heard.push(message.channel);
    admin.on('notification', listen);
    await admin.query('listen canary');
    const before = await stateHash(admin, [folder]);
    const passed: string[] = [];
    for (const statement of statements) {
      const answer = await server(role).call('query_database', { query: statement.replaceAll('$DIR', folder) });
      const code = JSON.stringify(answer.structuredContent?.['error'] ?? 'answered');
      if (
        !/"code":"(refused_by_guard|invalid_arguments)"/.test(code) ||
        (/invalid_arguments/.test(code) && !/42601|holds no statement/.test(code))
      )
        passed.push(`${statement}: ${code}`);
    }
    await admin.query('select 1'); // notifications arrive with a response
    admin.off('notification', listen);
    expect(passed).toEqual([]);
    expect(heard).toEqual([]);
    expect(await stateHash(admin, [folder])).toBe(before);
  });

  it('runs every honest statement and changes nothing', async () => {
    const before = await stateHash(admin, [folder]);
    const refused: string[] = [];
    for (const query of honest) {
      const answer = await server(role).call('query_database', { query });
      if (answer.isError === true) refused.push(`${query}: ${answer.content[0]?.text}`);
    }
    expect(refused).toEqual([]);
    expect(await stateHash(admin, [folder])).toBe(before);
  });
});

it('has enough attacks and honest statements', () => {
  expect(new Set(Object.values(attacks).flat()).size).toBeGreaterThanOrEqual(200);
  expect(new Set(honest).size).toBeGreaterThanOrEqual(150);
});
