import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCluster, type Cluster } from '../stack/database/cluster.ts';
import { createShop, type ShopOptions } from '../stack/database/shop.ts';
import { createSampleWorkspace } from '../stack/sample-workspace.ts';
import { startStack } from '../stack/stack.ts';
import { descendantsOf } from './harness.ts';

const run = promisify(execFile);

describe('the shop', () => {
  let cluster: Cluster;
  let url: string;
  let shops = 0;

  const create = async (options: ShopOptions) => {
    shops += 1;
    return createShop(cluster, { database: `shop_test_${shops}`, ...options });
  };

  beforeAll(async () => {
    cluster = await startCluster();
    const shop = await create({ notes: ["it's", 'broken'] });
    url = cluster.url(shop.database, shop.reader);
  });

  afterAll(async () => {
    await cluster?.stop();
  });

  async function ask(connectionString: string, query: string): Promise<unknown[]> {
    const client = new Client({ connectionString });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(query)).rows;
    } finally {
      await client.end();
    }
  }

  const recent = `status = 'failed' and created_at >= now() - interval '24 hours'`;

  test.each([0, 6, 1000])('has exactly %i failed orders in the last 24 hours', async (failed) => {
    const shop = await create({ failed });
    expect(await ask(shop.url, `select count(*)::int as n from orders where ${recent}`)).toEqual([{ n: failed }]);
  });

  test('the failures start with the release, and none is in the future', async () => {
    const query = `select min(created_at) >= (select max(deployed_at) from deployments) as after, max(created_at) < now() as past
      from orders where ${recent}`;
    expect(await ask(url, query)).toEqual([{ after: true, past: true }]);
  });

  test('slow payments succeed before the release and never after it', async () => {
    const query = `select release, count(*) filter (where duration_ms >= 3000 and payments.status = 'succeeded') > 0 as slow_ones_succeed
      from payments join orders on orders.id = order_id group by 1 order by 1`;
    expect(await ask(url, query)).toEqual([
      { release: '2.13.0', slow_ones_succeed: true },
      { release: '2.14.0', slow_ones_succeed: false },
    ]);
  });

  test('adds up: totals are the sum of the items', async () => {
    const query = `select count(*)::int as n from orders
      where total <> (select sum(quantity * unit_price) from order_items where order_id = orders.id)`;
    expect(await ask(url, query)).toEqual([{ n: 0 }]);
  });

  test('is deterministic for a given time', async () => {
    const now = new Date();
    const digest = `select md5(string_agg(t::text, ',' order by t.id)) as orders from orders t`;
    const [one, other] = [await create({ now }), await create({ now })];
    expect(await ask(one.url, digest)).toEqual(await ask(other.url, digest));
  });

  test('puts notes on the newest failures', async () => {
    const query = `select customer_note as note from orders where customer_note is not null order by created_at desc`;
    expect(await ask(url, query)).toEqual([{ note: "it's" }, { note: 'broken' }]);
  });

  test.each([
    'insert into products (sku, name, price) values ($$x$$, $$x$$, 1)',
    'create table mine ()',
    'create temp table mine ()',
  ])('does not allow its reader to: %s', async (statement) => {
    await expect(ask(url, `set default_transaction_read_only = off; ${statement}`)).rejects.toThrow(
      /permission denied|read-only/,
    );
  });
});

describe('the sample workspace', () => {
  test('has a clean history whose last commit lowered the timeout, deterministic for a given time', async () => {
    const deployedAt = new Date('2026-03-01T10:00:00Z');
    const [one, other] = await Promise.all([createSampleWorkspace(deployedAt), createSampleWorkspace(deployedAt)]);
    try {
      const git = async (...parameters: string[]) => (await run('git', ['-C', one.folder, ...parameters])).stdout;
      expect(await git('status', '--porcelain')).toBe('');
      expect(await git('show', 'HEAD', '--', 'src/config.ts')).toMatch(
        /-\s+timeoutMs: 30_000,\n\+\s+timeoutMs: 3_000,/,
      );
      expect(await git('log', '-S', '30_000', '--format=%s', '--', 'src/config.ts')).toBe(
        'Release 2.14.0: Fail fast on slow payments\nOrder service: take orders, keep failed ones with their code\n',
      );
      expect(one.commit).toBe(other.commit);
    } finally {
      await Promise.all([one.remove(), other.remove()]);
    }
  });
});

test('a stack that cannot start leaves nothing running', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const before = descendantsOf(process.pid).map(({ pid }) => pid);
  await expect(startStack({ slack: { port } })).rejects.toThrow(/EADDRINUSE/);
  const left = descendantsOf(process.pid).filter(
    ({ pid, command }) => !before.includes(pid) && command.includes('postgres'),
  );
  expect(left).toEqual([]);
  taken.close();
});
