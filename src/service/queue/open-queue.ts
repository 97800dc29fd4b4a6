import { PgBoss } from 'pg-boss';
import { ConfigurationError } from '../../../servers/kit/errors.ts';
import type { Log } from '../../../servers/kit/log.ts';
import type { OccasionRow } from '../state/occasion-store.ts';
import type { Triggers } from '../triggers/triggers-file.ts';

/** What became of a job. */
export type JobEnd =
  | 'done'
  /** It failed and is tried again after a pause. */
  | 'again'
  /** It was tried too often: it goes to the dead letters. */
  | 'dead';

export interface QueueOptions {
  readonly url: string;
  /** How many runs at once in this process. */
  readonly concurrency: number;
  readonly limits: Triggers['limits'];
  readonly log: Log;
  /** Works on the occasion. Never rejects for what a run can do. */
  readonly work: (occasion: string) => Promise<JobEnd>;
}

/** Which occasion is next, for all workers. What is to be done is in the table of occasions. */
export interface Queue {
  /** An occasion is in the queue once, waiting or worked on. */
  readonly add: (row: Pick<OccasionRow, 'id' | 'runbook'>) => Promise<void>;
  /** Takes no more jobs, and waits for those that are worked on. */
  readonly drain: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const schema = 'switchboard_queue';
export const queueNames = { runs: 'runs', dead: 'dead-runs' } as const;
/** A job whose worker is silent for so long goes to another one: a little more than the lease of its occasion. */
const heartbeatSeconds = 20;
const options = {
  heartbeatSeconds,
  // Its own attempts are counted in the table, whatever ended them.
  retryLimit: 1_000,
  retryDelay: 2,
  retryBackoff: true,
  retryDelayMax: 120,
  expireInSeconds: 6 * 3600,
  notify: true,
} as const;

/** @throws ConfigurationError if the role may not make the schema. */
export async function openQueue({ url, concurrency, limits, log, work }: QueueOptions): Promise<Queue> {
  const boss = new PgBoss({
    connectionString: url,
    schema,
    application_name: 'switchboard-queue',
    max: 4,
    schedule: false,
    useListenNotify: true,
    // How soon the jobs of a dead worker are noticed.
    monitorIntervalSeconds: 10,
    superviseIntervalSeconds: 10,
    registerInstance: false,
    openTelemetry: { enabled: false },
  });
  boss.on('error', (error) => log('warn', 'the queue failed', { error: String(error) }));
  await boss.start().catch(explain);
  await boss.createQueue(queueNames.dead, { retentionSeconds: 30 * 86_400 });
  await boss.createQueue(queueNames.runs, { policy: 'exclusive', deadLetter: queueNames.dead, ...options });
  await boss.updateQueue(queueNames.runs, { deadLetter: queueNames.dead, ...options });
  const running = new Set<Promise<unknown>>();
  await boss.work<{ occasion: string }>(
    queueNames.runs,
    {
      perJobResults: true,
      localConcurrency: concurrency,
      groupConcurrency: concurrencyOf(limits),
      pollingIntervalSeconds: 1,
      notifyPollingIntervalSeconds: 2,
    },
    async (jobs) => {
      const results = Promise.all(
        jobs.map(async ({ id, data }) => ({ id, status: statuses[await work(data.occasion)] }) as const),
      );
      running.add(results);
      try {
        return await results;
      } finally {
        running.delete(results);
      }
    },
  );
  return {
    add: async ({ id, runbook }) => {
      const group = { id: runbook, tier: runbook };
      await boss.send(queueNames.runs, { occasion: id }, { singletonKey: id, group });
    },
    drain: async () => {
      await boss.offWork(queueNames.runs, { wait: false });
      await Promise.allSettled(running);
    },
    close: () => boss.stop({ graceful: true, timeout: 5_000 }),
  };
}

/** SQLSTATE of missing privileges. */
const lacksRights = '42501';

function explain(error: unknown): never {
  if (!(error instanceof Error) || !('code' in error) || error.code !== lacksRights) throw error;
  throw new ConfigurationError(
    `SWITCHBOARD_STATE_URL: ${error.message}. The worker makes the schema ${schema} of its queue: grant its role create on the database`,
    { cause: error },
  );
}

const statuses = { done: 'completed', again: 'failed', dead: 'deadletter' } as const;
/** More than any number of workers has places. */
const unlimited = 10_000;

function concurrencyOf(limits: Triggers['limits']): { default: number; tiers: Record<string, number> } {
  const tiers = Object.entries(limits).map(([runbook, { running = unlimited }]) => [runbook, running] as const);
  return { default: unlimited, tiers: Object.fromEntries(tiers) };
}
