import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AuthRefusal, Metrics, PoolLoad, StateHealth } from './metrics.ts';

const durations = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export interface Prometheus {
  readonly metrics: Metrics;
  readonly contentType: string;
  /** Everything in the text format. Scrapes at the same time share one answer. */
  readonly text: () => Promise<string>;
}

/** @param tools those of the server. Calls of any other name are counted as `other`. */
export function createPrometheus(tools: readonly string[]): Prometheus {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  // Their names are not what Prometheus wants of a gauge.
  for (const what of ['handles', 'requests', 'resources'])
    for (const name of [`nodejs_active_${what}`, `nodejs_active_${what}_total`]) registry.removeSingleMetric(name);
  const { calls, toolSeconds, upstreamSeconds, ledgerSeconds, quotas, refusals } = createInstruments([registry]);
  const known = new Set(tools);
  const toolLabel = (name: string): string => (known.has(name) ? name : 'other');
  for (const reason of authRefusals) refusals.inc({ reason }, 0);
  for (const tool of tools) {
    quotas.inc({ tool }, 0);
    calls.inc({ tool, outcome: 'unknown', code: 'outcome_unknown' }, 0);
  }

  let scraping: Promise<string> | undefined;
  return {
    metrics: {
      toolCalled: ({ tool, outcome, code = 'none', seconds }) => {
        calls.inc({ tool: toolLabel(tool), outcome, code });
        if (seconds !== undefined) toolSeconds.observe({ tool: toolLabel(tool) }, seconds);
      },
      upstreamAnswered: (upstream, status, seconds) => upstreamSeconds.observe({ upstream, status }, seconds),
      ledgerWaited: (seconds) => ledgerSeconds.observe(seconds),
      quotaRefused: (tool) => quotas.inc({ tool: toolLabel(tool) }),
      authRefused: (reason) => refusals.inc({ reason }),
      ...createPoolGauges(registry),
      watchState: (state) => createStateGauges(registry, state),
    },
    contentType: registry.contentType,
    text: () => (scraping ??= registry.metrics().finally(() => (scraping = undefined))),
  };
}

function createInstruments(registers: Registry[]) {
  const calls = new Counter({
    name: 'switchboard_tool_calls_total',
    help: 'Tool calls by how they ended. The code is that of the error, or none.',
    labelNames: ['tool', 'outcome', 'code'] as const,
    registers,
  });
  const toolSeconds = new Histogram({
    name: 'switchboard_tool_seconds',
    help: 'Duration of tool calls that were not refused before they ran.',
    labelNames: ['tool'] as const,
    buckets: durations,
    registers,
  });
  const upstreamSeconds = new Histogram({
    name: 'switchboard_upstream_seconds',
    help: 'Duration of requests to PostgreSQL, Jira and Slack, by HTTP status, ok, or the code of the error.',
    labelNames: ['upstream', 'status'] as const,
    buckets: durations,
    registers,
  });
  const ledgerSeconds = new Histogram({
    name: 'switchboard_ledger_wait_seconds',
    help: 'Time until a write had its idempotency key, which may be in use by another attempt.',
    buckets: durations,
    registers,
  });
  const quotas = new Counter({
    name: 'switchboard_quota_refused_total',
    help: 'Calls refused because their limit was reached (SWITCHBOARD_RATE_LIMITS).',
    labelNames: ['tool'] as const,
    registers,
  });
  const refusals = new Counter({
    name: 'switchboard_auth_refused_total',
    help: 'Requests refused because of who sent them, or from where.',
    labelNames: ['reason'] as const,
    registers,
  });
  return { calls, toolSeconds, upstreamSeconds, ledgerSeconds, quotas, refusals };
}

/** What alerts ask for is there from the start with 0, so that the first one is an increase. */
const authRefusals: readonly AuthRefusal[] = [
  'host',
  'origin',
  'no_token',
  'invalid_token',
  'cannot_verify',
  'scope',
  'caller',
];

function createPoolGauges(registry: Registry): Pick<Metrics, 'watchPool'> {
  const pools = new Map<string, () => PoolLoad>();
  const gauge = (name: string, help: string, valueOf: (load: PoolLoad) => number): void => {
    const labelNames = ['pool'] as const;
    const made = new Gauge({
      name,
      help,
      labelNames,
      registers: [],
      collect: () => {
        for (const [pool, load] of pools) made.set({ pool }, valueOf(load()));
      },
    });
    registry.registerMetric(made);
  };
  gauge('switchboard_pool_used', 'Connections in use, by database.', ({ used }) => used);
  gauge('switchboard_pool_waiting', 'Calls that wait for a connection, by database.', ({ waiting }) => waiting);
  return { watchPool: (pool, load) => pools.set(pool, load) };
}

function createStateGauges(registry: Registry, { waiting, isUp }: StateHealth): void {
  const queue: Gauge = new Gauge({
    name: 'switchboard_audit_queue',
    help: 'Audit records that are not written yet.',
    registers: [],
    collect: () => queue.set(waiting()),
  });
  const up: Gauge = new Gauge({
    name: 'switchboard_state_up',
    help: 'Whether the state database answers. Without it, writes are refused.',
    registers: [],
    collect: async () => up.set((await isUp()) ? 1 : 0),
  });
  registry.registerMetric(queue);
  registry.registerMetric(up);
}
