import { createEvidenceStore, type EvidenceStore } from '../../../src/agent/evidence/store.ts';
import type { Evidence } from '../../../src/agent/evidence/types.ts';
import type { ToolSpec } from '../../../src/agent/tools.ts';

const titles: Record<string, string> = { query_database: 'Query', create_jira_ticket: 'Create ticket' };

/** A tool as the hub would list it. */
export function toolSpec(plainName: string, facts: Partial<ToolSpec> = {}): ToolSpec {
  const server = facts.server ?? (/jira/.test(plainName) ? 'jira' : /slack/.test(plainName) ? 'slack' : 'postgres');
  const write = /^(?:create|add|update|transition|link|attach|post|upload)_/.test(plainName);
  return {
    name: `${server}__${plainName}`,
    plainName,
    server,
    title: titles[plainName] ?? plainName,
    description: '',
    inputSchema: { type: 'object' },
    risk: write ? 'write' : 'read',
    trusted: true,
    preview: write,
    idempotent: true,
    ...facts,
  };
}

export function addTable(
  store: EvidenceStore,
  columns: Record<string, string>,
  rows: unknown[][],
  extra: { query?: string; time?: string; truncated?: boolean } = {},
): Evidence {
  return store.add({
    tool: toolSpec('query_database'),
    arguments: { query: extra.query ?? 'select' },
    time: extra.time ?? '2026-11-22T09:00:00.000Z',
    outcome: {
      kind: 'result',
      text: '',
      structured: {
        columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
        rows,
        row_count: rows.length,
        truncated: extra.truncated ?? false,
      },
    },
  });
}

export function addObject(store: EvidenceStore, plainName: string, structured: Record<string, unknown>): Evidence {
  return store.add({
    tool: toolSpec(plainName),
    arguments: {},
    time: '2026-11-22T09:05:00.000Z',
    outcome: { kind: 'result', text: '', structured },
  });
}

/** The evidence of an investigation of failed orders: counts, groups, hours, single orders, the filed issue. */
export function failedOrders(): EvidenceStore {
  const store = createEvidenceStore();
  addTable(store, { failed_count: 'int8' }, [['47']], {
    query:
      'SELECT count(*) AS failed_count FROM orders WHERE status = $1 AND created_at >= now() - make_interval(hours => 24)',
  });
  addTable(
    store,
    { error_code: 'text', failed: 'int8', customers: 'int8' },
    [
      ['card_declined', '31', '28'],
      ['gateway_timeout', '12', '12'],
      ['fraud_review', '4', '3'],
    ],
    { query: 'SELECT error_code, count(*) AS failed, count(DISTINCT customer_id) AS customers FROM orders GROUP BY 1' },
  );
  addTable(
    store,
    { hour: 'timestamptz', failed: 'int8', total: 'int8' },
    [
      ['2026-11-22T04:00:00.000Z', '1', '210'],
      ['2026-11-22T05:00:00.000Z', '2', '198'],
      ['2026-11-22T06:00:00.000Z', '14', '205'],
      ['2026-11-22T07:00:00.000Z', '16', '220'],
      ['2026-11-22T08:00:00.000Z', '14', '190'],
    ],
    { query: "SELECT date_trunc('hour', created_at) AS hour, count(*) FILTER (WHERE status='failed') AS failed" },
  );
  addTable(
    store,
    { id: 'int8', created_at: 'timestamptz', amount_cents: 'int4', error_message: 'text', release: 'text' },
    [
      [104233, '2026-11-22T06:12:41.000Z', 12950, 'card_declined: token v2 rejected after 3000 ms', '2026.11.22-1'],
      [104240, '2026-11-22T06:19:03.000Z', 4999, 'card_declined: token v2 rejected after 3000 ms', '2026.11.22-1'],
      [104251, '2026-11-22T06:31:20.000Z', 100, 'HTTP 504 from gateway 10.2.0.7', '2026.11.22-1'],
    ],
    { query: 'SELECT id, created_at, amount_cents, error_message, release FROM orders ORDER BY created_at LIMIT 3' },
  );
  addTable(store, { total_orders: 'int8', revenue_lost: 'numeric', p95_ms: 'float8', failure_rate: 'numeric' }, [
    ['1023', '4182.55', 842.7, '0.0459'],
  ]);
  addObject(store, 'create_jira_ticket', {
    outcome: 'done',
    success: true,
    issue_key: 'ENG-212',
    issue_url: 'https://acme.example/browse/ENG-212',
  });
  return store;
}
