import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../../stack/database/cluster.ts';
import { attacks } from './attacks.ts';
import { connect, createShop, stateHash } from '../fixture.ts';
import { honest } from './honest.ts';
import { PostgresServer } from '../server.ts';

const binaries = '/usr/lib/postgresql/15/bin';

// The grammar is version 18's and the catalog is the server's. An older server must be guarded as well.
describe.runIf(existsSync(binaries))('PostgreSQL 15, where this machine has it', () => {
  let cluster: Cluster;
  let admin: Client;
  let server: PostgresServer;
  let folder: string;

  beforeAll(async () => {
    cluster = await startCluster({ binaries, settings: { shared_preload_libraries: 'pg_stat_statements' } });
    const url = await cluster.createDatabase('shop');
    await createShop(url);
    admin = await connect(url);
    folder = await mkdtemp(join(tmpdir(), 'switchboard-attacks-'));
    server = await PostgresServer.start({ DATABASE_URL: url, DB_ALLOW_SUPERUSER: '1' });
  });

  afterAll(async () => {
    await server?.close();
    await admin?.end();
    await cluster?.stop();
  });

  it('stops every attack', async () => {
    const before = await stateHash(admin, [folder]);
    const passed: string[] = [];
    for (const statement of Object.values(attacks).flat()) {
      const answer = await server.call('query_database', { query: statement.replaceAll('$DIR', folder) });
      if (answer.isError !== true) passed.push(statement);
    }
    expect(passed).toEqual([]);
    expect(await stateHash(admin, [folder])).toBe(before);
  });

  it('runs every honest statement that this version supports', async () => {
    const refused: string[] = [];
    for (const query of honest) {
      const known = await admin.query(`begin read only; ${query.replace(/--.*$/m, '')}`).then(
        () => true,
        () => false,
      );
      await admin.query('rollback');
      const answer = await server.call('query_database', { query });
      if (known && answer.isError === true) refused.push(`${query}: ${answer.content[0]?.text}`);
    }
    expect(refused).toEqual([]);
  });
});
