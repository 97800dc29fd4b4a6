import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { ClusterAccess } from './cluster.ts';
import { shopData, shopSettings, type ShopDataOptions } from './shop-data.ts';
import { shopSchema } from './shop-schema.ts';

const readerRole = 'switchboard_reader';
export const defaultFailed = 47;

export interface Shop {
  readonly database: string;
  /** A role that may only SELECT. */
  readonly reader: { readonly user: string; readonly password: string };
  /** Superuser connection, for inspection. */
  readonly url: string;
}

export type ShopOptions = Partial<ShopDataOptions> & { readonly database?: string };

/** Creates the shop database and its reader role on a cluster, which may hold several under different names. */
export async function createShop(cluster: ClusterAccess, options: ShopOptions = {}): Promise<Shop> {
  const database = options.database ?? 'shop';
  const now = options.now ?? new Date();
  const data: ShopDataOptions = {
    now,
    deployedAt: options.deployedAt ?? new Date(now.getTime() - 14 * 3_600_000),
    commit: options.commit ?? '0000000',
    failed: options.failed ?? defaultFailed,
    notes: options.notes ?? [],
  };
  const url = await cluster.createDatabase(database);
  const user = database === 'shop' ? readerRole : `${readerRole}_${database}`;
  const reader = { user, password: `reader-${randomBytes(12).toString('hex')}` };
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(shopSchema);
    for (const [name, value] of shopSettings(data))
      await client.query('select set_config($1, $2, false)', [name, value]);
    for (const statements of shopData) await client.query(statements);
    await client.query(grantReader(database, reader));
  } finally {
    await client.end();
  }
  return { database, reader, url };
}

/** The role as servers/postgres/README.md describes it. */
function grantReader(database: string, reader: Shop['reader']): string {
  const name = escapeIdentifier(database);
  const role = escapeIdentifier(reader.user);
  return `
    create role ${role} login password ${escapeLiteral(reader.password)};
    alter role ${role} set default_transaction_read_only = on;
    revoke all on database ${name} from public;
    grant connect on database ${name} to ${role};
    revoke create on schema public from public;
    grant usage on schema public to ${role};
    grant select on all tables in schema public to ${role};`;
}
