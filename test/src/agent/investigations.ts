import { createEvidenceStore, type EvidenceStore } from '../../../src/agent/evidence/store.ts';
import { addObject, addTable, toolSpec } from './evidence-samples.ts';

/** An outage of a shop's checkout: counts, causes, times, samples, versions, a ticket, a message, code. */
export function checkout(): EvidenceStore {
  const store = createEvidenceStore();
  const at = (time: string) => ({ time: `2026-03-14T10:${time}.000Z` });
  addTable(store, { n: 'int8' }, [['1204']], {
    ...at('02:11'),
    query: "SELECT count(*) AS n FROM orders WHERE status = 'failed' AND created_at > now() - interval '24 hours'",
  });
  addTable(
    store,
    { error_code: 'text', n: 'int8' },
    [
      ['PAYMENT_TIMEOUT', '602'],
      ['CARD_DECLINED', '421'],
      ['STOCK_MISSING', '181'],
    ],
    {
      ...at('02:15'),
      query: 'SELECT error_code, count(*) AS n FROM orders WHERE status = $1 GROUP BY 1 ORDER BY 2 DESC',
    },
  );
  addTable(
    store,
    { first_failed: 'timestamptz', last_failed: 'timestamptz', customers: 'int8', lost_eur: 'numeric' },
    [['2026-03-14T09:12:04.000Z', '2026-03-14T09:40:31.000Z', '988', '58213.40']],
    at('02:20'),
  );
  addTable(
    store,
    { minute: 'timestamptz', failed: 'int8', ok: 'int8' },
    [
      ['2026-03-14T09:10:00.000Z', '0', '310'],
      ['2026-03-14T09:15:00.000Z', '96', '240'],
      ['2026-03-14T09:20:00.000Z', '288', '60'],
      ['2026-03-14T09:25:00.000Z', '310', '22'],
      ['2026-03-14T09:30:00.000Z', '290', '45'],
      ['2026-03-14T09:35:00.000Z', '220', '115'],
    ],
    at('02:25'),
  );
  addTable(
    store,
    { id: 'uuid', order_no: 'text', pod: 'text', version: 'text', latency_ms: 'int4', amount: 'numeric' },
    [
      ['7b1c0f5e-3c42-4c3f-9a51-2f60e1d0c9aa', 'ORD-88213', 'checkout-7f9c6d5b8-x2k4q', '3.14.1', 8012, '49.90'],
      ['0d9e2b17-77aa-4b0e-8d11-52b3a9fe1c02', 'ORD-88214', 'checkout-7f9c6d5b8-p9w7z', '3.14.1', 8034, '120.00'],
      ['c5a1f1de-9f0b-4a7e-b6d5-90be7a44d201', 'ORD-88219', 'checkout-7f9c6d5b8-x2k4q', '3.14.1', 7991, '15.25'],
    ],
    at('02:30'),
  );
  addTable(
    store,
    { version: 'text', failed: 'int8', total: 'int8' },
    [
      ['3.14.0', '11', '2310'],
      ['3.14.1', '1193', '2290'],
    ],
    at('02:35'),
  );
  const summary = 'Checkout times out against payment-gateway:8443';
  addObject(store, 'search_jira_issues', {
    issues: [{ key: 'ENG-41', summary, status: 'Open', created: '2026-03-02T08:00:00.000Z' }],
    total: 1,
  });
  const text = 'deploying checkout 3.14.1 now, HTTP 502 expected for 30 s';
  addObject(store, 'read_slack_channel', { messages: [{ user: 'U024BE7LH', ts: '1773480124.000200', text }] });
  addObject(store, 'create_jira_ticket', {
    outcome: 'done',
    issue_key: 'ENG-57',
    issue_url: 'https://acme.example/browse/ENG-57',
  });
  const path = 'src/payment/client.ts';
  const lines = [
    { path, line: 42, text: '  timeoutMs: 8_000,' },
    { path, line: 57, text: '  retries: 0,' },
  ];
  store.add({
    tool: toolSpec('search_workspace', { server: 'workspace' }),
    arguments: { text: 'timeoutMs' },
    time: '2026-03-14T10:02:40.000Z',
    outcome: {
      kind: 'result',
      text: '',
      structured: { matches: lines, commit: '9f3ab12c4d5e6f708192a3b4c5d6e7f8091a2b3c' },
    },
  });
  return store;
}

export const checkoutTexts = [
  { label: 'the prompt', text: 'Investigate failed orders' },
  { label: 'the runbook', text: 'Count orders of the last 24 hours; more than 5 is reported.' },
  { label: 'the parameter threshold', text: '5' },
  { label: 'the parameter window_hours', text: '24' },
];

/** A slow database: statements, sizes, locks, growth, connections, ages. */
export function slowDatabase(): EvidenceStore {
  const store = createEvidenceStore();
  const at = (minute: number) => ({ time: `2026-07-01T22:${minute}:00.000Z` });
  addTable(
    store,
    { query: 'text', calls: 'int8', mean_ms: 'float8', total_ms: 'float8' },
    [
      ['SELECT * FROM orders WHERE customer_id = $1', '184223', 41.73, 7687625.8],
      ['UPDATE stock SET qty = qty - $1 WHERE sku = $2', '20114', 212.5, 4274225],
      ['SELECT count(*) FROM audit', '96', 18300.2, 1756819.2],
    ],
    at(10),
  );
  addTable(
    store,
    { table_name: 'text', size_bytes: 'int8', rows: 'int8', dead_rows: 'int8' },
    [
      ['audit', '48318382080', '212004311', '9120'],
      ['orders', '6442450944', '18230555', '1822001'],
      ['stock', '83886080', '60211', '310'],
    ],
    at(11),
  );
  addTable(
    store,
    { pid: 'int4', state: 'text', wait_event: 'text', blocked_by: 'int4', running_for: 'interval' },
    [
      [31877, 'active', 'transactionid', 31402, '00:07:41'],
      [31402, 'idle in transaction', null, null, '00:12:09'],
      [31990, 'active', 'transactionid', 31402, '00:02:15'],
    ],
    at(12),
  );
  const sizes = [39, 40, 41, 42, 43, 44, 45];
  const days = ['06-25', '06-26', '06-27', '06-28', '06-29', '06-30', '07-01'];
  const growth = sizes.map((size, index) => [`2026-${days[index]}`, String(size * 1024 ** 3)]);
  addTable(store, { day: 'date', bytes: 'int8' }, growth, at(13));
  addTable(
    store,
    { max_connections: 'int4', used: 'int8', idle_in_tx: 'int8', cache_hit: 'numeric', uptime: 'interval' },
    [[200, '187', '23', '0.9714', '41 days 03:12:00']],
    at(14),
  );
  addTable(
    store,
    { status: 'text', n: 'int8', oldest: 'timestamptz' },
    [
      ['paid', '412', '2026-06-28T07:14:33.000Z'],
      ['packing', '39', '2026-07-01T18:40:02.000Z'],
      ['shipped', '6', '2026-07-01T21:05:59.000Z'],
    ],
    at(15),
  );
  addTable(
    store,
    { id: 'int8', created_at: 'timestamptz', status: 'text', email: 'text' },
    [
      [990121, '2026-06-28T07:14:33.000Z', 'paid', 'j.doe@example.com'],
      [990140, '2026-06-28T07:15:01.000Z', 'paid', 'k.li@example.com'],
    ],
    at(16),
  );
  return store;
}

export const slowDatabaseTexts = [
  { label: 'the prompt', text: 'Why is the database slow? PostgreSQL 18 on db-prod-2.' },
  { label: 'the parameter hours', text: '24' },
];
