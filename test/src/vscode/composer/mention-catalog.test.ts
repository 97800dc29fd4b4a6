import { afterEach, expect, it, vi } from 'vitest';
import { createMentionCatalog, type CatalogOptions } from '../../../../src/vscode/composer/mention-catalog.ts';
import { known, mention, type Mention } from '../../../../src/vscode/composer/mention-source.ts';

afterEach(() => vi.restoreAllMocks());

function table(name: string): Mention {
  const shown = { id: `table:${name}`, kind: 'table', label: name, detail: '', insert: `@${name}` } as const;
  return mention(shown, known(`Table ${name}`, ['id bigint']));
}

function catalogOf(options: Partial<CatalogOptions>) {
  const problems: unknown[] = [];
  let time = 0;
  const changed: (() => void)[] = [];
  const catalog = createMentionCatalog({
    sources: [],
    searches: [],
    onChanged: () => changed.splice(0).forEach((done) => done()),
    report: (error) => problems.push(error),
    now: () => time,
    ...options,
  });
  const next = () => new Promise<void>((done) => changed.push(done));
  return { catalog, problems, next, wait: (ms: number) => (time += ms) };
}

it('a name is completed at once from what is known, and again when the source has answered', async () => {
  const load = vi.fn(() => Promise.resolve([table('orders'), table('payments')]));
  const { catalog, next, wait } = catalogOf({ sources: [{ trigger: '@', freshMs: 1000, load }] });
  const loaded = next();
  expect(catalog.complete('@', 'ord')).toEqual({ items: [], loading: true });
  await loaded;
  const orders = { id: 'table:orders', kind: 'table', label: 'orders', detail: '', insert: '@orders' };
  expect(catalog.complete('@', 'ord')).toEqual({ items: [orders], loading: false });
  expect(catalog.complete('#', 'ord')).toEqual({ items: [], loading: false });
  expect(load).toHaveBeenCalledTimes(1);
  wait(1001);
  expect(catalog.complete('@', 'ord').items).toEqual([orders]);
  expect(load).toHaveBeenCalledTimes(2);
});

it('a source that fails is reported once, not asked at every key, and asked again later', async () => {
  const load = vi.fn(() => Promise.reject(new Error('no such host')));
  const { catalog, next, wait, problems } = catalogOf({ sources: [{ trigger: '@', freshMs: 1000, load }] });
  const failed = next();
  catalog.complete('@', 'o');
  await failed;
  catalog.complete('@', 'or');
  catalog.complete('@', 'ord');
  expect(load).toHaveBeenCalledTimes(1);
  expect(problems).toHaveLength(1);
  wait(60_000);
  catalog.complete('@', 'ord');
  expect(load).toHaveBeenCalledTimes(2);
});

it('what can only be searched is searched once for each beginning', async () => {
  const search = vi.fn((query: string) => Promise.resolve([table(`${query}_found`)]));
  const { catalog, next } = catalogOf({ searches: [{ trigger: '@', search }] });
  expect(catalog.complete('@', 'a').loading).toBe(false);
  const found = next();
  expect(catalog.complete('@', 'ad').loading).toBe(true);
  await found;
  expect(catalog.complete('@', 'ad').items.map(({ label }) => label)).toEqual(['ad_found']);
  catalog.complete('@', 'AD');
  expect(search.mock.calls.map(([query]) => query)).toEqual(['ad']);
});

it('facts are those of what was offered: an id from elsewhere gives none', async () => {
  const load = () => Promise.resolve([table('orders'), table('payments')]);
  const { catalog, next } = catalogOf({ sources: [{ trigger: '@', freshMs: 1000, load }] });
  const loaded = next();
  catalog.complete('@', 'ord');
  await loaded;
  catalog.complete('@', 'ord');
  expect(await catalog.resolve(['table:orders', 'table:payments', 'file:/etc/passwd'])).toEqual([
    { label: 'Table orders', text: 'id bigint' },
  ]);
});

it('after a change of the connections nothing of before is offered', async () => {
  const load = vi.fn(() => Promise.resolve([table('orders')]));
  const { catalog, next } = catalogOf({ sources: [{ trigger: '@', freshMs: 1000, load }] });
  const loaded = next();
  catalog.complete('@', 'ord');
  await loaded;
  catalog.reset();
  expect(catalog.complete('@', 'ord')).toEqual({ items: [], loading: true });
});
