import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { connect, createReader, createShop } from './fixture.ts';

export interface TestDatabase {
  readonly name: string;
  /** Connects as the superuser, to set up and inspect. */
  readonly adminUrl: string;
  /** Connects as a role that may only read. */
  readonly readerUrl: string;
  readonly reader: { readonly user: string; readonly password: string };
}

/** A URL into the cluster shared by all files of a run. */
export function clusterUrl(database: string, account?: { user: string; password: string }): string {
  const { host, port, superuser } = inject('postgres');
  const { user, password } = account ?? superuser;
  return `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
}

/** A separate database per test file. `shop` fills it. */
export async function createTestDatabase(content: 'shop' | 'empty'): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = await connect(clusterUrl('postgres'));
  try {
    await admin.query(`create database ${name} strategy file_copy`);
  } finally {
    await admin.end();
  }
  const adminUrl = clusterUrl(name);
  if (content === 'shop') await createShop(adminUrl, { extensions: false });
  else {
    const client = await connect(adminUrl);
    await client.query('create schema audit');
    await client.end();
  }
  const reader = await createReader(adminUrl, `reader_${name}`);
  return { name, adminUrl, readerUrl: clusterUrl(name, reader), reader };
}
